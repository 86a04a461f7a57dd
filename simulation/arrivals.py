"""When people come: few at night, many at lunch and dinner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

# Share of a day's visits in each hour of the local clock, in thousandths.
RHYTHM = (12, 7, 4, 3, 3, 6, 14, 26, 34, 36, 44, 78, 92, 66, 42, 38, 44, 68, 96, 94, 72, 56, 40, 25)


def arrivals(numbers: NDArray[np.float64], *, start: datetime, end: datetime, zone: tzinfo) -> NDArray[np.int64]:
    """Return when each visitor comes, in microseconds since 1970, within [start, end).

    Args:
        numbers: Uniform numbers, shape (N,).
        start: The first moment, aware.
        end: The moment after the last, aware.
        zone: The time zone of the daily rhythm.

    Raises:
        ValueError: The end is not after the start.
    """
    if end <= start:
        raise ValueError("The end must be after the start.")
    edges = [start]
    while edges[-1] < end:
        local = edges[-1].astimezone(zone)
        following = local.replace(minute=0, second=0, microsecond=0).astimezone(start.tzinfo) + timedelta(hours=1)
        edges.append(min(following, end))
    stops = np.array([microseconds(edge) for edge in edges], dtype=np.float64)
    hours = np.array([edge.astimezone(zone).hour for edge in edges[:-1]])
    mass = np.diff(stops) * np.array(RHYTHM, dtype=np.float64)[hours]
    reached = np.concatenate([[0.0], np.cumsum(mass)]) / mass.sum()
    times = np.interp(numbers, reached, stops).astype(np.int64)
    return np.minimum(times, microseconds(end) - 1)


def microseconds(moment: datetime) -> int:
    """Return an aware moment as microseconds since 1970, exactly."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
