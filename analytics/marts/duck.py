"""The marts on DuckDB, inside the worker and in memory. It pays for a full build of a large dataset."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.marts.catalogue import SqlModel
from analytics.marts.duck_rows import send_rows
from analytics.marts.engines import Session
from analytics.marts.scope import Scope

if TYPE_CHECKING:
    import duckdb

MEMORY = "600MB"  # beyond it DuckDB goes to disk
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
        self.database.execute(f'create table "{model.name}" as\n{text}', dict(values) or None)

    def alias(self, name: str, *, of: str) -> None:
        """Make a view."""
        self.database.execute(f'create view "{name}" as select * from "{of}"')  # noqa: S608 - names of our own

    def forget(self, name: str) -> None:
        """Drop a table."""
        self.database.execute(f'drop table "{name}"')

    def read_file(self, name: str, path: Path, columns: Mapping[str, str]) -> None:
        """Make a table of a file's rows."""
        self.database.execute(f'create table "{name}" as select * from {rows_of(path, columns)}')  # noqa: S608

    def _copy(self, cursor: Any, model: SqlModel, table: str) -> int:
        return send_rows(self.database, cursor, model, table, dataset_id=self.scope.dataset_id)


@contextmanager
def open_session(scope: Scope) -> Iterator[DuckSession]:
    """Open an empty database in memory.

    Raises:
        ModuleNotFoundError: The optional package ``duckdb`` is not installed.
    """
    with tempfile.TemporaryDirectory(prefix="novarium-marts-") as folder, database_in(folder, MEMORY) as database:
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


def rows_of(path: Path, columns: Mapping[str, str]) -> str:
    """Return what reads the rows of a CSV file that Postgres has written."""
    typed = {name: TYPES[kind] for name, kind in columns.items()}
    return f"read_csv('{path}', header = false, columns = {typed}, delim = ',', quote = '\"', auto_detect = false)"


def write_rows(
    database: duckdb.DuckDBPyConnection, source: str, path: Path, columns: Sequence[str], *, dataset_id: int
) -> None:
    """Write columns of rows, and the dataset's number, to a CSV file for Postgres; several threads may at once."""
    listed = ", ".join(f'"{column}"' for column in columns)
    select = f"select {listed} from (select *, {dataset_id} as dataset_id from {source})"  # noqa: S608 - our own
    database.cursor().execute(f"copy ({select}) to '{path}' (format csv, header false)")
