"""Where a run's numbers come from: kept moments of a run that is followed, else the raw events."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Protocol

from analytics.live import reading as live
from analytics.results.moments import RunSums, Watermark, read_sums, read_watermark
from analytics.results.phases import Regions
from experiments.public import RunDesign

LIVE = frozenset({"running", "paused"})


class ReadSums(Protocol):
    """Reads the sums of a run, units first exposed from ``recent`` on counted apart."""

    def __call__(self, regions: Regions, *, recent: datetime) -> RunSums:
        """Return the sums."""
        ...


@contextmanager
def numbers_of(run: RunDesign) -> Iterator[tuple[Watermark, ReadSums]]:
    """Yield how much data the run has, and what reads its sums while the context lasts."""
    if run.status in LIVE:
        with live.snapshot() as is_one:
            state = live.state_of(run) if is_one else None
            if state:
                yield state.watermark(run), partial(live.read_live_sums, run, state)
                return
    watermark = read_watermark(run)
    yield watermark, partial(read_sums, run, watermark)
