"""Write columns to Postgres by COPY."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from django.db import connections
from numpy.typing import NDArray
from psycopg import sql

from simulation.emission import NO_AMOUNT, Events

_NULL = r"\N"


def copy_rows(*, table: str, columns: Sequence[str], lines: Iterable[str], using: str = "default") -> None:
    """COPY tab-separated lines (no line ends) into ``schema.table``, inside the caller's transaction."""
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connections[using].cursor() as cursor, cursor.copy(statement) as copy:
        copy.write("\n".join(lines) + "\n")


def escaped(text: str) -> str:
    r"""Return a text value as COPY's text format writes it.

    >>> escaped("tab\there")
    'tab\\there'
    """
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def timestamps(at: NDArray[np.int64]) -> list[str]:
    """Return microseconds since 1970 as timestamps of Postgres."""
    texts: list[str] = np.datetime_as_string(at.astype("datetime64[us]")).tolist()
    return [text + "+00" for text in texts]


def event_ids(at: NDArray[np.int64], *, seed: int, first: int) -> list[str]:
    """Return UUIDv7s (RFC 9562) for events ``first`` on of a seed: the same seed gives the same ids."""
    generator = np.random.Philox(key=np.array([seed, 0x45766E74], dtype=np.uint64))
    generator.advance(first)  # one block of four numbers an event, of which two are used
    random = generator.random_raw(4 * len(at)).reshape(-1, 4)
    milliseconds = (at // 1000).astype(np.uint64)
    high = milliseconds << np.uint64(16) | np.uint64(0x7000) | random[:, 0] >> np.uint64(52)
    low = np.uint64(1 << 63) | random[:, 1] >> np.uint64(2)
    return [f"{a:016x}{b:016x}" for a, b in zip(high.tolist(), low.tolist(), strict=True)]


def event_lines(rows: Events, *, units: Sequence[str], ids: Sequence[str]) -> list[str]:
    """Return lines of ``EVENT_COLUMNS``."""
    ends = [(escaped(name), escaped(properties)) for name, properties in rows.kinds]
    amounts = [_NULL if amount == NO_AMOUNT else str(amount) for amount in rows.amount.tolist()]
    return [
        f"{event_id}\t{at}\t{ends[kind][0]}\t{units[visitor]}\t{amount}\t{ends[kind][1]}"
        for event_id, at, kind, visitor, amount in zip(
            ids, timestamps(rows.at), rows.kind.tolist(), rows.visitor.tolist(), amounts, strict=True
        )
    ]


EVENT_COLUMNS = ("event_id", "occurred_at", "name", "unit_id", "amount", "properties")
