"""One step of the reader: what committed since the checkpoint, taken in one transaction with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from django.db import transaction

from analytics.live import checkpoint, windows
from analytics.live.moments import take_moments
from analytics.live.runs import Designs, follow
from analytics.live.stretch import Stretch
from analytics.live.transactions import NOTHING, Look, Visible, look
from analytics.live.units import take_units
from analytics.live.windows import take_windows
from analytics.models import LiveCheckpoint
from novarium.kernel import sql

FOLDER = "analytics/sql/live"
MOST_EVENTS = 200_000  # of one step, but for the transaction that goes beyond: its rows are never parted
FEW_TRANSACTIONS = 64  # so few are taken without counting their events first
MANY = 50  # rows; of fewer nobody needs to know
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

    _designs: Designs = field(default_factory=Designs)

    def step(self) -> Taken | None:
        """Take what is new; None while another reader is at it.

        Raises:
            DatabaseWasRestored: transactions are counted anew, so that "since the checkpoint" means nothing.
        """
        with transaction.atomic():
            claimed = checkpoint.claim()
            if claimed is None:
                return None
            found, is_new = claimed
            seen = look()  # under the lock: another reader may have gone further than an earlier look
            if checkpoint.is_ahead(found, seen):
                raise checkpoint.DatabaseWasRestored
            stretch = _stretch(found, seen)
            events = self._take(found, stretch, is_new=is_new)
            is_last = stretch.end == seen.visible
            found.visible, found.step = stretch.end.text, stretch.step
            found.events += events
            if is_last:
                found.complete_at = max(found.complete_at, seen.at)
            windows.move_on(found)
            found.save()
        return Taken(events=events, is_last=is_last)

    def _take(self, found: LiveCheckpoint, stretch: Stretch, *, is_new: bool) -> int:
        """Take a stretch and return how many events are new; a new checkpoint's begins with all that was stored."""
        sql.execute(f"{FOLDER}/workspace.sql")
        following = follow(self._designs, is_new=is_new)
        if is_new:
            stretch = replace(stretch, start=NOTHING)
        since = found.windows_from if is_new else FIRST_MOMENT
        events = sql.execute(f"{FOLDER}/new_events.sql", {**stretch.bounds(), "since": since})
        _let_know("events", events)
        concerned = take_units(following, stretch)
        _let_know("units", sum(one.changed + one.known for one in concerned.values()))
        if events or concerned:
            take_windows(following, stretch, concerned.values(), checkpoint=found)
        for run_id, one in concerned.items():
            followed = following.runs[run_id]
            take_moments(followed, stretch, one)
            followed.row.changes = stretch.step
            followed.row.save()
        return 0 if is_new else events


def _let_know(what: str, rows: int) -> None:
    """Let the planner know of rows that, joined as if they were few, would be compared each with each."""
    if rows > MANY:
        sql.execute(f"{FOLDER}/know_{what}.sql")


def is_anything_new(found: LiveCheckpoint, seen: Look) -> bool:
    """Whether a step would find something; takes no lock and no transaction's number."""
    bounds = _whole(found, seen).bounds()
    return bool(sql.rows(f"{FOLDER}/anything_new.sql", bounds)[0]["is_any"])


def _whole(found: LiveCheckpoint, seen: Look) -> Stretch:
    return Stretch(start=Visible.of(found.visible), end=seen.visible, step=found.step + 1)


def _stretch(found: LiveCheckpoint, seen: Look) -> Stretch:
    """Return what to take: all that is visible, or so many transactions that their events are not too many."""
    whole = _whole(found, seen)
    if whole.end.before - whole.start.oldest <= FEW_TRANSACTIONS:
        return whole
    first, beyond = (_transaction_of(whole, number) for number in (0, MOST_EVENTS))
    if first is None or beyond is None:
        return whole
    # Nothing that was visible may be left out again; and one transaction is taken at least, however large it is.
    end = max(beyond, whole.start.before, first + 1)
    return replace(whole, end=whole.end.cut(end)) if end < whole.end.before else whole


def _transaction_of(stretch: Stretch, number: int) -> int | None:
    """Return the transaction of the event with so many new ones before it."""
    rows = sql.rows(f"{FOLDER}/end_of_stretch.sql", {**stretch.bounds(), "most": number})
    return int(rows[0]["tx"]) if rows else None
