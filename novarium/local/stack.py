"""The servers that NovaRium's processes need, and the environment that leads to them."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import redis

from novarium.local import postgres, valkey
from novarium.local.ports import LOOPBACK
from novarium.local.problem import SetupProblemError
from novarium.local.spawn import Child
from novarium.local.state import State

CONNECT_SECONDS = 5


@contextmanager
def hold(state: State) -> Iterator[State]:
    """Hold a state folder for the time of a ``with`` block."""
    state.acquire()
    try:
        yield state
    finally:
        state.release()


def throw_away_state() -> State:
    """Return a new state folder that is removed when it is released."""
    folder = Path(tempfile.mkdtemp(prefix="novarium-"))
    folder.chmod(0o711)  # PostgreSQL may run as another user, who has to pass through
    return State(folder, throw_away=True)


class Servers:
    """PostgreSQL and Valkey: embedded ones, or those that the environment names."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.children: list[Child] = []
        self.urls: dict[str, str] = {}

    def start_postgres(self) -> None:
        """Start the embedded PostgreSQL, or check the one that DATABASE_URL names."""
        url = os.environ.get("DATABASE_URL")
        if url:
            _require_postgres(url)
        else:
            server = postgres.start(self.state)
            self.children.append(server.child)
            url = server.url
        self.urls["DATABASE_URL"] = url

    def start_valkey(self) -> None:
        """Start the embedded Valkey, or check the one that REDIS_URL names."""
        url = os.environ.get("REDIS_URL")
        if url:
            _require_redis(url)
        else:
            server = valkey.start(self.state)
            self.children.append(server.child)
            url = server.url
        self.urls["REDIS_URL"] = url

    def stop(self) -> None:
        """Stop the embedded servers, all at the same time."""
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.stop()


@contextmanager
def running_servers(state: State) -> Iterator[Servers]:
    """Run both servers for the time of a ``with`` block."""
    with ExitStack() as cleanup:
        servers = Servers(state)
        cleanup.callback(servers.stop)
        servers.start_postgres()
        servers.start_valkey()
        yield servers


def environment(state: State, urls: Mapping[str, str], *, mode: str, port: int) -> dict[str, str]:
    """Return the environment of every process: ours, and what the settings read.

    Args:
        state: The state folder.
        urls: DATABASE_URL and REDIS_URL.
        mode: ``demo``, ``test`` or ``production``.
        port: Port of the web server.
    """
    env = dict(os.environ, PYTHONUNBUFFERED="1")
    env["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{env.get('PATH', os.defpath)}"
    env.setdefault("SECRET_KEY", state.secrets().secret_key)
    env.setdefault("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
    env |= urls
    env |= {"NOVARIUM_ENV": mode, "PORT": str(port), "STATE_DIR": str(state.folder)}
    env.setdefault("SHOP_BASE_URL", f"http://{LOOPBACK}:{port}")
    return env


def _require_postgres(url: str) -> None:
    try:
        psycopg.connect(url, connect_timeout=CONNECT_SECONDS).close()
    except psycopg.Error as error:
        raise SetupProblemError(
            "The database that DATABASE_URL names cannot be used; start it, correct the address,"
            f" or unset DATABASE_URL to use the embedded one. It says: {_first_line(error)}"
        ) from error


def _require_redis(url: str) -> None:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=CONNECT_SECONDS) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise SetupProblemError(
            "The server that REDIS_URL names cannot be used; start it, correct the address, or"
            f" unset REDIS_URL to use the embedded one. It says: {_first_line(error)}"
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0]
