"""Starts commands behind :mod:`novarium.local.child`, so that none outlives this process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from novarium.local import child

_KEEPER = Path(child.__file__)
_KEEPER_MARGIN_SECONDS = 5.0


@dataclass(frozen=True)
class Launch:
    """A command and the circumstances under which it runs.

    Attributes:
        name: What log file and messages call it.
        command: Program and arguments.
        env: The whole environment of the command.
        log: File that its output is appended to.
        output: File descriptor for its output where there is no log; None lets it use ours.
        stop_signal: Signal that asks it to stop in an orderly way.
        grace: Seconds it has for that.
        account: Whose rights it has (constants of :mod:`novarium.local.child`).
        remove: Folder to remove should this process be killed.
        keep_open: File descriptors that stay open until everything of the command has ended.
        cwd: Folder it runs in.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    log: Path | None = None
    output: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10.0
    account: str = child.SAME_USER
    remove: Path | None = None
    keep_open: tuple[int, ...] = ()
    cwd: Path | None = None


class Child:
    """A running command. Start it from the main thread: its life hangs on the starting thread."""

    def __init__(self, launch: Launch, process: subprocess.Popen[bytes]) -> None:
        self.launch = launch
        self.process = process
        self.started = time.monotonic()

    @classmethod
    def start(cls, launch: Launch) -> Child:
        """Start the command in a session of its own, so that Ctrl-C reaches only us."""
        options = child.Options(
            parent=os.getpid(),
            stop_signal=launch.stop_signal,
            grace=launch.grace,
            account=launch.account,
            remove=str(launch.remove) if launch.remove else None,
        )
        output = launch.log.open("ab") if launch.log else None
        try:
            process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_KEEPER), options.to_json(), *launch.command],
                env=dict(launch.env),
                stdin=subprocess.DEVNULL if output else None,
                stdout=output or launch.output,
                stderr=subprocess.STDOUT if output or launch.output else None,
                start_new_session=True,
                pass_fds=launch.keep_open,
                cwd=launch.cwd,
            )
        finally:
            if output:
                output.close()
        started = cls(launch, process)
        _started.append(started)
        return started

    @property
    def exit_code(self) -> int | None:
        """The command's exit code, or None while it runs."""
        return self.process.poll()

    def ask_to_stop(self) -> None:
        """Send the command its stop signal; it is killed when its grace is over."""
        if self.exit_code is None:
            self.process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the command and everything it started at once."""
        if self.exit_code is None:
            self.process.send_signal(signal.SIGQUIT)

    def wait(self, timeout: float | None = None) -> int:
        """Wait until nothing of the command is left and return its exit code."""
        return self.process.wait(timeout)

    def stop(self) -> int:
        """Stop the command in an orderly way, by force when it takes too long."""
        self.ask_to_stop()
        return self.wait(self.launch.grace + _KEEPER_MARGIN_SECONDS)


def run_to_end(launch: Launch) -> int:
    """Run a command to its end and return its exit code; stop it when we are interrupted."""
    child = Child.start(launch)
    try:
        return child.wait()
    finally:
        child.stop()


_started: list[Child] = []


def kill_everything() -> None:
    """End every command that this process has started, at once."""
    for each in _started:
        each.kill()


def last_lines(log: Path, count: int = 20) -> str:
    """Return the end of a log file, for a message about why a process failed."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-count:])
