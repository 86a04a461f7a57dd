"""Lines of bytes as columns of numbers and texts, for all lines of a block at once. Pure.

Nothing is guessed: a field is exactly what is asked for, or its line is refused, and the other lines are none the
worse. A csv library is faster only where it may stop at the first bad field, drop it, or take it for something else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

COMMA = ord(",")
_LINE_FEED, _RETURN, _BLANK, _ZERO = ord("\n"), ord("\r"), ord(" "), ord("0")
_MOST_DIGITS = 18  # as many always fit into 64 bits
_INSTANT = len("2019-11-24 00:00:34+00:00")
_INSTANT_MICROSECONDS = len("2019-11-24 00:00:34.762830+00:00")


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a block: where each begins and ends in its bytes, without the line's end."""

    data: Bytes
    starts: Places
    ends: Places

    def __len__(self) -> int:
        return len(self.starts)

    def text(self, number: int) -> bytes:
        """Return the bytes of one line."""
        return self.data[self.starts[number] : self.ends[number]].tobytes()


@dataclass(frozen=True, slots=True)
class Field:
    """The same field of all lines."""

    data: Bytes
    starts: Places
    ends: Places

    @property
    def lengths(self) -> Places:
        """Return how many bytes it has in each line."""
        return self.ends - self.starts

    def part(self, first: int, until: int) -> Field:
        """Return the bytes from the first one, until one before the given one; never beyond the field."""
        return Field(self.data, np.minimum(self.starts + first, self.ends), np.minimum(self.starts + until, self.ends))


def lines_of(data: bytes) -> Lines:
    """Return the lines of a block that ends with a line feed."""
    array = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(array == _LINE_FEED)
    starts = np.empty_like(ends)
    starts[0], starts[1:] = 0, ends[:-1] + 1
    has_return = (ends > starts) & (array[ends - 1] == _RETURN)
    return Lines(array, starts, ends - has_return)


def split(lines: Lines, columns: int, *, separator: int = COMMA) -> tuple[list[Field], Mask]:
    """Split each line at its separators; also return which lines have that many columns, and no more.

    The fields of the other lines are empty.
    """
    found = np.flatnonzero(lines.data == separator)
    if columns > 1 and len(found) == (columns - 1) * len(lines):  # nearly always, and then there is less to look for
        between = found.reshape(len(lines), columns - 1)
        if (between[:, 0] >= lines.starts).all() and (between[:, -1] < lines.ends).all():
            bounds = [lines.starts, *(between[:, column] + 1 for column in range(columns - 1))]
            until = [*(between[:, column] for column in range(columns - 1)), lines.ends]
            fields = [Field(lines.data, start, end) for start, end in zip(bounds, until, strict=True)]
            return fields, np.ones(len(lines), np.bool_)
    first = np.searchsorted(found, lines.starts)
    right = np.searchsorted(found, lines.ends) - first == columns - 1
    between = found[first[right][:, None] + np.arange(columns - 1)]
    starts = np.column_stack([lines.starts[right], between + 1])
    ends = np.column_stack([between, lines.ends[right]])
    return _fields(lines, right, starts, ends), right


def split_at_blanks(lines: Lines, columns: int) -> tuple[list[Field], Mask]:
    """Split each line at its runs of blanks, as ``split`` does at separators; blanks before and after do not count."""
    is_blank = (lines.data == _BLANK) | (lines.data == _LINE_FEED) | (lines.data == _RETURN)
    before = np.concatenate([[True], is_blank[:-1]])
    after = np.concatenate([is_blank[1:], [True]])
    starts, ends = np.flatnonzero(~is_blank & before), np.flatnonzero(~is_blank & after) + 1
    first = np.searchsorted(starts, lines.starts)
    right = np.searchsorted(starts, lines.ends) - first == columns
    chosen = first[right][:, None] + np.arange(columns)
    return _fields(lines, right, starts[chosen], ends[chosen]), right


def _fields(lines: Lines, right: Mask, starts: Places, ends: Places) -> list[Field]:
    fields = []
    for column in range(starts.shape[1]):
        field_starts, field_ends = lines.starts.copy(), lines.starts.copy()
        field_starts[right], field_ends[right] = starts[:, column], ends[:, column]
        fields.append(Field(lines.data, field_starts, field_ends))
    return fields


