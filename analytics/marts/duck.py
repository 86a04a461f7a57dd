"""The same SQL on DuckDB, inside the worker: rows come in by COPY, are built in memory, and go back by COPY.

What Postgres reads row by row and writes with all its guarantees stays there; only the computing moves. It pays for a
full build of a large dataset, see ARCHITECTURE.md.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from django.db import connection, transaction
from psycopg import sql

from analytics.imports.binary_rows import HEAD, TAIL, Column, Number, binary_rows
from analytics.imports.fields import Field
from analytics.marts import tables
from analytics.marts.catalogue import SqlModel, model_named, sql_models
from analytics.marts.relations import CRM_RULE, Step, loaded
from analytics.marts.scope import Scope

MEMORY = "600MB"  # beyond it DuckDB goes to disk
TEXT = "text"
WIRE = {"int2": ">i2", "int4": ">i4", "int8": ">i8", "text": TEXT, "varchar": TEXT}
CHUNK = 100_000  # rows that go back at once
TYPES = {"varchar": "VARCHAR", "int2": "SMALLINT", "int4": "INTEGER", "int8": "BIGINT", "text": "VARCHAR"}
COPIERS = 2  # connections that write tables back


class Session:
    """A build under way in DuckDB; the tables that were built stay until it is closed."""

    def __init__(self, scope: Scope) -> None:
        """Open an empty database in memory.

        Raises:
            ModuleNotFoundError: the optional package ``duckdb`` is not installed.
        """
        import duckdb  # noqa: PLC0415 - an optional extra

        self.scope = scope
        self._folder = tempfile.TemporaryDirectory(prefix="novarium-marts-")
        self.database = duckdb.connect()
        self.database.execute(f"set memory_limit = '{MEMORY}'")
        self.database.execute("set preserve_insertion_order = false")
        self.database.execute(f"set temp_directory = '{self._folder.name}'")
        self._known = {model.name: model for model in sql_models()}
        self._made: set[str] = set()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.database.close()
        self._folder.cleanup()

    def make(self, name: str, *, extra: Mapping[str, Any]) -> None:
        """Build a model and whatever it reads, unless it is there."""
        if name in self._made or name == "nothing":
            return
        self._made.add(name)
        if name == "touched_days":
            self.make("visitor_days", extra=extra)
            self.database.execute("create view touched_days as select * from visitor_days")
        elif name in self._known:
            self._make_model(self._known[name], extra)
        else:
            self._bring(name)

    def write_back(self, names: Sequence[str], *, into: Mapping[str, str]) -> list[Step]:
        """Copy built tables into the warehouse's new, large ones, several at a time and each in its own transaction."""
        if connection.in_atomic_block:  # somebody's transaction, which no other connection sees
            return [self._write_large(name, into) for name in names]
        with ThreadPoolExecutor(COPIERS) as pool:
            jobs = [pool.submit(self._write_large, name, into, close=True) for name in names]
            return [job.result() for job in jobs]

    def add_rows(self, cursor: Any, model: SqlModel) -> Step:
        """Copy a built table into the warehouse's own, which has been cleared of the dataset."""
        began = time.perf_counter()
        rows = self._copy(cursor, model, model.table)
        return Step(name=model.name, table=model.table, rows=rows, seconds=round(time.perf_counter() - began, 3))

    def _make_model(self, model: SqlModel, extra: Mapping[str, Any]) -> None:
        for read in model.reads:
            self.make(read, extra=extra)
        values = {**self.scope.bounds, **extra}
        text, used = model.text, {}
        for name, value in values.items():
            if f"%({name})s" in text:
                text, used[name] = text.replace(f"%({name})s", f"${name}"), value
        self.database.execute(f'create table "{model.name}" as\n{text}', used or None)
        for read in model.reads:
            if read.startswith(("loaded_", "stg_")) and self._is_last_reader(read, model):
                self.database.execute(f'drop table "{read}"')

    def _is_last_reader(self, name: str, model: SqlModel) -> bool:
        readers = [other.name for other in sql_models() if name in other.reads]
        return all(reader in self._made or reader == model.name for reader in readers)

    def _bring(self, name: str) -> None:
        """Copy what a name means in Postgres into a table of that name."""
        with transaction.atomic(), connection.cursor() as cursor:
            select = self._select(cursor, name)
            text = cursor.mogrify(select, self.scope.bounds)
            cursor.execute(sql.SQL("select * from ({}) as made limit 0").format(sql.SQL(text)))
            columns = {
                column.name: TYPES[connection.connection.adapters.types[column.type_code].name]
                for column in cursor.description
            }
            path = Path(self._folder.name) / f"{name}.csv"
            statement = sql.SQL("copy ({}) to stdout (format csv)").format(sql.SQL(text))
            with path.open("wb", buffering=1 << 20) as file, cursor.copy(statement) as copy:
                for block in copy:
                    file.write(block)
        read = (
            f"read_csv('{path}', header = false, columns = {columns}, delim = ',', quote = '\"', auto_detect = false)"
        )
        self.database.execute(f'create table "{name}" as select * from {read}')  # noqa: S608 - names of our own
        path.unlink()

    def _select(self, cursor: Any, name: str) -> sql.Composable:
        if name.startswith("loaded_"):
            return loaded(cursor, self.scope, name.removeprefix("loaded_"))
        if name == "crm_rule":
            return sql.SQL(CRM_RULE)
        rows = (sql.SQL("({}::bigint, {}::bigint, {}::bigint)").format(*row) for row in self.scope.zone_offsets)
        listed = sql.SQL(", ").join(rows)
        return sql.SQL("select * from (values {}) as zone (from_ms, until_ms, offset_ms)").format(listed)

    def _write_large(self, name: str, into: Mapping[str, str], *, close: bool = False) -> Step:
        began = time.perf_counter()
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                tables.create(cursor, {name: into[name]}, dataset_id=self.scope.dataset_id)
                rows = self._copy(cursor, model_named(name), into[name])
                tables.index(cursor, name, into[name])
                cursor.execute(sql.SQL("analyze {}").format(sql.Identifier(*into[name].split("."))))
        finally:
            if close:
                connection.close()
        seconds = round(time.perf_counter() - began, 3)
        return Step(name=name, table=model_named(name).table, rows=rows, seconds=seconds)

    def _copy(self, cursor: Any, model: SqlModel, table: str) -> int:
        """Send a built table as rows in Postgres' binary form, which it takes at several times the speed of text."""
        source = self.database.cursor()
        kinds = _kinds(cursor, model.columns, table)
        texts = {
            column: [text for (text,) in source.execute(f'select distinct "{column}" from "{model.name}"').fetchall()]  # noqa: S608 - names of our own
            for column, kind in kinds.items()
            if kind == TEXT
        }
        chosen = ", ".join(
            f'list_position(${column}, "{column}") as "{column}"' if column in texts else f'"{column}"'
            for column in kinds
        )
        select = f'select {chosen} from "{model.name}" where rowid >= $from_row and rowid < $until_row'  # noqa: S608
        (total,) = source.execute(f'select count(*) from "{model.name}"').fetchone() or (0,)  # noqa: S608
        statement = sql.SQL("copy {} ({}) from stdin (format binary)").format(
            sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, [*kinds, "dataset_id"]))
        )
        with cursor.copy(statement) as copy:
            copy.write(HEAD)
            for first in range(0, total, CHUNK):
                found = source.execute(select, {**texts, "from_row": first, "until_row": first + CHUNK}).fetchnumpy()
                columns = [_column(found[name], kind, texts.get(name)) for name, kind in kinds.items()]
                columns.append(Number(self.scope.dataset_id, ">i2"))
                for piece in binary_rows(columns, np.arange(min(CHUNK, total - first))):
                    copy.write(piece)
            copy.write(TAIL)
        return int(cursor.rowcount)


def _kinds(cursor: Any, columns: Sequence[str], table: str) -> dict[str, str]:
    """Return how each column of a table of the warehouse goes over the wire."""
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    cursor.execute(sql.SQL("select {} from {} limit 0").format(listed, sql.Identifier(*table.split("."))))
    names = connection.connection.adapters.types
    return {column.name: WIRE[names[column.type_code].name] for column in cursor.description}


def _column(values: Any, kind: str, texts: Sequence[str] | None) -> Column:
    """Return a column as it came from DuckDB; texts came as places in their list, from 1."""
    nulls = values.mask if np.ma.isMaskedArray(values) and values.mask is not np.ma.nomask else None
    data = np.ma.getdata(values)
    if texts is None:
        return Number(data.astype(np.int64, copy=False), kind, nulls)
    known = [text.encode() for text in texts]
    lengths = np.array([len(text) for text in known], np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    places = data.astype(np.int64, copy=False) - 1
    return Field(np.frombuffer(b"".join(known), np.uint8), starts[places], starts[places] + lengths[places])
