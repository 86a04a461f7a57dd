"""What ``python -m novarium.local`` can do, one function each."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import FrameType

from novarium.local.ports import free_port
from novarium.local.spawn import Child, Launch
from novarium.local.stack import environment, hold, running_servers, throw_away_state
from novarium.local.state import REPOSITORY, State


class Interrupted(BaseException):
    """A signal asked this process to stop; unwinds every ``with`` block on its way out."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


def unwind_on_signals() -> None:
    """Turn requests to stop into an :class:`Interrupted`, so that servers are stopped too."""

    def interrupt(number: int, _frame: FrameType | None) -> None:
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, interrupt)


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
            manage = [sys.executable, str(REPOSITORY / "manage.py")]
            for step in ("provision", "migrate"):
                code = run_child([*manage, step], env, state)
                if code != 0:
                    return code
        return run_child(command, env, state)


def run_child(command: Sequence[str], env: Mapping[str, str], state: State) -> int:
    """Run a command to its end, with our terminal, and return its exit code."""
    child = Child.start(
        Launch(
            name=Path(command[0]).name,
            command=command,
            env=env,
            stop_signal=signal.SIGINT,
            grace=20.0,
            keep_open=(state.lock_descriptor,),
        )
    )
    try:
        return child.wait()
    except Interrupted:
        child.stop()
        raise
