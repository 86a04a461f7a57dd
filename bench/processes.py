"""The web server as production runs it, started for a benchmark, and the CPU time of processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import urllib3

from novarium.local.processes import WEB

STARTS_WITHIN = 120.0  # seconds


@dataclass(frozen=True, slots=True)
class Server:
    """A running web server."""

    pid: int
    url: str

    def cpu_seconds(self) -> float:
        """Return the CPU time of the server's processes so far."""
        return sum(cpu_seconds(pid) for pid in (self.pid, *_children(self.pid)))


@contextmanager
def web_server() -> Iterator[Server]:
    """Start the web server with production's command on a free port, and stop it at the end."""
    port = free_port()
    with running(WEB.command(host="127.0.0.1", port=port), port=port, WEB_WORKERS="2") as server:
        yield server


@contextmanager
def running(command: Sequence[str], *, port: int, ready: str = "/healthz", **settings: str) -> Iterator[Server]:
    """Start a server of our environment, wait until it answers, and stop it at the end."""
    executable = Path(sys.executable).parent / command[0]
    with tempfile.TemporaryDirectory() as folder, Path(folder, "log").open("w+") as log:
        environment = {**os.environ, "LOG_LEVEL": "WARNING", "PROMETHEUS_MULTIPROC_DIR": folder, **settings}
        process = subprocess.Popen(  # our own command
            [str(executable), *command[1:]], env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_for(url + ready, process)
            yield Server(process.pid, url)
        except SystemExit:
            print(Path(log.name).read_text()[-4000:], file=sys.stderr)  # why the server did not answer as it should
            raise
        finally:
            process.terminate()
            process.wait(timeout=20)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and process.poll() is None:
        try:
            if urllib3.request("GET", url, retries=False, timeout=2).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.2)
    raise SystemExit("The web server did not start.")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name, which may hold blanks."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of a process so far."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _children(pid: int) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if int(_stat(int(entry.name))[1]) == pid:
                    found.append(int(entry.name))
            except (FileNotFoundError, ProcessLookupError):
                continue
    return found
