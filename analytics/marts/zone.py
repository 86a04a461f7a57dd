"""Days of a time zone as numbers, and its offsets as rows that SQL can join. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

FIRST_DAY = 0
LAST_DAY = (date.max - date(1970, 1, 1)).days
DAY_MS = 86_400_000
BEGINNING_MS = 0
END_MS = (LAST_DAY + 1) * DAY_MS
_EPOCH = date(1970, 1, 1)


class Offset(NamedTuple):
    """From ``from_ms`` until before ``until_ms`` local time is UTC plus ``offset_ms``; all in milliseconds."""

    from_ms: int
    until_ms: int
    offset_ms: int


def day_number(day: date) -> int:
    """Return the days since 1970-01-01.

    >>> day_number(date(1970, 1, 5))
    4
    """
    return (day - _EPOCH).days


def date_of(number: int) -> date:
    """Return the day with this number."""
    return _EPOCH + timedelta(days=number)


def monday_of(number: int) -> int:
    """Return the number of the Monday of the day's week.

    >>> date_of(monday_of(day_number(date(2026, 5, 10))))
    datetime.date(2026, 5, 4)
    """
    return number - (number - 4) % 7


@lru_cache(maxsize=512)
def offsets(zone: ZoneInfo, *, first: date, last: date) -> tuple[Offset, ...]:
    """Return the zone's offsets from before the first day until after the last, without a gap.

    The first row reaches back to the beginning and the last one to the end of all time, so that no event is lost.

    >>> year = offsets(ZoneInfo("Europe/Paris"), first=date(2026, 1, 1), last=date(2026, 12, 31))
    >>> [row.offset_ms // 3_600_000 for row in year]
    [1, 2, 1]
    """
    changes = list(_changes(zone, first, last))
    edges = [BEGINNING_MS, *(at for at, _before, _after in changes), END_MS]
    values = [_offset(zone, _midnight(first - timedelta(days=1))), *(after for _at, _before, after in changes)]
    return tuple(Offset(edges[n], edges[n + 1], value) for n, value in enumerate(values))


def _changes(zone: ZoneInfo, first: date, last: date) -> Iterator[tuple[int, int, int]]:
    """Yield when the offset changes, and the offsets before and after; a zone changes once a day at most."""
    at, end = _midnight(first - timedelta(days=1)), _midnight(last + timedelta(days=2))
    before = _offset(zone, at)
    while at < end:
        after = _offset(zone, at + DAY_MS)
        if after != before:
            yield _moment(zone, at, at + DAY_MS, before), before, after
        at, before = at + DAY_MS, after


def _moment(zone: ZoneInfo, low: int, high: int, before: int) -> int:
    """Return the first millisecond at which the offset is no longer ``before``."""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high


def _midnight(day: date) -> int:
    return day_number(day) * DAY_MS


def _offset(zone: ZoneInfo, at_ms: int) -> int:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=at_ms)
    return (moment.astimezone(zone).utcoffset() or timedelta()) // timedelta(milliseconds=1)
