"""The overview's panels of analytics: how the shop does, and what was decided lately."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Count
from django.utils import timezone

from analytics.marts.figures import daily_tiles, whole_days
from analytics.marts.zone import day_number
from analytics.models import ArchiveEntry, CheckFailure, DailyMetric, Dataset
from analytics.models.imported import RECEIVED_ID
from analytics.quality.checks import BLOCK
from analytics.quality.words import LABELS
from novarium.portal.models import User

LATEST = 5
SHOWN_DAYS = 30
SHOWN_TILES = 4


def shop(person: User) -> dict[str, Any] | None:
    """Return the last built day compared with what is usual; nothing before the first build."""
    del person
    today = timezone.localdate()
    first = day_number(today - timedelta(days=SHOWN_DAYS))
    recent = DailyMetric.objects.filter(dataset_id=RECEIVED_ID, day__gt=first)
    days = whole_days(list(recent), today=today)
    return {"last": days[-1].date, "tiles": daily_tiles(days)[:SHOWN_TILES]} if days else None


def quality(person: User) -> dict[str, Any] | None:
    """Return the checks that stop something; nothing where none does."""
    del person
    failing = CheckFailure.objects.filter(severity=BLOCK, is_accepted=False)
    rows = list(failing.order_by().values("dataset_id", "check_name").annotate(days=Count("day", distinct=True)))
    datasets = Dataset.objects.in_bulk([row["dataset_id"] for row in rows])
    tiles = [
        {"check": LABELS[row["check_name"]], "days": row["days"], "dataset": datasets[row["dataset_id"]]}
        for row in rows
    ]
    return {"tiles": tiles} if tiles else None


def decisions(person: User) -> dict[str, Any] | None:
    """Return the latest decisions; nothing before the first."""
    del person
    entries = list(ArchiveEntry.objects.select_related("team")[:LATEST])
    return {"entries": entries} if entries else None
