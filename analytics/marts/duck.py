"""The marts on DuckDB, inside the worker and in memory. It pays for a full build of a large dataset."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _
from psycopg import sql

from analytics.imports.binary_rows import HEAD, TAIL, Column, Number, binary_rows
from analytics.imports.fields import Field
from analytics.marts.catalogue import SqlModel
from analytics.marts.engines import EngineFailed, Session
from analytics.marts.scope import Scope
from analytics.marts.tables import ORDER

if TYPE_CHECKING:
    import duckdb

TEXT = "text"
WIRE = {"int2": ">i2", "int4": ">i4", "int8": ">i8", "text": TEXT, "varchar": TEXT}
CHUNK = 100_000  # rows that go back at once
TYPES = {"varchar": "VARCHAR", "int2": "SMALLINT", "int4": "INTEGER", "int8": "BIGINT", "text": "VARCHAR"}


class DuckSession(Session):
    """A build under way in DuckDB."""

    def __init__(self, scope: Scope, folder: Path, database: duckdb.DuckDBPyConnection) -> None:
        super().__init__(scope, folder)
        self.database = database

    def create(self, model: SqlModel, values: Mapping[str, Any]) -> None:
        """Make a table of what a model selects."""
        text = model.text
        for name in values:
            text = text.replace(f"%({name})s", f"${name}")
        if model.name in ORDER:
            text = f"select * from (\n{text}\n) as made order by {ORDER[model.name]}"  # noqa: S608 - names of our own
        with _told():
            self.database.execute(f'create table "{model.name}" as\n{text}', dict(values) or None)

    def alias(self, name: str, *, of: str) -> None:
        """Make a view."""
        self.database.execute(f'create view "{name}" as select * from "{of}"')  # noqa: S608 - names of our own

    def forget(self, name: str) -> None:
        """Drop a table."""
        self.database.execute(f'drop table "{name}"')

    def read_file(self, name: str, path: Path, columns: Mapping[str, str]) -> None:
        """Make a table of a file's rows."""
        with _told():
            self.database.execute(f'create table "{name}" as select * from {rows_of(path, columns)}')  # noqa: S608

    def _copy(self, cursor: Any, model: SqlModel, table: str) -> int:
        """Send a built table as rows in Postgres' binary form, which it takes at several times the speed of text."""
        source = self.database.cursor()
        kinds = _kinds(cursor, tuple(model.columns), table)
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


@contextmanager
def open_session(scope: Scope) -> Iterator[DuckSession]:
    """Open an empty database in memory.

    Raises:
        ModuleNotFoundError: The optional package ``duckdb`` is not installed.
    """
    with (
        tempfile.TemporaryDirectory(prefix="novarium-marts-") as folder,
        database_in(folder, settings.DUCKDB_MEMORY) as database,
    ):
        yield DuckSession(scope, Path(folder), database)


@contextmanager
def database_in(folder: str, memory: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty database that takes so much memory and goes on in a folder."""
    import duckdb  # noqa: PLC0415 - an optional extra

    with duckdb.connect() as database:
        database.execute(f"set memory_limit = '{memory}'")
        database.execute("set preserve_insertion_order = false")
        database.execute(f"set temp_directory = '{folder}'")
        yield database


@contextmanager
def _told() -> Iterator[None]:
    """Turn what DuckDB raises into one error with its first line, and say which setting more memory takes."""
    import duckdb  # noqa: PLC0415 - an optional extra

    try:
        yield
    except duckdb.OutOfMemoryException as error:
        told = _("DuckDB needs more memory than DUCKDB_MEMORY grants it, %(memory)s.")
        raise EngineFailed(told % {"memory": settings.DUCKDB_MEMORY}) from error
    except duckdb.Error as error:
        raise EngineFailed(_("DuckDB: %(problem)s") % {"problem": str(error).strip().split("\n")[0]}) from error


def rows_of(path: Path, columns: Mapping[str, str]) -> str:
    """Return what reads the rows of a CSV file that Postgres has written."""
    typed = {name: TYPES[kind] for name, kind in columns.items()}
    return f"read_csv('{path}', header = false, columns = {typed}, delim = ',', quote = '\"', auto_detect = false)"


def _kinds(cursor: Any, columns: Sequence[str], table: str) -> dict[str, str]:
    """Return how each column of a table of the warehouse goes over the wire."""
    listed = sql.SQL(", ").join(map(sql.Identifier, columns))
    cursor.execute(sql.SQL("select {} from {} limit 0").format(listed, sql.Identifier(*table.split("."))))
    names = connection.connection.adapters.types
    return {column.name: WIRE[names[column.type_code].name] for column in cursor.description}


def _column(values: Any, kind: str, texts: Sequence[str] | None) -> Column:
    """Return a column as it came from DuckDB; texts came as places in their list, from 1."""
    nulls = np.ma.getmaskarray(values) if np.ma.is_masked(values) else None
    data = np.ma.getdata(values)
    if texts is None:
        return Number(data.astype(np.int64, copy=False), kind, nulls)
    known = [text.encode() for text in texts]
    lengths = np.array([len(text) for text in known], np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    places = data.astype(np.int64, copy=False) - 1
    return Field(np.frombuffer(b"".join(known), np.uint8), starts[places], starts[places] + lengths[places])
