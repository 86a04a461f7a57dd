"""Columns as rows in the form of Postgres' binary COPY, for many rows at once. Pure.

See "Binary Format" in Postgres' documentation of COPY. Rows are laid side by side at the same width, and what a row
does not fill is left out at the end; so rows of about the same length go together, and a long text costs only its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from analytics.imports.fields import Bytes, Field, Integers, Mask

HEAD = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
TAIL = b"\xff\xff"
_CHUNK = 2 * 1024 * 1024  # bytes laid side by side at once
_BASE = 10_000  # of numeric's digits


@dataclass(frozen=True, slots=True)
class Number:
    """A column of fixed width.

    Attributes:
        values: One a line; a single one stands for all lines.
        kind: How numpy calls its form on the wire: ``>i2``, ``>i4``, ``>i8``, ``>f8``, or ``u1`` for a boolean.
        nulls: Which are null; None where none is.
    """

    values: NDArray[np.int64] | NDArray[np.float64] | NDArray[np.bool_] | int
    kind: str
    nulls: Mask | None = None

    def of(self, rows: Integers) -> Bytes:
        """Return the bytes of these lines, a row each."""
        values = np.broadcast_to(self.values, rows.shape) if isinstance(self.values, int) else self.values[rows]
        return np.ascontiguousarray(values.astype(self.kind)).view(np.uint8).reshape(len(rows), -1)


@dataclass(frozen=True, slots=True)
class Amount:
    """A column of hundredths that Postgres keeps as a numeric with two decimals; below 10 to the tenth."""

    hundredths: Integers
    nulls: Mask | None = None

    def of(self, rows: Integers) -> Bytes:
        """Return three digits to the base of 10,000, the first of weight 1; see numeric_recv in Postgres' source."""
        whole, part = np.divmod(self.hundredths[rows], 100)
        high, low = np.divmod(whole, _BASE)
        digits = np.zeros((len(rows), 7), ">i2")
        digits[:, 0], digits[:, 1], digits[:, 3] = 3, 1, 2
        digits[:, 4], digits[:, 5], digits[:, 6] = high, low, part * 100
        return digits.view(np.uint8)


Column = Number | Amount | Field


def binary_rows(columns: Sequence[Column], rows: Integers) -> Iterator[bytes]:
    """Yield the rows of these lines, in pieces that may be sent one after the other; no heading and no end."""
    if not len(rows):
        return
    texts = [column for column in columns if isinstance(column, Field)]
    lengths = reduce(np.add, [text.lengths[rows] for text in texts], np.zeros(len(rows), np.int64))
    classes = np.ceil(np.log2(lengths + 16) / 2).astype(np.int64)
    for kind in np.unique(classes):
        alike = rows[classes == kind]
        step = max(_CHUNK // (4 ** int(kind) + 16 * len(columns)), 1)
        for first in range(0, len(alike), step):
            yield _laid_out(columns, alike[first : first + step])


def _laid_out(columns: Sequence[Column], rows: Integers) -> bytes:
    pieces: list[Bytes] = [np.broadcast_to(_wire(np.array([len(columns)]), ">i2"), (len(rows), 2))]
    shown: list[Mask] = [np.ones((1, 2), np.bool_)]
    for column in columns:
        if isinstance(column, Field):
            values, filled, lengths = _texts(column, rows)
        else:
            values = column.of(rows)
            nulls = column.nulls[rows] if column.nulls is not None else np.zeros(1, np.bool_)
            filled = np.broadcast_to(~nulls[:, None], (len(nulls), values.shape[1]))
            lengths = np.broadcast_to(np.where(nulls, -1, values.shape[1]), len(rows))
        pieces += [_wire(lengths, ">i4"), values]
        shown += [np.ones((1, 4), np.bool_), filled]
    laid = np.hstack(pieces)
    if all(mask.all() for mask in shown):
        return laid.tobytes()
    return laid[np.hstack([np.broadcast_to(mask, (len(rows), mask.shape[1])) for mask in shown])].tobytes()


def _texts(field: Field, rows: Integers) -> tuple[Bytes, Mask, Integers]:
    starts, ends = field.starts[rows], field.ends[rows]
    lengths = ends - starts
    offsets = np.arange(int(lengths.max(initial=0)))
    values = field.data[np.minimum(starts[:, None] + offsets, len(field.data) - 1)]
    return values, offsets < lengths[:, None], lengths


def _wire(values: Integers, kind: str) -> Bytes:
    return np.ascontiguousarray(values.astype(kind)).view(np.uint8).reshape(len(values), -1)
