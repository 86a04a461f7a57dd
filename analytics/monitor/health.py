"""How far the reader is behind, why, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from analytics.live import checkpoint
from analytics.live.reading import LONGEST_LAG
from analytics.live.transactions import look
from analytics.models import LiveCheckpoint
from novarium.portal import numbers

ALL_RIGHT = timedelta(seconds=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The reader's state; ``sentences`` say what is wrong, what it means and what to do.

    Attributes:
        lag: Since when something committed may be missing; None where the reader never ran.
        tone: good, warn or bad.
    """

    lag: timedelta | None
    complete_at: datetime | None
    watermark: datetime | None
    tone: str
    sentences: tuple[str, ...] = ()

    @property
    def lag_text(self) -> str:
        """The lag in the reader's language."""
        return seconds_text(self.lag) if self.lag is not None else numbers.NOTHING


def health() -> Health:
    """Return the reader's state now."""
    found = checkpoint.state()
    if found is None:
        start = _("The reader has not run yet. Start the process “reader”: python manage.py follow_events.")
        return Health(lag=None, complete_at=None, watermark=None, tone="bad", sentences=(start, _scanned()))
    now = checkpoint.now()
    lag = max(now - found.complete_at, timedelta())
    tone = "good" if lag <= ALL_RIGHT else "warn" if lag <= LONGEST_LAG else "bad"
    sentences = _why(lag, found) if lag > ALL_RIGHT else ()
    return Health(
        lag=lag, complete_at=found.complete_at, watermark=found.watermark, tone=tone, sentences=tuple(sentences)
    )


def seconds_text(length: timedelta) -> str:
    """Return a length of time in words: seconds, above two minutes in minutes, above two hours in hours.

    >>> seconds_text(timedelta(seconds=0.44))
    '0.4 s'
    """
    seconds = length.total_seconds()
    if seconds < 120:
        return _("%(n)s s") % {"n": numbers.number(seconds, digits=1 if seconds < 10 else 0)}
    if seconds < 7200:
        return _("%(n)s min") % {"n": numbers.number(seconds / 60, digits=0)}
    return _("%(n)s h") % {"n": numbers.number(seconds / 3600, digits=0)}


def _why(lag: timedelta, found: LiveCheckpoint) -> list[str]:
    """Return what holds the reader up."""
    told = [_("The reader is %(lag)s behind.") % {"lag": seconds_text(lag)}]
    if checkpoint.is_ahead(found, look()):
        told.append(
            _(
                "The database came from a dump, so its transactions are counted anew. Stop the reader and run once: "
                "python manage.py follow_events --start-over."
            )
        )
    else:
        told.append(
            _("It catches up, or it does not run. See that the process “reader” runs, and what its log says last.")
        )
    if lag > LONGEST_LAG:
        told.append(_scanned())
    return told


def _scanned() -> str:
    return _(
        "Results are right all the same: until it is back they are computed from all raw events, which takes longer."
    )
