"""Engines beside Postgres: rows come out of it by COPY, are built with the same SQL elsewhere, and go back by COPY.

What Postgres reads row by row and writes with all its guarantees stays there; only the computing moves. Rows travel as
CSV through files, so that neither side holds them in memory.
"""

from __future__ import annotations

import importlib
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg import sql

from analytics.marts import tables
from analytics.marts.catalogue import SqlModel, model_named, sql_models
from analytics.marts.connections import beside_build_of
from analytics.marts.relations import CRM_SELECTS, Step, loaded, zone_offset
from analytics.marts.scope import Scope
from novarium.kernel.errors import DomainError

MODULES = {"duckdb": "analytics.marts.duck", "spark": "analytics.marts.spark"}
COPIERS = 2  # connections that write tables back
BLOCK = 1 << 20  # bytes of a file that are in memory


class EngineFailed(DomainError):
    """An engine is not installed, cannot be reached, or could not do what it was told."""

    status = 503
    title = gettext_lazy("Engine failed")


class Session(ABC):
    """A build under way in an engine; what was built stays until it is closed.

    Attributes:
        folder: Where rows pass through; what is in it goes with the session.
    """

    def __init__(self, scope: Scope, folder: Path) -> None:
        self.scope = scope
        self.folder = folder
        self._known = {model.name: model for model in sql_models()}
        self._made: set[str] = set()

    def make(self, name: str, *, extra: Mapping[str, Any]) -> None:
        """Build a model and whatever it reads, unless it is there.

        Args:
            extra: Values that the SQL names besides the scope's bounds.

        Raises:
            EngineFailed: The engine could not.
        """
        if name in self._made or name == "nothing":
            return
        self._made.add(name)
        if name == "touched_days":
            self.make("visitor_days", extra=extra)
            self.alias(name, of="visitor_days")
        elif name in self._known:
            model = self._known[name]
            for read in model.reads:
                self.make(read, extra=extra)
            values = {**self.scope.bounds, **extra}
            self.create(model, {key: value for key, value in values.items() if f"%({key})s" in model.text})
            for read in model.reads:
                if read.startswith(("loaded_", "stg_")) and self._is_last_reader(model, of=read):
                    self.forget(read)
        else:
            self._bring(name)

    def make_large(self, names: Sequence[str], *, into: Mapping[str, str], extra: Mapping[str, Any]) -> list[Step]:
        """Build models and copy each into its new, large table of the warehouse while the next is built.

        Each table is written in a transaction of its own.
        """
        if connection.in_atomic_block:  # somebody's transaction, which no other connection sees
            for name in names:
                self.make(name, extra=extra)
            return [self._write_large(name, into[name]) for name in names]

        def job(name: str) -> Step:
            with beside_build_of(self.scope.dataset_id):
                return self._write_large(name, into[name])

        jobs = []
        with ThreadPoolExecutor(COPIERS) as pool:
            for name in names:
                self.make(name, extra=extra)
                jobs.append(pool.submit(job, name))
            return [written.result() for written in jobs]

    def add_rows(self, cursor: Any, model: SqlModel) -> Step:
        """Copy a built table into the warehouse's own, which has been cleared of the dataset."""
        began = time.perf_counter()
        rows = self._copy(cursor, model, model.table)
        return Step(name=model.name, table=model.table, rows=rows, seconds=round(time.perf_counter() - began, 3))

    @abstractmethod
    def create(self, model: SqlModel, values: Mapping[str, Any]) -> None:
        """Keep what a model selects under its name; the text names the values as ``%(name)s``."""

    @abstractmethod
    def alias(self, name: str, *, of: str) -> None:
        """Let a name mean what another does."""

    @abstractmethod
    def forget(self, name: str) -> None:
        """Drop what nothing reads any more."""

    @abstractmethod
    def read_file(self, name: str, path: Path, columns: Mapping[str, str]) -> None:
        """Keep the rows of a CSV file without header under a name; columns have the names of Postgres' types."""

    @abstractmethod
    def _copy(self, cursor: Any, model: SqlModel, table: str) -> int:
        """Add what is kept to a table of the warehouse by COPY; return the rows. Several threads may at once."""

    def _is_last_reader(self, model: SqlModel, *, of: str) -> bool:
        readers = {other.name for other in sql_models() if of in other.reads}
        return readers <= {*self._made, model.name}

    def _bring(self, name: str) -> None:
        """Copy what a name means in Postgres."""
        path = self.folder / f"{name}.csv"
        with transaction.atomic(), connection.cursor() as cursor:
            text = cursor.mogrify(_meaning(cursor, self.scope, name), self.scope.bounds)
            cursor.execute(sql.SQL("select * from ({}) as made limit 0").format(sql.SQL(text)))
            types = connection.connection.adapters.types
            columns = {column.name: types[column.type_code].name for column in cursor.description}
            statement = sql.SQL("copy ({}) to stdout (format csv)").format(sql.SQL(text))
            with path.open("wb", buffering=BLOCK) as file, cursor.copy(statement) as copy:
                for block in copy:
                    file.write(block)
        self.read_file(name, path, columns)
        path.unlink()

    def _write_large(self, name: str, table: str) -> Step:
        began = time.perf_counter()
        with transaction.atomic(), connection.cursor() as cursor:
            tables.create(cursor, {name: table}, dataset_id=self.scope.dataset_id)
            rows = self._copy(cursor, model_named(name), table)
            tables.index(cursor, name, table)
            cursor.execute(sql.SQL("analyze {}").format(sql.Identifier(*table.split("."))))
        seconds = round(time.perf_counter() - began, 3)
        return Step(name=name, table=model_named(name).table, rows=rows, seconds=seconds)


@contextmanager
def open_session(engine: str, scope: Scope) -> Iterator[Session]:
    """Open an engine for a build, and close it afterwards.

    Raises:
        EngineFailed: It is not installed or cannot be reached.
    """
    with ExitStack() as stack:
        try:
            session = stack.enter_context(importlib.import_module(MODULES[engine]).open_session(scope))
        except ModuleNotFoundError as error:
            told = _('%(module)s is not installed here: pip install "novarium[%(engine)s]".')
            raise EngineFailed(told % {"module": error.name, "engine": engine}) from error
        yield session


def _meaning(cursor: Any, scope: Scope, name: str) -> sql.Composable:
    """Return the select behind a name that no model has."""
    if name.startswith("loaded_"):
        return loaded(cursor, scope, name.removeprefix("loaded_"))
    return sql.SQL(CRM_SELECTS[name]) if name in CRM_SELECTS else zone_offset(scope)
