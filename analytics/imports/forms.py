"""What a form of file is: the table it fills, and how its lines become columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analytics.imports.binary_rows import Column
from analytics.imports.fields import Lines, Mask, unfit_for_text
from analytics.models import RejectedLine
from novarium.kernel.errors import Invalid

Reason = RejectedLine.Reason
REASONS: tuple[str, ...] = ("", *Reason.values)
EARLIEST_MS = 0  # 1970
LATEST_MS = 4_102_444_800_000  # 2100-01-01


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why lines are refused: for each the place of its reason in ``REASONS``, 0 for none; the first reason stays."""

    reasons: NDArray[np.int8]

    @classmethod
    def of(cls, lines: Lines) -> Verdict:
        """Begin with the lines that no text can hold."""
        verdict = cls(np.zeros(len(lines), np.int8))
        verdict.refuse(unfit_for_text(lines), Reason.ENCODING)
        return verdict

    def refuse(self, which: Mask, reason: Reason) -> None:
        """Refuse these lines, unless they are refused already."""
        self.reasons[which & (self.reasons == 0)] = REASONS.index(reason)

    def demand(self, which: Mask, reason: Reason) -> None:
        """Refuse all lines but these."""
        self.refuse(~which, reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """A form of file.

    Attributes:
        table: The raw table, without schema, that keeps the rows.
        columns: Its columns that come from the file, in the order of what ``parse`` returns.
        heading: What the first line is.
        heading_optional: Whether a file may begin without it.
        parse: Turns lines into columns and refuses what it cannot take.
    """

    table: str
    columns: tuple[str, ...]
    heading: bytes
    parse: Callable[[Lines, Verdict], Sequence[Column]]
    heading_optional: bool = False

    def is_heading(self, line: bytes) -> bool:
        """Whether the line is the form's heading; blanks do not count."""
        return b" ".join(line.removeprefix(b"\xef\xbb\xbf").split()) == self.heading


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file to import. ``part`` is its number where several files fill one table, else None."""

    path: Path
    form: FileForm
    part: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogForm:
    """A form of log: the files it comes in, and all the tables they fill."""

    find: Callable[[Path], list[Source]]
    tables: tuple[str, ...] = field(default=())


class NoSuchLog(Invalid):
    """A place holds no log of the wanted form; the message says what is missing."""
