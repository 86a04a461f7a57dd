"""One step of the reader: what committed since the checkpoint, taken in one transaction with it."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection, transaction

from analytics.live import checkpoint
from analytics.live.horizon import Completeness, Horizon, look
from analytics.models import LiveCheckpoint
from novarium.kernel import sql

MOST_EVENTS = 200_000  # of one step, but for the transaction that goes beyond: its rows are never parted
FEW_TRANSACTIONS = 64  # so few are taken without counting their events first
WORK_MEMORY = "64MB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Transactions from ``start`` on and before ``end``, all of which have ended."""

    start: int
    end: int

    def bounds(self) -> dict[str, str]:
        """Return what statements bind: as text, since an xid8 has no other form."""
        return {"from": str(self.start), "to": str(self.end)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a step did.

    Attributes:
        events: New events.
        is_last: Whether everything that could be read was.
    """

    events: int
    is_last: bool


@dataclass(slots=True)
class Reader:
    """Reads on from the checkpoint; several readers are safe, and take turns."""

    _completeness: Completeness = field(default_factory=Completeness)

    def step(self) -> Taken | None:
        """Take what is new; None while another reader is at it.

        Raises:
            DatabaseWasRestored: see ``analytics.live.checkpoint.claim``.
        """
        seen = look()
        self._completeness.note(seen)
        with transaction.atomic():
            claimed = checkpoint.claim(seen)
            if claimed is None:
                return None
            found, _is_new = claimed
            stretch = _stretch(found, seen)
            events = self._take(stretch)
            found.read_to = stretch.end
            found.events += events
            found.complete_at = max(found.complete_at, self._completeness.reached(stretch.end) or found.complete_at)
            found.save()
        return Taken(events=events, is_last=stretch.end >= seen.oldest)

    def _take(self, stretch: Stretch) -> int:
        with connection.cursor() as cursor:
            cursor.execute("select set_config('work_mem', %s, true)", [WORK_MEMORY])
            cursor.execute(sql.load("analytics/sql/live/workspace.sql"))
        if stretch.start == stretch.end:
            return 0
        return sql.execute("analytics/sql/live/new_events.sql", stretch.bounds())


def is_anything_new(found: LiveCheckpoint, seen: Horizon) -> bool:
    """Whether a step would find something; takes no lock and no transaction's number."""
    bounds = Stretch(start=found.read_to, end=max(seen.oldest, found.read_to)).bounds()
    return bool(sql.rows("analytics/sql/live/anything_new.sql", bounds)[0]["is_any"])


def _stretch(found: LiveCheckpoint, seen: Horizon) -> Stretch:
    """Return which transactions to take: up to the horizon, or so many that their events are not too many."""
    whole = Stretch(start=found.read_to, end=max(seen.oldest, found.read_to))
    if whole.end - whole.start <= FEW_TRANSACTIONS:
        return whole
    rows = sql.rows("analytics/sql/live/end_of_stretch.sql", {**whole.bounds(), "most": MOST_EVENTS})
    return Stretch(start=whole.start, end=max(rows[0]["tx"], whole.start + 1)) if rows else whole