def integers(field: Field, *, most: int = 2**63 - 1) -> tuple[Integers, Mask]:
    """Return the field as whole numbers of digits only, and which of them are such, and at most ``most``."""
    lengths = field.lengths
    good = (lengths >= 1) & (lengths <= _MOST_DIGITS)
    values = np.zeros(len(lengths), np.int64)
    last = len(field.data) - 1
    for place in range(min(int(lengths.max(initial=0)), _MOST_DIGITS)):
        inside = lengths > place
        digit = field.data[np.minimum(field.starts + place, last)] - np.uint8(_ZERO)  # below "0" it wraps: above 9
        good &= ~inside | (digit <= 9)
        np.copyto(values, values * 10 + digit, where=inside)
    return values, good & (values <= most)


def decimals(field: Field, *, places: int = 2, most: int) -> tuple[Integers, Mask]:
    """Return amounts written with exactly so many decimals, in their smallest unit."""
    lengths = field.lengths
    point = np.clip(lengths - places - 1, 0, None)
    at = np.minimum(field.starts + point, len(field.data) - 1)
    has_point = (lengths > places + 1) & (field.data[at] == ord("."))
    whole, whole_good = integers(Field(field.data, field.starts, field.starts + point))
    rest, rest_good = integers(Field(field.data, np.minimum(field.starts + point + 1, field.ends), field.ends))
    small = whole <= most // 10**places
    values = np.where(small, whole, 0) * 10**places + rest
    return values, has_point & whole_good & rest_good & small & (values <= most)


def floats(field: Field) -> tuple[NDArray[np.float64], Mask]:
    """Return the field as finite numbers, and which are such."""
    width = int(min(field.lengths.max(initial=1), 40))
    good = (field.lengths >= 1) & (field.lengths <= width)
    texts = padded(field, width).view(f"S{width}").ravel()
    try:
        values = texts.astype(np.float64)
    except ValueError:
        values = np.fromiter(map(_float, texts.tolist()), np.float64, len(texts))
    return values, good & np.isfinite(values)


def _float(text: bytes) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def equal(field: Field, word: bytes) -> Mask:
    """Return in which lines the field is exactly this word."""
    same: Mask = field.lengths == len(word)
    last = len(field.data) - 1
    for place, character in enumerate(word):
        same &= field.data[np.minimum(field.starts + place, last)] == character
    return same


def instants(field: Field) -> tuple[Integers, Mask]:
    """Return times written as ``2019-11-24 00:00:34.762830+00:00`` (the fraction may be missing) in ms since 1970."""
    fine = field.lengths == _INSTANT_MICROSECONDS
    good = fine | (field.lengths == _INSTANT)
    for place, character in ((4, b"-"), (7, b"-"), (10, b" "), (13, b":"), (16, b":")):
        good &= equal(field.part(place, place + 1), character)
    good &= equal(Field(field.data, np.maximum(field.ends - 6, field.starts), field.ends), b"+00:00")
    day, day_good = days(field.part(0, 4), field.part(5, 7), field.part(8, 10))
    seconds = np.zeros(len(day), np.int64)
    for first, below in ((11, 24), (14, 60), (17, 60)):
        value, value_good = integers(field.part(first, first + 2), most=below - 1)
        good &= value_good
        seconds = seconds * 60 + value
    fraction, fraction_good = integers(field.part(20, 26))
    good &= ~fine | (equal(field.part(19, 20), b".") & fraction_good)
    return (day * 86_400 + seconds) * 1000 + np.where(fine, fraction // 1000, 0), good & day_good


def days(year: Field, month: Field, day: Field) -> tuple[Integers, Mask]:
    """Return the days since 1970 of dates of the calendar, and which dates there are."""
    years, years_good = integers(year, most=9999)
    months, months_good = integers(month, most=12)
    of_month, days_good = integers(day, most=31)
    good = years_good & months_good & days_good & (years >= 1) & (months >= 1) & (of_month >= 1)
    index = np.where(good, (years - 1970) * 12 + months - 1, 0)
    first = index.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    following = (index + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    values = first + of_month - 1
    return values, good & (values < following)


def padded(field: Field, width: int) -> Bytes:
    """Return the field's bytes, a row a line, with zeros after them up to the width."""
    places = field.starts[:, None] + np.arange(width)
    inside = places < field.ends[:, None]
    return np.where(inside, field.data[np.minimum(places, len(field.data) - 1)], 0).astype(np.uint8)


def unfit_for_text(lines: Lines) -> Mask:
    """Return which lines are no UTF-8, or have a zero byte, which Postgres' texts cannot hold."""
    unfit = np.zeros(len(lines), np.bool_)
    suspicious = np.flatnonzero((lines.data >= 0x80) | (lines.data == 0))
    numbers = np.unique(np.searchsorted(lines.starts, suspicious, side="right") - 1)
    for number in numbers.tolist():
        text = lines.text(number)
        try:
            unfit[number] = "\0" in text.decode("utf-8")
        except UnicodeDecodeError:
            unfit[number] = True
    return unfit
