"""Opening hours in minutes of the day. Pure."""

from __future__ import annotations

from datetime import datetime


def is_open(opens: int, closes: int, moment: datetime) -> bool:
    """Whether a kitchen with these hours is open; equal hours mean around the clock.

    >>> is_open(600, 120, datetime(2025, 1, 1, 1, 59)), is_open(600, 120, datetime(2025, 1, 1, 2, 0))
    (True, False)
    """
    if opens == closes:
        return True
    minute = moment.hour * 60 + moment.minute
    if opens < closes:
        return opens <= minute < closes
    return minute >= opens or minute < closes


def clock(minute: int) -> str:
    """Return the minute of the day as hh:mm.

    >>> clock(90)
    '01:30'
    """
    return f"{minute // 60:02d}:{minute % 60:02d}"


def minute_of(text: str) -> int:
    """Return hh:mm as the minute of the day.

    >>> minute_of("01:30")
    90
    """
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
