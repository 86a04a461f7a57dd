"""Tumbling windows of a minute by when things happened, corrected by whatever comes late.

Windows of five minutes are sums of those of one. A window is closed once the watermark has passed its end: everything
committed up to ``LATENESS`` after its end was read then. What comes later still corrects it, and is counted as late.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from analytics.live.runs import Following
from analytics.live.stretch import Stretch
from analytics.live.units import Concerned
from analytics.models import LiveCheckpoint, LiveWindow
from experiments.public import feature_keys
from novarium.kernel import sql

LATENESS = timedelta(seconds=5)
KEPT = timedelta(days=14)
AT_FIRST = timedelta(days=1)  # so far back begin the windows of a new installation
MINUTE = timedelta(minutes=1)


def take_windows(
    following: Following, stretch: Stretch, concerned: Iterable[Concerned], *, checkpoint: LiveCheckpoint
) -> None:
    """Add the step's events to their windows.

    Args:
        following: The runs.
        stretch: What the step reads.
        concerned: How it concerns the runs; earlier events of units whose exposures changed move along.
        checkpoint: As it was before the step.
    """
    sql.execute(
        "analytics/sql/live/windows.sql",
        {
            **following.columns(),
            **stretch.bounds(),
            "windows_from": checkpoint.windows_from,
            "watermark": checkpoint.watermark,
            "known_features": sorted(feature_keys()),
            "earliest": min((one.earliest for one in concerned if one.earliest), default=None),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What happened in a stretch of time; run and variant are 0 for everybody, the feature is empty for all.

    Attributes:
        revenue: In won.
        late: Events that came after the window was closed.
    """

    starts_at: datetime
    run_id: int
    variant_id: int
    feature: str
    impressions: int
    clicks: int
    orders: int
    revenue: Decimal
    late: int

    @property
    def ctr(self) -> float | None:
        """Clicks of all impressions; None without an impression."""
        return self.clicks / self.impressions if self.impressions else None


def windows_since(at: datetime) -> tuple[Window, ...]:
    """Return the windows of a minute that start at this moment or later, oldest first."""
    found = LiveWindow.objects.filter(starts_at__gte=at).order_by("starts_at", "run_id", "variant_id", "feature")
    return tuple(Window(**row) for row in found.values(*Window.__slots__))


def five_minutes(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Return windows of five minutes (from the full hour on) of those of one."""
    together: dict[tuple[datetime, int, int, str], Window] = {}
    for window in windows:
        starts_at = window.starts_at - timedelta(minutes=window.starts_at.minute % 5)
        key = (starts_at, window.run_id, window.variant_id, window.feature)
        before = together.get(key)
        together[key] = _sum(before, window) if before else replace(window, starts_at=starts_at)
    return tuple(together[key] for key in sorted(together))


def _sum(first: Window, second: Window) -> Window:
    return replace(
        first,
        impressions=first.impressions + second.impressions,
        clicks=first.clicks + second.clicks,
        orders=first.orders + second.orders,
        revenue=first.revenue + second.revenue,
        late=first.late + second.late,
    )
