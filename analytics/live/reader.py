"""One step of the reader: what committed since the checkpoint, taken in one transaction with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.db import connection, transaction

from analytics.live import checkpoint, windows
from analytics.live.horizon import Completeness, Horizon, look
from analytics.live.moments import take_moments
from analytics.live.runs import Designs, follow
from analytics.live.stretch import Stretch
from analytics.live.units import take_units
from analytics.live.windows import take_windows
from analytics.models import LiveCheckpoint
from novarium.kernel import sql

MOST_EVENTS = 200_000  # of one step, but for the transaction that goes beyond: its rows are never parted
FEW_TRANSACTIONS = 64  # so few are taken without counting their events first
WORK_MEMORY = "64MB"
MANY = 500  # rows; joined as if they were few, more would be compared each with each
FIRST_MOMENT = datetime(1, 1, 2, tzinfo=UTC)


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
    _designs: Designs = field(default_factory=Designs)

    def step(self) -> Taken | None:
        """Take what is new; None while another reader is at it.

        Raises:
            DatabaseWasRestored: see ``analytics.live.checkpoint.claim``.
        """
        seen = look()
        self._completeness.note(seen)
        with transaction.atomic():
            claimed = checkpoint.claim(seen, windows_from=windows.begin(seen.at))
            if claimed is None:
                return None
            found, is_new = claimed
            stretch = _stretch(found, seen)
            events = self._take(found, stretch, is_new=is_new)
            found.read_to = stretch.end
            found.events += events
            found.complete_at = max(found.complete_at, self._completeness.reached(stretch.end) or found.complete_at)
            windows.move_on(found)
            found.save()
        return Taken(events=events, is_last=stretch.end >= seen.oldest)

    def _take(self, found: LiveCheckpoint, stretch: Stretch, *, is_new: bool) -> int:
        """Take a stretch; a new checkpoint's windows begin with what was stored before it."""
        with connection.cursor() as cursor:
            cursor.execute("select set_config('work_mem', %s, true)", [WORK_MEMORY])
            cursor.execute(sql.load("analytics/sql/live/workspace.sql"))
        following = follow(self._designs, is_new=is_new)
        if is_new:
            stretch = Stretch(start=0, end=stretch.end)
        since = found.windows_from if is_new else FIRST_MOMENT
        events = sql.execute("analytics/sql/live/new_events.sql", {**stretch.bounds(), "since": since})
        if events > MANY:
            sql.execute("analytics/sql/live/know_events.sql")
        concerned = take_units(following, stretch)
        if sum(one.changed + one.known for one in concerned.values()) > MANY:
            sql.execute("analytics/sql/live/know_units.sql")
        earliest = min((one.earliest for one in concerned.values() if one.earliest), default=None)
        if events or concerned:
            take_windows(following, stretch, checkpoint=found, earliest=earliest)
        for run_id, followed in following.runs.items():
            if run_id in concerned:
                take_moments(followed, stretch, concerned[run_id])
            if run_id in concerned or run_id in following.afresh:
                followed.row.changes = stretch.end
                followed.row.save()
        return 0 if is_new else events


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
