"""The reader's checkpoint: whoever holds its lock reads on, and it moves in the transaction of what was read."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import connection

from analytics.live import windows
from analytics.live.transactions import Look, Visible, look
from analytics.models import LiveCheckpoint
from novarium.kernel import sql


class DatabaseWasRestored(Exception):
    """The checkpoint is ahead of Postgres' transactions, as after a dump was loaded into another cluster."""


def claim() -> tuple[LiveCheckpoint, bool] | None:
    """Return the locked checkpoint and whether it was made just now; None while another reader has it.

    A new one begins with what is visible; what was stored before is taken by whoever starts from it.
    """
    if found := _locked():
        return found, False
    seen = look()
    made = sql.execute(
        "analytics/sql/live/begin.sql",
        {
            "visible": seen.visible.text,
            "step": seen.visible.before,
            "at": seen.at,
            "windows_from": windows.begin(seen.at),
            "zone": settings.TIME_ZONE,
        },
    )
    return (found, True) if made and (found := _locked()) else None


def _locked() -> LiveCheckpoint | None:
    return LiveCheckpoint.objects.select_for_update(skip_locked=True).filter(id=1).first()


def is_ahead(found: LiveCheckpoint, seen: Look) -> bool:
    """Whether the checkpoint knows transactions that Postgres has yet to begin."""
    return Visible.of(found.visible).before > seen.visible.before


def state() -> LiveCheckpoint | None:
    """Return the checkpoint as it was last committed; None before the first step."""
    return LiveCheckpoint.objects.filter(id=1).first()


def now() -> datetime:
    """Return the moment by Postgres' clock, by which the checkpoint is told too."""
    with connection.cursor() as cursor:
        cursor.execute("select statement_timestamp()")
        (at,) = cursor.fetchone()
    found: datetime = at
    return found
