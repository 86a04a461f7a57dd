"""Columns as rows in the form of Postgres' binary COPY, for many rows at once. Pure.

See "Binary Format" in Postgres' documentation of COPY. Rows are laid side by side at the same width, and what a row
does not fill is left out at the end; so rows of about the same length go together, and a long text costs only its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from analytics.imports.fields import Bytes, Field, Integers, Mask

HEAD = b"PGCOPY\n\xff\r\n\0" + b"\0" * 8
TAIL = b"\xff\xff"
_FEW = 16  # shapes of rows, each of which is then laid out by itself with nothing to leave out
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

    def of(self, rows: Integers) -> NDArray[Any]:
        """Return the values of these lines."""
        return np.broadcast_to(self.values, rows.shape) if isinstance(self.values, int) else self.values[rows]


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
    lengths = [column.lengths[rows] for column in columns if isinstance(column, Field)]
    shapes = reduce(lambda shape, length: shape * 64 + np.minimum(length, 63), lengths, _nulls(columns, rows))
    if len(np.unique(shapes[:: max(len(shapes) // 1000, 1)])) > _FEW:
        together = reduce(np.add, lengths, np.zeros(len(rows), np.int64))
        shapes = np.ceil(np.log2(together + 16) / 2).astype(np.int64)
    for shape in np.unique(shapes):
        chosen = shapes == shape
        alike = rows[chosen]
        longest = sum(int(length[chosen].max()) for length in lengths)
        step = max(_CHUNK // (longest + 16 * len(columns)), 1)
        for first in range(0, len(alike), step):
            yield _laid_out(columns, alike[first : first + step])


def _nulls(columns: Sequence[Column], rows: Integers) -> Integers:
    """Return a number for each line that says which of its columns are null."""
    numbers = np.zeros(len(rows), np.int64)
    for column in columns:
        if not isinstance(column, Field) and column.nulls is not None:
            numbers = numbers * 2 + column.nulls[rows]
    return numbers


def _laid_out(columns: Sequence[Column], rows: Integers) -> bytes:
    """Return rows one after the other; each is a record of the lengths and values of its columns."""
    values = [_texts(column, rows) if isinstance(column, Field) else column.of(rows) for column in columns]
    kinds = [
        (_kind(column), found.shape[1:]) if found.ndim > 1 else _kind(column)
        for column, found in zip(columns, values, strict=True)
    ]
    record = np.dtype(
        [("count", ">i2"), *(part for n, kind in enumerate(kinds) for part in ((f"length{n}", ">i4"), (f"{n}", kind)))]
    )
    laid = np.empty(len(rows), record)
    laid["count"] = len(columns)
    shown = np.ones((len(rows), record.itemsize), np.bool_)
    leaves_out = False
    for n, (column, found) in enumerate(zip(columns, values, strict=True)):
        width = record[f"{n}"].itemsize
        lengths = _lengths(column, rows, width)
        laid[f"length{n}"], laid[f"{n}"] = lengths, found
        if isinstance(lengths, int) or (lengths == width).all():
            continue
        leaves_out = True
        at = record.fields[f"{n}"][1]  # type: ignore[index]
        shown[:, at : at + width] = np.arange(width) < np.maximum(lengths, 0)[:, None]
    return laid.view(np.uint8).reshape(shown.shape)[shown].tobytes() if leaves_out else laid.tobytes()


def _kind(column: Column) -> str:
    return column.kind if isinstance(column, Number) else "u1"


def _lengths(column: Column, rows: Integers, width: int) -> Integers | int:
    """Return how many bytes the column has in each row, -1 for null."""
    if isinstance(column, Field):
        return column.lengths[rows]
    return width if column.nulls is None else np.where(column.nulls[rows], -1, width)


def _texts(field: Field, rows: Integers) -> Bytes:
    starts, lengths = field.starts[rows], field.lengths[rows]
    offsets = np.arange(int(lengths.max(initial=0)))
    found: Bytes = field.data[np.minimum(starts[:, None] + offsets, len(field.data) - 1)]
    return found
