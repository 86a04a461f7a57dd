"""Runs every check of the code, and the tests, on throw-away servers."""

from __future__ import annotations

import os
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass

from novarium.local.console import say
from novarium.local.interrupt import unwind_on_signals
from novarium.local.ports import free_port
from novarium.local.spawn import Child, Launch, run_to_end
from novarium.local.stack import environment, hold, running_servers, throw_away_state
from novarium.local.state import REPOSITORY, State

MANAGE = (sys.executable, "manage.py")


@dataclass(frozen=True)
class Check:
    """A command that must succeed, with settings of its own where it needs them."""

    title: str
    command: tuple[str, ...]
    production: bool = False


CHECKS = (
    Check("Lint (ruff check)", ("ruff", "check", ".")),
    Check("Format (ruff format)", ("ruff", "format", "--check", ".")),
    Check("Types (mypy)", ("mypy",)),
    Check("Architecture (import-linter)", ("lint-imports",)),
    Check("Migrations (makemigrations --check)", (*MANAGE, "makemigrations", "--check", "--dry-run")),
    Check(
        "Production settings (check --deploy)",
        (*MANAGE, "check", "--deploy", "--fail-level", "WARNING"),
        production=True,
    ),
)


def verify(*, marked: str, checks: tuple[Check, ...] = CHECKS) -> int:
    """Run the checks and then the tests, all of them even when one fails.

    Args:
        marked: pytest's expression for the tests to run.
        checks: What to run before the tests.

    Returns:
        0 when everything succeeded, otherwise 1.
    """
    unwind_on_signals()
    started = time.monotonic()
    state = throw_away_state()
    with hold(state), running_servers(state) as servers:
        env = environment(state, servers.urls, mode="test", port=free_port())
        failed = [check.title for check in checks if not _passes(check, env, state)]
        say("  · Tests (pytest)\n")
        code, closing_line = _pytest(marked, env, state)
    if code != 0:
        failed.append("Tests (pytest)")
    outcome = f"failed: {', '.join(failed)}" if failed else "everything passed"
    say(f"\n  {'✗' if failed else '✓'} {outcome} in {time.monotonic() - started:.0f} s")
    say(closing_line)
    return 1 if failed else 0


def production_settings(env: Mapping[str, str]) -> dict[str, str]:
    """Return an environment like a server's."""
    return {
        **env,
        "NOVARIUM_ENV": "production",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "novarium.example",
    }


def _passes(check: Check, env: Mapping[str, str], state: State) -> bool:
    log = state.logs / "check.log"
    log.unlink(missing_ok=True)
    settings = production_settings(env) if check.production else env
    started = time.monotonic()
    code = run_to_end(Launch(name=check.title, command=check.command, env=settings, log=log, cwd=REPOSITORY))
    say(f"  {'✗' if code else '✓'} {check.title:<52}{time.monotonic() - started:6.1f} s")
    if code != 0:
        say(log.read_text(errors="replace"))
    return code == 0


def _pytest(marked: str, env: Mapping[str, str], state: State) -> tuple[int, str]:
    """Run pytest, passing its output on; return its exit code and its closing line."""
    read_end, write_end = os.pipe()
    launch = Launch(
        name="pytest",
        command=("pytest", "-m", marked, "-n", "2", "--dist", "loadfile"),
        env=env,
        output=write_end,
        grace=20.0,
        keep_open=(state.lock_descriptor,),
        cwd=REPOSITORY,
    )
    child = Child.start(launch)
    os.close(write_end)
    closing_line = "pytest printed nothing"
    try:
        with os.fdopen(read_end, errors="replace") as output:
            for line in output:
                say(line.rstrip("\n"))
                closing_line = line.strip() or closing_line
        return child.wait(), closing_line
    finally:
        child.stop()
