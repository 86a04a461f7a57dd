"""Whether the moments that are kept are those of the raw events: a recomputation of everything that was read."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.utils import timezone

from analytics.live.moments import FOLDER
from analytics.live.reading import LiveState, read_live_sums
from analytics.live.runs import Designs, Followed, forget
from analytics.models import LiveCheckpoint, LiveRun
from analytics.results import sides, statement
from analytics.results.moments import Asked, RunSums, summed
from analytics.results.phases import Regions, pauses_of
from analytics.results.statement import Reads
from experiments.public import RunDesign
from novarium.kernel import sql

CLOSE = 1e-9  # of values of quantiles, which the statistics read as floats; sums are exact


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a comparison found.

    Attributes:
        experiment: Its key.
        cells: Numbers of units and sums that were compared, by metric, variant, region and bucket.
        differences: What is not equal, in words; empty where all is.
    """

    experiment: str
    cells: int
    differences: tuple[str, ...]


def verify(*, mend: bool = False) -> tuple[Verified, ...]:
    """Compare every followed run with its raw events, while the reader waits.

    Args:
        mend: Whether the next step computes runs that differ afresh.
    """
    with transaction.atomic():
        found = LiveCheckpoint.objects.select_for_update().filter(id=1).first()
        if found is None:
            return ()
        designs = Designs().current()
        verified = []
        for row in LiveRun.objects.order_by("run_id"):
            if row.run_id not in designs or row.phases != len(designs[row.run_id][0].phases):
                continue  # the next step forgets it or computes it afresh
            run, regions = designs[row.run_id]
            checked = _compared(run, regions, row, found)
            verified.append(checked)
            if mend and checked.differences:
                forget([row.run_id])
    return tuple(verified)


def _compared(run: RunDesign, regions: Regions, row: LiveRun, found: LiveCheckpoint) -> Verified:
    now = timezone.now()
    raw = recompute(Followed(run=run, regions=regions, row=row), read=found.visible)
    kept = read_live_sums(run, LiveState(row=row, complete_at=found.complete_at), regions, recent=now)
    return Verified(experiment=run.design.key, cells=len(raw.cells), differences=tuple(differences(kept, raw)))


def recompute(followed: Followed, *, read: str) -> RunSums:
    """Return a run's sums from the raw rows of the transactions that were read, as a pg_snapshot."""
    run, metrics = followed.run, followed.run.design.metrics()
    lookback = sides.longest_lookback(metrics)
    strata = len(followed.regions.weights)
    units = _units(run.run_id, read) if followed.regions.differ else []
    params = {
        **sides.parameters(metrics, until=timezone.now(), pauses=pauses_of(run)),
        **followed.place(),
        "to": read,
        "since": run.started_at - lookback - sides.DAY,
        "until": "infinity",
        "member_units": units,
        "member_regions": followed.regions.of_units(units, seed=run.design.seed).tolist() if units else [],
    }
    history = (statement.HISTORY,) if lookback and statement.has_history() else ()
    return summed(
        Asked(
            metrics=metrics,
            params=params,
            arms={
                variant.id * strata + region: (variant.key, region)
                for variant in run.design.variants
                for region in range(strata)
            },
            reads=Reads(units=f"{FOLDER}/units_read.sql", events=(f"{FOLDER}/events_read.sql", *history)),
        ),
        bucket=followed.row.grain,
    )


def differences(kept: RunSums, raw: RunSums) -> list[str]:
    """Return in words where two sets of sums differ."""
    found = []
    if kept.exposed != raw.exposed:
        found.append(f"units: {sum(kept.exposed.values())} kept, {sum(raw.exposed.values())} in the raw events")
    if kept.caps != raw.caps:
        found.append(f"caps: {kept.caps} kept, {raw.caps} in the raw events")
    for place in kept.cells.keys() | raw.cells.keys():
        mine, theirs = kept.cells.get(place), raw.cells.get(place)
        names = {*(mine.totals if mine else ()), *(theirs.totals if theirs else ())}
        if mine is None or theirs is None or mine.units != theirs.units or any(mine[n] != theirs[n] for n in names):
            found.append(f"{' '.join(map(str, place))}: {mine} kept, {theirs} in the raw events")
    for place in kept.values.keys() | raw.values.keys():
        held, whole = (np.sort(sums.values.get(place, np.empty(0))) for sums in (kept, raw))
        if len(held) != len(whole) or not np.allclose(held, whole, rtol=CLOSE, atol=CLOSE):
            found.append(f"{' '.join(map(str, place))}: values of units differ")
    return found


def _units(run_id: int, read: str) -> list[str]:
    rows = sql.rows(f"{FOLDER}/unit_ids_read.sql", {"run_id": run_id, "to": read})
    return [row["unit_id"] for row in rows]
