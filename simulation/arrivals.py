"""When people come: few at night, many at lunch and dinner."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np
from numpy.typing import NDArray

# Share of a day's visits in each hour of the local clock, in thousandths.
RHYTHM = (12, 7, 4, 3, 3, 6, 14, 26, 34, 36, 44, 78, 92, 66, 42, 38, 44, 68, 96, 94, 72, 56, 40, 25)


class Rhythm:
    """The moments from ``start`` to before ``end``, weighed by the hour of the local clock."""

    def __init__(self, *, start: datetime, end: datetime, zone: tzinfo) -> None:
        """Lay out the hours.

        Raises:
            ValueError: The end is not after the start.
        """
        if end <= start:
            raise ValueError("The end must be after the start.")
        edges = [start]
        while edges[-1] < end:
            local = edges[-1].astimezone(zone)
            following = local.replace(minute=0, second=0, microsecond=0).astimezone(UTC) + timedelta(hours=1)
            edges.append(min(following, end))
        self._stops = np.array([microseconds(edge) for edge in edges], dtype=np.float64)
        hours = np.array([edge.astimezone(zone).hour for edge in edges[:-1]])
        mass = np.diff(self._stops) * np.array(RHYTHM, dtype=np.float64)[hours]
        self._reached = np.concatenate([[0.0], np.cumsum(mass)]) / mass.sum()

    def moments(self, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the moments at these shares of all visits, in microseconds since 1970."""
        times = np.interp(numbers, self._reached, self._stops).astype(np.int64)
        return np.minimum(times, int(self._stops[-1]) - 1)

    def shares(self, moments: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the share of all visits that lies before each moment."""
        before: NDArray[np.float64] = np.interp(moments.astype(np.float64), self._stops, self._reached)
        return before


def microseconds(moment: datetime) -> int:
    """Return an aware moment as microseconds since 1970, exactly."""
    since = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
