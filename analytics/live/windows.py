"""Tumbling windows of a minute by when things happened, corrected by whatever comes late.

Windows of five minutes are sums of those of one. A window is closed once the watermark has passed its end: everything
committed up to ``LATENESS`` after its end was read then. What comes later still corrects it, and is counted as late.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from analytics.live.runs import Following
from analytics.live.stretch import Stretch
from analytics.models import LiveCheckpoint, LiveWindow
from experiments.public import feature_keys
from novarium.kernel import sql

LATENESS = timedelta(seconds=5)
KEPT = timedelta(days=14)
AT_FIRST = timedelta(days=1)  # so far back begin the windows of a new installation
MINUTE = timedelta(minutes=1)


def take_windows(
    following: Following, stretch: Stretch, *, checkpoint: LiveCheckpoint, earliest: datetime | None
) -> None:
    """Add the step's events to their windows.

    Args:
        following: The runs.
        stretch: What the step reads.
        checkpoint: As it was before the step.
        earliest: First exposure of a unit whose exposures changed; its earlier events move along.
    """
    sql.execute(
        "analytics/sql/live/windows.sql",
        {
            **following.columns(),
            **stretch.bounds(),
            "windows_from": checkpoint.windows_from,
            "watermark": checkpoint.watermark,
            "known_features": sorted(feature_keys()),
            "earliest": earliest,
        },
    )


def begin(at: datetime) -> datetime:
    """Return from where on windows are kept when the first reader begins."""
    return whole_minute(at - AT_FIRST)


def move_on(checkpoint: LiveCheckpoint) -> None:
    """Move the watermark, which never goes back, and drop windows that are too old."""
    checkpoint.watermark = max(checkpoint.watermark, checkpoint.complete_at - LATENESS)
    oldest = whole_minute(checkpoint.watermark - KEPT)
    if oldest - checkpoint.windows_from >= timedelta(hours=1):
        LiveWindow.objects.filter(starts_at__lt=oldest).delete()
        checkpoint.windows_from = oldest


def whole_minute(at: datetime) -> datetime:
    """Return the minute that a moment lies in."""
    return at.replace(second=0, microsecond=0)
