"""Up to where committed rows can be read for good: the oldest transaction that still runs."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime

from novarium.kernel import sql

SAMPLES = 10_000  # of a horizon that stands still; beyond it every second sample goes


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """What one look at Postgres' transactions shows.

    Attributes:
        oldest: The oldest transaction that still runs; all before it have ended.
        next: The first transaction that had not begun.
        at: Moment of the look, by Postgres' clock.
    """

    oldest: int
    next: int
    at: datetime


def look() -> Horizon:
    """Return the present horizon."""
    row = sql.rows("analytics/sql/live/horizon.sql")[0]
    return Horizon(oldest=row["oldest"], next=row["next"], at=row["at"])


@dataclass(slots=True)
class Completeness:
    """Since when nothing committed is missing: remembers looks until all that they could have seen was read."""

    _pending: deque[Horizon] = field(default_factory=deque)

    def note(self, seen: Horizon) -> None:
        """Remember a look."""
        self._pending.append(seen)
        if len(self._pending) > SAMPLES:
            self._pending = deque(list(self._pending)[::2])

    def reached(self, read_to: int) -> datetime | None:
        """Return the newest moment of which all commits are read; None where no remembered look is that far."""
        found = None
        while self._pending and self._pending[0].next <= read_to:
            found = self._pending.popleft().at
        return found
