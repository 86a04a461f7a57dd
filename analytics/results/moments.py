"""From exposures and events to the moments an analysis reads: one pass over the rows, in SQL."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from analytics.stats import ExperimentMoments, Moments
from experiments.public import Design, MetricDefinition, RunDesign
from novarium.kernel import sql

WORK_MEMORY = "64MB"  # with Postgres' 4 MB grouping a hundred thousand units goes to disk
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
Exact = int | Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """How much data a run has.

    Attributes:
        units: Exposures, one per unit and variant.
        first_at: First exposure; None while there is none.
        fingerprint: Changes whenever an exposure or an event of the run's time arrives.
    """

    units: int
    first_at: datetime | None
    last_at: datetime | None
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Units and exact sums of numerator x and denominator y over the units of one variant."""

    units: int = 0
    x: Exact = 0
    y: Exact = 0
    xx: Exact = 0
    yy: Exact = 0
    xy: Exact = 0

    def __add__(self, other: Sums) -> Sums:
        """Return the sums over both sets of units."""
        return Sums(
            units=self.units + other.units,
            x=self.x + other.x,
            y=self.y + other.y,
            xx=self.xx + other.xx,
            yy=self.yy + other.yy,
            xy=self.xy + other.xy,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSums:
    """Everything the analysis needs of a run.

    Attributes:
        cells: Sums by (metric key, bucket of first exposure, variant key).
        buckets: Buckets that have units, in order.
        multiple: Units that saw several variants; they are in no cell.
        recent: Units of the last day (see ``read_sums``).
    """

    cells: dict[tuple[str, datetime, str], Sums]
    buckets: tuple[datetime, ...]
    bucket: str
    multiple: int
    recent: int


def read_watermark(run: RunDesign) -> Watermark:
    """Return how much data the run has, without computing anything."""
    row = sql.rows(
        "analytics/sql/results/watermark.sql",
        {"run_id": run.run_id, "since": run.started_at, "until": run.stopped_at or NEVER},
    )[0]
    parts = (row["units"], row["exposures_received_at"], row["events"], row["events_received_at"], run.status)
    return Watermark(
        units=row["units"],
        first_at=row["first_at"],
        last_at=row["last_at"],
        fingerprint="|".join(part.isoformat() if isinstance(part, datetime) else str(part) for part in parts),
    )


def read_sums(run: RunDesign, watermark: Watermark, *, recent: datetime) -> RunSums:
    """Return the run's sums by metric, bucket and variant.

    Args:
        run: The run; its stop bounds the events.
        watermark: Of the same run; its times choose the bucket.
        recent: Units first exposed from here on count as recent.
    """
    bucket = _bucket(watermark)
    names = {variant.id: variant.key for variant in run.design.variants}
    until = run.stopped_at or NEVER
    params = {
        **_metric_columns(run.design.metrics()),
        "run_id": run.run_id,
        "since": watermark.first_at,
        "until": until,
        "bucket": bucket,
        "zone": settings.TIME_ZONE,
    }
    cells: dict[tuple[str, datetime, str], Sums] = {}
    for row in _rows(params):
        sums = Sums(**{name: row[name] for name in ("units", "x", "y", "xx", "yy", "xy")})
        cells[row["metric_key"], row["bucket"], names[row["variant_id"]]] = sums
    faults = sql.rows("analytics/sql/results/faults.sql", {"run_id": run.run_id, "until": until, "recent": recent})[0]
    return RunSums(
        cells=cells,
        buckets=tuple(sorted({at for _, at, _ in cells})),
        bucket=bucket,
        multiple=faults["multiple"],
        recent=faults["recent"],
    )


def _rows(params: dict[str, Any]) -> list[dict[str, Any]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config('work_mem', %s, true)", [WORK_MEMORY])
        return sql.rows("analytics/sql/results/moments.sql", params)


def totals(sums: RunSums, design: Design) -> dict[str, dict[str, Sums]]:
    """Return the sums of the whole run by metric key and variant key."""
    found: dict[str, dict[str, Sums]] = {
        metric.key: {variant.key: Sums() for variant in design.variants} for metric in design.metrics()
    }
    for (metric, _, variant), cell in sums.cells.items():
        found[metric][variant] += cell
    return found


def experiment_moments(by_metric: dict[str, dict[str, Sums]], design: Design, *, multiple: int) -> ExperimentMoments:
    """Return the moments of the whole run."""
    arms = [variant.key for variant in design.variants]
    return ExperimentMoments(
        arms=tuple(arms),
        metrics={
            metric.key: _moments(metric, [by_metric[metric.key][arm] for arm in arms]) for metric in design.metrics()
        },
        exposed=tuple(by_metric[design.oec.key][arm].units for arm in arms),
        multiply_exposed=multiple,
    )


def cumulative_moments(sums: RunSums, design: Design) -> ExperimentMoments:
    """Return the OEC's moments for the units exposed up to each bucket, the buckets as segments."""
    arms = [variant.key for variant in design.variants]
    running: dict[str, Sums] = defaultdict(Sums)
    steps: list[Sums] = []
    for at in sums.buckets:
        for arm in arms:
            running[arm] += sums.cells.get((design.oec.key, at, arm), Sums())
            steps.append(running[arm])
    moments = _moments(design.oec, steps).reshape(len(sums.buckets), len(arms))
    return ExperimentMoments(
        arms=tuple(arms), metrics={design.oec.key: moments}, segments=tuple(at.isoformat() for at in sums.buckets)
    )


def _moments(metric: MetricDefinition, arms: Sequence[Sums]) -> Moments:
    names = {"x": "value", "y": "denominator"} if metric.type == "ratio" else {"x": "value"}
    return Moments.from_sums(
        count=[arm.units for arm in arms],
        sums={column: _exact(getattr(arm, side) for arm in arms) for side, column in names.items()},
        products={
            (names[a], names[b]): _exact(getattr(arm, a + b) for arm in arms)
            for a, b in (("x", "x"), ("y", "y"), ("x", "y"))
            if a in names and b in names
        },
    )


def _exact(values: Iterable[Exact]) -> list[Exact]:
    """Return whole Decimals as ints: SQL sums bigints to numeric, and ints are centred faster."""
    return [int(value) if value == int(value) else value for value in values]


def _bucket(watermark: Watermark) -> str:
    span = (watermark.last_at - watermark.first_at) if watermark.last_at and watermark.first_at else timedelta()
    if span > timedelta(days=2):
        return "day"
    if span > timedelta(hours=3):
        return "hour"
    return "minute" if span > timedelta(minutes=3) else "second"


def _metric_columns(metrics: Sequence[MetricDefinition]) -> dict[str, Any]:
    events = {metric.numerator_event for metric in metrics} | {metric.denominator_event for metric in metrics}
    return {
        "metrics": [metric.key for metric in metrics],
        "numerator_events": [metric.numerator_event for metric in metrics],
        "numerator_aggregations": [metric.numerator_aggregation for metric in metrics],
        "denominator_events": [metric.denominator_event for metric in metrics],
        "denominator_aggregations": [metric.denominator_aggregation for metric in metrics],
        "names": sorted(events - {""}),
    }
