"""Tables of DuckDB as rows in Postgres' binary form, which it takes at several times the speed of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from django.db import connection
from psycopg import sql

from analytics.imports.binary_rows import HEAD, TAIL, Column, Number, binary_rows
from analytics.imports.fields import Field
from analytics.marts.catalogue import SqlModel

if TYPE_CHECKING:
    import duckdb

TEXT = "text"
WIRE = {"int2": ">i2", "int4": ">i4", "int8": ">i8", "text": TEXT, "varchar": TEXT}
CHUNK = 100_000  # rows that are in memory at once


def send_rows(database: duckdb.DuckDBPyConnection, cursor: Any, model: SqlModel, table: str, *, dataset_id: int) -> int:
    """Add a built table to a table of the warehouse; return the rows. Several threads may at once."""
    source = database.cursor()
    kinds = _kinds(cursor, tuple(model.columns), table)
    texts = {
        column: [text for (text,) in source.execute(f'select distinct "{column}" from "{model.name}"').fetchall()]  # noqa: S608 - names of our own
        for column, kind in kinds.items()
        if kind == TEXT
    }
    chosen = ", ".join(
        f'list_position(${column}, "{column}") as "{column}"' if column in texts else f'"{column}"' for column in kinds
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
            columns.append(Number(dataset_id, ">i2"))
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
    nulls = np.ma.getmaskarray(values) if np.ma.is_masked(values) else None
    data = np.ma.getdata(values)
    if texts is None:
        return Number(data.astype(np.int64, copy=False), kind, nulls)
    known = [text.encode() for text in texts]
    lengths = np.array([len(text) for text in known], np.int64)
    starts = np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(np.int64)
    places = data.astype(np.int64, copy=False) - 1
    return Field(np.frombuffer(b"".join(known), np.uint8), starts[places], starts[places] + lengths[places])
