"""The newest state of the windows in Valkey, so that many open pages cost Postgres nothing while nothing changed.

Postgres is the truth: where Valkey is away, readers look there.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from redis import RedisError

from analytics.live import checkpoint
from analytics.live.windows import MINUTE, Window, whole_minute, windows_since

logger = logging.getLogger(__name__)

KEY = "live:latest"
SHOWN_MINUTES = 60
KEPT_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The windows of the last hour, and how far they can be trusted.

    Attributes:
        complete_at: Everything committed before this moment is in the windows.
        watermark: Windows that end by this moment are closed.
        windows: Of a minute each, oldest first.
    """

    complete_at: datetime
    watermark: datetime
    windows: tuple[Window, ...]

    @property
    def version(self) -> str:
        """Changes whenever what a page shows of the windows does: with each closed window, and every few seconds."""
        return f"{self.watermark:%H%M%S}"[:5]


def read() -> Latest | None:
    """Return the newest state as it is in Postgres; None before the first step."""
    found = checkpoint.state()
    if found is None:
        return None
    since = whole_minute(found.watermark) - SHOWN_MINUTES * MINUTE
    return Latest(
        complete_at=found.complete_at,
        watermark=found.watermark,
        windows=windows_since(since),
    )


def latest() -> Latest | None:
    """Return the newest state: Valkey's where it has one that is younger than half a minute."""
    try:
        kept: Latest | None = cache.get(KEY)
    except (RedisError, OSError):
        kept = None
    return kept or read()


def publish() -> None:
    """Put the newest state into Valkey; without Valkey readers do without."""
    try:
        cache.set(KEY, read(), KEPT_SECONDS)
    except (RedisError, OSError) as error:
        logger.warning("Valkey does not answer: pages read windows from Postgres", extra={"error": str(error)})
