"""The numbers of a followed run as the analysis reads them, without looking at its events.

They hold everything that was committed up to a few seconds ago, or they are not handed out: where the reader is
behind, stopped, or sees another state of the run, whoever asks computes from the raw events.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from analytics.live import checkpoint
from analytics.live.moments import FOLDER, SUM_COLUMNS, is_kept
from analytics.live.runs import Followed
from analytics.models import LiveArm, LiveRun, LiveSum, LiveUnit
from analytics.results import sides
from analytics.results.moments import Asked, Exact, Place, RunSums, Sums, Watermark, summed
from analytics.results.phases import Regions
from analytics.results.statement import Reads
from experiments.public import MetricDefinition, RunDesign

LONGEST_LAG = timedelta(seconds=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """Where a followed run's numbers stand; within ``snapshot`` all reads see this state."""

    row: LiveRun
    complete_at: datetime

    def watermark(self, run: RunDesign) -> Watermark:
        """Return how much data the run has."""
        parts = ("live", self.row.changes, self.row.exposures, run.status, self.row.phases)
        return Watermark(
            units=self.row.exposures,
            first_at=self.row.first_at,
            last_at=self.row.last_at,
            fingerprint="|".join(str(part) for part in parts),
        )


@contextmanager
def snapshot() -> Iterator[bool]:
    """Let all reads within see one state of the database; yields whether they do.

    Inside a transaction that others began they cannot.
    """
    if connection.in_atomic_block:
        yield False
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("set transaction isolation level repeatable read")
        yield True


def state_of(run: RunDesign) -> LiveState | None:
    """Return where the run's numbers stand; None where they cannot be used."""
    found = checkpoint.state()
    if found is None or found.zone != settings.TIME_ZONE or checkpoint.now() - found.complete_at > LONGEST_LAG:
        return None
    row = LiveRun.objects.filter(run_id=run.run_id, phases=len(run.phases)).first()
    return LiveState(row=row, complete_at=found.complete_at) if row else None


def read_live_sums(run: RunDesign, state: LiveState, regions: Regions, *, recent: datetime) -> RunSums:
    """Return what ``analytics.results.moments.read_sums`` does, from the numbers that are kept.

    Args:
        run: The run.
        state: Where its numbers stand.
        regions: Of the run's buckets.
        recent: Units first exposed from here on count as recent.
    """
    followed = Followed(run=run, regions=regions, row=state.row)
    variants = {variant.id: variant.key for variant in run.design.variants}
    exposed = {
        (bucket, variants[variant], region): units
        for bucket, variant, region, units in LiveArm.objects.filter(run_id=run.run_id, units__gt=0).values_list(
            "bucket", "variant_id", "region", "units"
        )
    }
    cells = _kept_cells(run, exposed, variants)
    others = _other_metrics(followed, variants)
    of_others = {metric.key for metric in run.design.metrics() if not is_kept(metric)}
    if others:
        cells |= {place: cell for place, cell in others.cells.items() if place[0] in of_others}
    return RunSums(
        exposed=exposed,
        cells=cells,
        values=others.values if others else {},
        buckets=tuple(sorted({at for at, _, _ in exposed})),
        bucket=state.row.grain,
        caps=others.caps if others else _fixed_caps(run.design.metrics()),
        multiple=state.row.multiple,
        recent=LiveUnit.objects.filter(run_id=run.run_id, exposed_at__gte=recent, variant_id__isnull=False).count(),
    )


def _kept_cells(
    run: RunDesign, exposed: Mapping[tuple[datetime, str, int], int], variants: Mapping[int, str]
) -> dict[Place, Sums]:
    metrics = run.design.metrics()
    totals: dict[Place, dict[str, Exact]] = {}
    columns = ("metric", "variant_id", "region", "bucket", *SUM_COLUMNS)
    for metric, variant, region, bucket, *sums in LiveSum.objects.filter(run_id=run.run_id).values_list(*columns):
        place = (metrics[metric - 1].key, bucket, variants[variant], region)
        totals[place] = dict(zip(SUM_COLUMNS, sums, strict=True))
    return {
        (definition.key, *where): Sums(units=units, totals=totals.get((definition.key, *where), {}))
        for definition in metrics
        if is_kept(definition)
        for where, units in exposed.items()
    }


def _other_metrics(followed: Followed, variants: Mapping[int, str]) -> RunSums | None:
    """Return the sums of metrics that depend on more than each unit's own value, from the units' totals."""
    run = followed.run
    metrics = run.design.metrics()
    wanted = sides.numbers_of(not is_kept(metric) for metric in metrics)
    if not wanted:
        return None
    given = sides.parameters(metrics, until=run.stopped_at or timezone.now(), pauses=())
    strata = len(followed.regions.weights)
    return summed(
        Asked(
            metrics=metrics,
            params={**given, **_parts_of(wanted, given), **followed.place()},
            arms={
                number * strata + region: (key, region) for number, key in variants.items() for region in range(strata)
            },
            reads=Reads(units=f"{FOLDER}/stored_units.sql", events=(), activity=f"{FOLDER}/stored_activity.sql"),
        ),
        bucket=followed.row.grain,
    )


def _parts_of(metrics: list[int], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of these metrics only, so that nothing else is added up."""
    names = ("part_sources", "part_metrics", "part_sides", "part_aggregations")
    rows = [row for row in zip(*(given[name] for name in names), strict=True) if row[1] in metrics]
    columns = [list(column) for column in zip(*rows, strict=True)]
    return dict(zip(names, columns, strict=True))


def _fixed_caps(metrics: tuple[MetricDefinition, ...]) -> dict[str, float]:
    return {metric.key: float(metric.cap_value) for metric in metrics if metric.cap_value is not None}
