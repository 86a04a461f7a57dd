"""Runs one command so that nothing of it outlives the process that asked for it.

Started as a file, with the standard library only: ``python -I -S child.py OPTIONS COMMAND…``,
where OPTIONS is the JSON form of :class:`Options`. It stands between a supervisor and a command:

* the kernel signals it when the supervisor dies, even by ``kill -9`` (``PR_SET_PDEATHSIG``);
* orphans of the command come to it (``PR_SET_CHILD_SUBREAPER``), so that grandchildren which a
  killed process leaves behind are found and ended too;
* it can run the command without root rights, which PostgreSQL insists on.
"""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
CLONE_NEWUSER = 0x10000000
NOBODY = 65534

SAME_USER = "same"
USER_NAMESPACE = "namespace"
NOBODY_USER = "nobody"

ORPHAN_GRACE_SECONDS = 2.0
LEFTOVER_GRACE_SECONDS = 1.0
WATCHED = {signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT}
REQUESTS_TO_STOP = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP}

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Options:
    """How to run the command.

    Attributes:
        parent: Process id of the supervisor; the command is not started once that is gone.
        stop_signal: Signal that asks the command to stop in an orderly way.
        grace: Seconds between that signal and ``SIGKILL``.
        account: Whose rights the command has: SAME_USER, USER_NAMESPACE or NOBODY_USER.
        remove: Folder to remove when the supervisor died, because it cannot do so any more.
    """

    parent: int
    stop_signal: int = signal.SIGTERM
    grace: float = 10.0
    account: str = SAME_USER
    remove: str | None = None

    def to_json(self) -> str:
        """Return the form in which the options travel on the command line."""
        return json.dumps(asdict(self))


def _prctl(option: int, value: int) -> None:
    if _libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl refused")


def enter_user_namespace() -> None:
    """Become user 65534 in a new user namespace; to the file system the rights stay the same.

    Raises:
        OSError: The kernel or the container refuses new user namespaces.
    """
    uid, gid = os.geteuid(), os.getegid()
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are refused")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1")


def become_nobody() -> None:
    """Drop root rights for those of ``nobody``, for good."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def drop_rights(account: str) -> None:
    """Change this process to the account named by one of the constants above."""
    if account == USER_NAMESPACE:
        enter_user_namespace()
    elif account == NOBODY_USER:
        become_nobody()


def descendants(root: int) -> Iterator[int]:
    """Yield the ids of all processes below ``root``, parents before their children."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            parent = int(stat.rpartition(")")[2].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    queue = list(children.get(root, ()))
    while queue:
        pid = queue.pop(0)
        yield pid
        queue += children.get(pid, ())


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _signal_descendants(number: int) -> None:
    for pid in list(descendants(os.getpid())):
        _signal(pid, number)


class Keeper:
    """Waits for the command, passes requests to stop on, and ends what it leaves behind."""

    def __init__(self, main: int, options: Options) -> None:
        self.main = main
        self.options = options
        self.status: int | None = None
        self.kill_at: float | None = None

    @property
    def orphaned(self) -> bool:
        """Whether the supervisor is gone."""
        return os.getppid() != self.options.parent

    def run(self) -> int:
        """Keep the command until it and everything it started has ended; return its exit code."""
        while self._reap() and self.status is None:
            self._wait_for_signal()
        self._end_leftovers()
        if self.options.remove and self.orphaned:
            shutil.rmtree(self.options.remove, ignore_errors=True)
        code = os.waitstatus_to_exitcode(self.status or 0)
        return code if code >= 0 else 128 - code

    def _reap(self) -> bool:
        """Collect ended children; return whether any child is left."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return False
            if pid == 0:
                return True
            if pid == self.main:
                self.status = status

    def _wait_for_signal(self) -> None:
        info = signal.sigtimedwait(WATCHED, 1.0)
        now = time.monotonic()
        if info is not None and info.si_signo in REQUESTS_TO_STOP:
            _signal(self.main, self.options.stop_signal)
            self._kill_after(ORPHAN_GRACE_SECONDS if self.orphaned else self.options.grace)
        elif info is not None and info.si_signo == signal.SIGQUIT:
            self.kill_at = now
        if self.kill_at is not None and now >= self.kill_at:
            _signal_descendants(signal.SIGKILL)

    def _kill_after(self, grace: float) -> None:
        kill_at = time.monotonic() + grace
        self.kill_at = kill_at if self.kill_at is None else min(self.kill_at, kill_at)

    def _end_leftovers(self) -> None:
        _signal_descendants(signal.SIGTERM)
        kill_at = time.monotonic() + LEFTOVER_GRACE_SECONDS
        while self._reap():
            if time.monotonic() >= kill_at:
                _signal_descendants(signal.SIGKILL)
            signal.sigtimedwait({signal.SIGCHLD}, 0.1)


def _become(command: list[str], options: Options, keeper: int) -> None:
    """Turn the forked process into the command; never returns."""
    try:
        drop_rights(options.account)
        _prctl(PR_SET_PDEATHSIG, options.stop_signal)
        if os.getppid() == keeper:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
            os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        print(f"{command[0]} cannot be started: {error}", file=sys.stderr, flush=True)
    finally:
        os._exit(127)


def main() -> int:
    """Run the command line ``child.py OPTIONS COMMAND…``."""
    options = Options(**json.loads(sys.argv[1]))
    command = sys.argv[2:]
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    if os.getppid() != options.parent:
        return 1
    keeper = os.getpid()
    pid = os.fork()
    if pid == 0:
        _become(command, options, keeper)
    return Keeper(pid, options).run()


if __name__ == "__main__":
    sys.exit(main())
