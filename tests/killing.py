"""Work in processes of its own that tests kill at random moments: alone, its connections only, or Postgres below it.

A kill counts when it ended a process that had begun and was not done. Which moments do is luck, so that kills go on
until enough have: the number in a test is that of kills which hit. A server of processes that has Django and all of the
work loaded starts each in milliseconds.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import cycle
from multiprocessing.context import ForkServerProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import django
import psutil
import psycopg

django.setup()  # in the server of processes nobody has done it

from django.db import connections  # noqa: E402

from novarium.kernel import env  # noqa: E402
from novarium.local import postgres  # noqa: E402
from novarium.local.stack import hold  # noqa: E402
from novarium.local.state import REPOSITORY, State  # noqa: E402
from tests.local.running import family  # noqa: E402

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload([__name__, "tests.analytics.imports.importing", "tests.analytics.marts.building"])
VICTIM = "to be killed"  # the connections of processes that may be killed
ATTEMPTS = 4  # for each hit; drawn within the time that the work takes, six of ten kills hit
PATIENCE = 120  # seconds until a process has begun, and until one has ended

Database = dict[str, Any]
Kill = Callable[[ForkServerProcess], None]


@dataclass(frozen=True, slots=True)
class Work:
    """What is killed.

    Attributes:
        go_on: Does the work from where it stands to the end; called in a process of its own.
        begin_anew: Makes it stand at its beginning again; likewise.
        arguments: What both are called with.
    """

    go_on: Callable[..., object]
    begin_anew: Callable[..., object]
    arguments: tuple[object, ...]


class Server:
    """The Postgres that holds the test's database, which only loses connections."""

    def __init__(self, database: Database) -> None:
        self.database = {name: database[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}

    def ask(self, function: Callable[..., Any], *arguments: object) -> Any:
        """Return what a function returns that is called in a process with this database."""
        with ProcessPoolExecutor(1, mp_context=CONTEXT) as pool:
            return pool.submit(_call, self.database, function, arguments).result(PATIENCE)

    def start(self, work: Work) -> ForkServerProcess:
        """Let the work go on in a process of its own, and return when it does."""
        begun = CONTEXT.Event()
        process = CONTEXT.Process(target=_go_on, args=(begun, self.database, work.go_on, work.arguments))
        process.start()
        assert begun.wait(PATIENCE)
        return process

    def finish(self, work: Work) -> float:
        """Do the work to its end; return the seconds it took."""
        process = self.start(work)
        began = time.monotonic()
        process.join(PATIENCE)
        assert process.exitcode == 0
        return time.monotonic() - began

    def survive(self, work: Work, kills: Sequence[str], *, hits: int, draw: random.Random) -> None:
        """Kill the work until so many kills have hit it, begin anew whenever it is done, and finish it.

        Args:
            kills: Names of this server's methods that kill, which take turns.
        """
        self.ask(work.begin_anew, *work.arguments)
        seconds = self.finish(work)
        self.ask(work.begin_anew, *work.arguments)
        turns: Iterator[Kill] = cycle([getattr(self, name) for name in kills])
        kill, hit = next(turns), 0
        for _attempt in range(ATTEMPTS * hits):
            if self._is_hit(work, kill, after=draw.uniform(0, seconds)):
                kill, hit = next(turns), hit + 1
            else:
                self.ask(work.begin_anew, *work.arguments)
            if hit == hits:
                break
        assert hit == hits, f"{ATTEMPTS * hits} kills hit only {hit} times in what took {seconds:.2f} s at first"
        self.finish(work)

    def _is_hit(self, work: Work, kill: Kill, *, after: float) -> bool:
        process = self.start(work)
        process.join(after)
        assert process.exitcode in {None, 0}, "the work failed before it was killed"
        kill(process)
        process.join(PATIENCE)
        assert process.exitcode is not None, "the work hangs after the kill"
        return process.exitcode != 0

    def kill_process(self, process: ForkServerProcess) -> None:
        """Kill the process that works."""
        process.kill()

    def end_connections(self, _process: ForkServerProcess) -> None:
        """End all connections of processes that work."""
        with self.connect() as connection:
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and application_name = %s",
                [VICTIM],
            )

    def connect(self) -> psycopg.Connection:
        """Return a connection to the database."""
        wanted = {"dbname": self.database["NAME"], "user": self.database["USER"], "password": self.database["PASSWORD"]}
        return psycopg.connect(**wanted, host=self.database["HOST"], port=self.database["PORT"])


class OwnServer(Server):
    """A Postgres of its own that survives as a durable one does, and can be killed itself."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.start_postgres()

    def start_postgres(self) -> None:
        """Start Postgres, after a kill on another port."""
        self._server = postgres.start(self._state)
        super().__init__(env.postgres(self._server.url))

    def provision(self) -> None:
        """Make all tables and roles."""
        roles = {"SHOP_ROLE": "kill_shop", "READER_ROLE": "kill_reader"}
        subprocess.run(
            [sys.executable, "manage.py", "provision", "--verbosity=0"],
            cwd=REPOSITORY,
            env=os.environ | {"DATABASE_URL": self._server.url} | roles,
            check=True,
        )

    def kill_postgres(self, process: ForkServerProcess) -> None:
        """Kill all of Postgres' processes at once, let the work find out, and start Postgres again."""
        for each in family(self._server.child.process.pid):
            with suppress(psutil.NoSuchProcess):
                if each.name() == "postgres":
                    each.kill()
        self._server.child.wait(30)
        process.join(PATIENCE)
        self.start_postgres()

    def stop(self) -> None:
        """Stop Postgres."""
        self._server.child.stop()


@contextmanager
def own_server(folder: Path) -> Iterator[OwnServer]:
    """Run a Postgres of its own with all tables."""
    with hold(State(folder)) as state:
        server = OwnServer(state)
        try:
            server.provision()
            yield server
        finally:
            server.stop()


def _go_on(begun: Event, database: Database, function: Callable[..., object], arguments: Sequence[object]) -> None:
    os.environ["PGAPPNAME"] = VICTIM
    begun.set()
    _call(database, function, arguments)


def _call(database: Database, function: Callable[..., object], arguments: Sequence[object]) -> object:
    connections["default"].settings_dict.update(database)
    return function(*arguments)
