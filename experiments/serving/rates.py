"""How often a key may call: one bucket of tokens a grant and worker process. Pure."""

from __future__ import annotations

import math
import time
from collections.abc import Callable


class Rates:
    """Token buckets by grant; each of ``workers`` processes grants its share.

    A bucket holds what ten seconds bring, so that a burst passes and a flood does not.
    """

    def __init__(self, *, workers: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._workers = workers
        self._clock = clock
        self._levels: dict[str, tuple[float, float]] = {}

    def wait(self, grant_id: str, per_minute: int, cost: float = 1.0) -> int:
        """Take a token; return 0, or after how many seconds there will be one."""
        rate = per_minute / 60 / self._workers
        full = max(rate * 10, 1.0)
        now = self._clock()
        level, at = self._levels.get(grant_id, (full, now))
        level = min(full, level + (now - at) * rate)
        if level < cost:
            self._levels[grant_id] = (level, now)
            return max(1, math.ceil((cost - level) / rate))
        self._levels[grant_id] = (level - cost, now)
        return 0
