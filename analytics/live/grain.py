"""How long the buckets of first exposures are: by how long the first and the last one lie apart. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class Grain(StrEnum):
    """The length of a bucket; a longer span has longer ones, so that there are never many."""

    SECOND = "second"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"


def grain_of(first_at: datetime | None, last_at: datetime | None) -> Grain:
    """Return the grain for first exposures between these moments."""
    span = (last_at - first_at) if last_at and first_at else timedelta()
    if span > timedelta(days=2):
        return Grain.DAY
    if span > timedelta(hours=3):
        return Grain.HOUR
    return Grain.MINUTE if span > timedelta(minutes=3) else Grain.SECOND
