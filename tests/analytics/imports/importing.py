"""Imports in processes of their own, which tests kill: started in milliseconds by a server that has Django loaded."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import django
import psycopg

django.setup()  # in the server of processes nobody has done it

from django.db import DatabaseError, connections  # noqa: E402

from analytics.imports.datasets import open_dataset  # noqa: E402
from analytics.imports.loading import import_log  # noqa: E402
from bench import retailrocket  # noqa: E402

BLOCK_BYTES = 16_384
KEY = "killed"
VICTIM = "killed import"  # the connections of processes that may be killed
ROWS = (
    "select line, at_ms, visitor, event, item, transaction from warehouse.analytics_rawretailrocketevent order by 1",
    "select line, category, parent from warehouse.analytics_rawretailrocketcategory order by 1",
    "select part, line, at_ms, item, property, value from warehouse.analytics_rawretailrocketproperty order by 1, 2",
    "select file_id - min(file_id) over (), line, reason, text from warehouse.analytics_rejectedline order by 1, 2",
    "select name, position, lines, rejected from warehouse.analytics_importfile order by 1",
)

Database = dict[str, Any]


def import_folder(folder: str, database: Database) -> None:
    """Import the folder into that database, in a process of its own."""
    os.environ["PGAPPNAME"] = VICTIM
    connections["default"].settings_dict.update(database)
    try:
        import_log(open_dataset(key=KEY, form="retailrocket"), Path(folder), block_bytes=BLOCK_BYTES)
    except DatabaseError:  # Postgres was killed: no news here
        sys.exit(1)


def rows(database: Database) -> list[list[tuple]]:
    """Return everything that imports wrote, lines and checkpoints."""
    wanted = {"dbname": database["NAME"], "user": database["USER"], "password": database["PASSWORD"]}
    with psycopg.connect(**wanted, host=database["HOST"], port=database["PORT"]) as connection:
        return [connection.execute(statement).fetchall() for statement in ROWS]


@dataclass
class Importer:
    """Starts imports of one folder, and kills them."""

    folder: Path
    database: Database

    def __post_init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload([__name__])

    def start(self) -> ForkServerProcess:
        process = self._context.Process(target=import_folder, args=(str(self.folder), self.database))
        process.start()
        return process

    def finish(self) -> float:
        """Import to the end; return the seconds it took."""
        began = time.monotonic()
        process = self.start()
        process.join(120)
        assert process.exitcode == 0
        return time.monotonic() - began

    def survive(self, draw: random.Random, kills: Sequence[Callable[[int], None]], *, within: float) -> int:
        """Kill an import after a random time for each kill; return how many were killed in the midst."""
        hit = 0
        for kill in kills:
            process = self.start()
            process.join(draw.uniform(0.1, within))
            hit += process.exitcode is None
            kill(process.pid or 0)
            process.join(120)
            assert process.exitcode is not None
        return hit


def kill_process(pid: int) -> None:
    """Kill an import, if it has not ended."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def write_log(folder: Path, *, events: int) -> None:
    """Write a small log with lines that have to be refused."""
    retailrocket.write(folder, size=retailrocket.Size.of(events), nasty=40)
