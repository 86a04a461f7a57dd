"""How often each event came in the last 30 days, counted at most once a minute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta

from django.core.cache import caches
from django.utils import timezone

from novarium.kernel import sql

DAYS = 30
KEPT_SECONDS = 60
_KEY = "event-counts"

Counts = Mapping[str, Mapping[date, int]]


def counts_by_day() -> Counts:
    """Return events by name and day (of the reporting zone)."""
    kept: Counts | None = caches["process"].get(_KEY)
    if kept is None:
        kept = _count()
        caches["process"].set(_KEY, kept, KEPT_SECONDS)
    return kept


def days() -> list[date]:
    """Return the counted days, oldest first."""
    today = timezone.localdate()
    return [today - timedelta(days=back) for back in reversed(range(DAYS))]


def _count() -> Counts:
    counted: dict[str, dict[date, int]] = defaultdict(dict)
    params = {"since": timezone.now() - timedelta(days=DAYS), "zone": timezone.get_current_timezone_name()}
    for row in sql.rows("experiments/sql/event_counts.sql", params):
        counted[row["name"]][row["day"]] = row["events"]
    return dict(counted)
