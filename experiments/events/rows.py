"""Rows in the form of Postgres' binary COPY. Pure.

See "Binary Format" in Postgres' documentation of COPY, and numeric_recv for the form of a numeric. Written by hand,
because adapting each value by itself costs several times as much.
"""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct

from experiments.events.validation import ParsedEvent

HEAD = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
TAIL = b"\xff\xff"
_START = 946_684_800_000  # 2000-01-01 in milliseconds since 1970: from where Postgres counts
_NULL = b"\xff\xff\xff\xff"
_EVENT = Struct(">hi16siqi").pack  # six columns; event_id; occurred_at; length of the name
_ID = Struct(">hi16s").pack
_LENGTH = Struct(">i").pack
_NUMERIC = Struct(">ihhHH3h").pack


def event_rows(events: Iterable[ParsedEvent]) -> bytes:
    """Return (event_id, occurred_at, name, unit_id, amount, properties) of each."""
    parts = [HEAD]
    for event in events:
        name, unit = event.name.encode(), event.unit_id.encode()
        parts += (
            _EVENT(6, 16, event.id, 8, (event.at - _START) * 1000, len(name)),
            name,
            _LENGTH(len(unit)),
            unit,
            _NULL if event.cents is None else _numeric(event.cents),
            _LENGTH(len(event.properties) + 1),
            b"\1",
            event.properties,
        )
    parts.append(TAIL)
    return b"".join(parts)


def id_rows(ids: Iterable[bytes]) -> bytes:
    """Return one uuid a row."""
    return b"".join((HEAD, *(_ID(1, 16, raw) for raw in ids), TAIL))


def _numeric(cents: int) -> bytes:
    """Return hundredths as a numeric: digits to the base of 10,000, the first of weight 1, two shown decimals."""
    whole, part = divmod(cents, 100)
    high, low = divmod(whole, 10_000)
    return _NUMERIC(14, 3, 1, 0, 2, high, low, part * 100)
