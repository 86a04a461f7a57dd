"""Starts the set-up in a process of its own, for tests that stop or kill it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress

import psutil

from novarium.local.state import REPOSITORY

# What an outer run (these tests themselves) exports, and what would replace our own servers.
FOREIGN = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "STATE_DIR", "PORT", "NOVARIUM_STATE", "SHOP_BASE_URL")


def own_env(**settings: str) -> dict[str, str]:
    """Return our environment without the servers of an outer run."""
    return {name: value for name, value in os.environ.items() if name not in FOREIGN} | settings


@contextmanager
def started(*arguments: str, module: str = "novarium.local", **settings: str) -> Iterator[subprocess.Popen[str]]:
    """Run ``python -m MODULE ARGUMENTS…``, and make sure that it is gone afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=REPOSITORY,
        env=own_env(**settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def local(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run ``python -m novarium.local ARGUMENTS…`` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "novarium.local", *arguments],
        cwd=REPOSITORY,
        env=own_env(**settings),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def line_with(process: subprocess.Popen[str], word: str) -> str:
    """Return the first line of output that holds a word."""
    seen = []
    for line in process.stdout or ():
        seen.append(line)
        if word in line:
            return line
    raise AssertionError(f"{word!r} did not appear in:\n{''.join(seen)}")


def family(pid: int) -> list[psutil.Process]:
    """Return all processes below one."""
    return psutil.Process(pid).children(recursive=True)


def survivors(processes: Sequence[psutil.Process], *, seconds: float = 15) -> list[psutil.Process]:
    """Return those that still run after the given time."""
    return psutil.wait_procs(processes, timeout=seconds)[1]


def eventually(condition: Callable[[], object], *, seconds: float = 60) -> bool:
    """Return whether a condition came true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def named(processes: Sequence[psutil.Process], word: str) -> list[psutil.Process]:
    """Return the processes whose command line holds a word; one may end while we look."""
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if word in " ".join(process.cmdline()):
                found.append(process)
    return found


def programs(processes: Sequence[psutil.Process]) -> Mapping[str, int]:
    """Count processes by the name of their program; one may end while we look."""
    names = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            names.append(process.name())
    return {name: names.count(name) for name in names}
