"""What ``python -m novarium.local`` can do besides the demo and the tests."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from novarium.local import account, bootstrap
from novarium.local.console import say
from novarium.local.interrupt import unwind_on_signals
from novarium.local.ports import free_port
from novarium.local.problem import SetupProblemError
from novarium.local.spawn import Launch, run_to_end
from novarium.local.stack import environment, hold, running_servers, throw_away_state
from novarium.local.state import REPOSITORY, State

MANAGE = (sys.executable, str(REPOSITORY / "manage.py"))
LOCKS = (
    ("requirements.lock", ("--extra", "local")),
    ("requirements-dev.lock", ("--extra", "local", "--extra", "dev", "-c", "requirements.lock")),
)


def run(command: Sequence[str], *, folder: Path | None, prepare: bool) -> int:
    """Run a command on servers that live as long as it does.

    Args:
        command: Program and arguments.
        folder: State folder that keeps the data; None for throw-away servers.
        prepare: Whether to provision and migrate the database first.

    Returns:
        The command's exit code.
    """
    unwind_on_signals()
    state = State(folder.resolve()) if folder else throw_away_state()
    with hold(state), running_servers(state) as servers:
        env = environment(state, servers.urls, mode="test", port=free_port())
        if prepare:
            code = run_to_end(_in_front([*MANAGE, "provision", "--verbosity=0"], env, state))
            if code != 0:
                return code
        return run_to_end(_in_front(command, env, state))


def _in_front(command: Sequence[str], env: Mapping[str, str], state: State) -> Launch:
    return Launch(
        name=Path(command[0]).name,
        command=command,
        env=env,
        grace=20.0,
        keep_open=(state.lock_descriptor,),
    )


def reset(folder: Path) -> int:
    """Remove a state folder, unless something runs on it.

    Raises:
        SetupProblemError: A demo runs on it, or it is not ours.
    """
    state = State(folder)
    if not folder.exists():
        say(f"There is no state in {folder}; make demo starts afresh.")
        return 0
    state.acquire(patience=3.0)
    for place in (account.outside_place(folder), folder):
        if place.exists():
            shutil.rmtree(place)
    say(f"Removed {folder}; make demo starts afresh.")
    return 0


def manage(folder: Path, arguments: Sequence[str]) -> int:
    """Become ``manage.py`` in the environment of the running demo.

    Raises:
        SetupProblemError: No demo runs.
    """
    env = dict(os.environ) | State(folder).read_env()
    os.execve(MANAGE[0], [*MANAGE, *arguments], env)  # noqa: S606


def lock() -> int:
    """Resolve the dependencies anew and write both lock files, without any index address.

    Raises:
        SetupProblemError: They cannot be resolved; uv has said why.
    """
    uv = str(bootstrap.VENV / "bin" / "uv")
    env = dict(os.environ) | bootstrap.uv_settings([sys.executable, "-I", "-m", "pip"])
    for name, extras in LOCKS:
        command = [
            *(uv, "pip", "compile", "--quiet", "--python-version", "3.11", "--generate-hashes"),
            *("--no-emit-index-url", "--no-emit-find-links"),
            *("--custom-compile-command", "make lock"),
            *extras,
            *("pyproject.toml", "-o", name),
        ]
        if run_to_end(Launch(name="uv", command=command, env=env, cwd=REPOSITORY)) != 0:
            raise SetupProblemError(f"{name} could not be locked; uv says above what conflicts.")
        say(f"Wrote {name}.")
    return 0
