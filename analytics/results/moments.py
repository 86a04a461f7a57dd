"""From exposures and events to the sums that an analysis reads: one pass over the rows, in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
from django.conf import settings
from django.utils import timezone
from numpy.typing import NDArray

from analytics.live.grain import grain_of
from analytics.results import sides, statement
from analytics.results.phases import Regions, pauses_of
from analytics.results.statement import RAW, Reads
from experiments.public import MetricDefinition, RunDesign
from novarium.kernel import sql

NEVER = datetime(9999, 12, 31, tzinfo=UTC)
FOLDER = "analytics/sql/results"
SUMS = ("x", "y", "xx", "yy", "xy")
COVARIATE_SUMS = ("u", "v", "uu", "vv", "uv", "xu", "xv", "yu", "yv")
Exact = int | Decimal
# Metric key, bucket of first exposure, variant key, region (see ``analytics.results.phases``).
Place = tuple[str, datetime, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watermark:
    """How much data a run has.

    Attributes:
        units: Exposures, one per unit and variant.
        first_at: First exposure; None while there is none.
        fingerprint: Changes whenever an exposure or an event of the run's time arrives, or a phase begins.
    """

    units: int
    first_at: datetime | None
    last_at: datetime | None
    fingerprint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Units and exact sums over the units of one variant.

    Attributes:
        units: That count for the metric: of retention those whose days are over.
        totals: By ``x`` and ``y`` (numerator and denominator), ``u`` and ``v`` (the same before the exposure), and
            their products, such as ``xy``; what is not there is zero.
    """

    units: int = 0
    totals: Mapping[str, Exact] = field(default_factory=dict)

    def __add__(self, other: Sums) -> Sums:
        """Return the sums over both sets of units."""
        names = self.totals.keys() | other.totals.keys()
        return Sums(units=self.units + other.units, totals={name: self[name] + other[name] for name in names})

    def __getitem__(self, name: str) -> Exact:
        """Return one of the sums."""
        return self.totals.get(name, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSums:
    """Everything the analysis needs of a run.

    Attributes:
        exposed: Units by (bucket of first exposure, variant key, region).
        cells: Sums by (metric key, bucket, variant key, region).
        values: Of the metrics whose quantiles are compared: the units' values, by the same.
        buckets: Buckets that have units, in order.
        caps: At which value a metric was capped, by its key.
        multiple: Units that saw several variants; they are in no cell.
        recent: Units of the last day (see ``read_sums``).
    """

    exposed: Mapping[tuple[datetime, str, int], int]
    cells: Mapping[Place, Sums]
    values: Mapping[Place, NDArray[np.float64]]
    buckets: tuple[datetime, ...]
    bucket: str
    caps: Mapping[str, float]
    multiple: int = 0
    recent: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is summed over which units.

    Attributes:
        arms: Variant key and region by the number that the select of the units gives.
        reads: The selects of units, events and what the units did.
    """

    metrics: tuple[MetricDefinition, ...]
    params: dict[str, Any]
    arms: Mapping[int, tuple[str, int]]
    reads: Reads = RAW

    def rows(self, last: str) -> list[dict[str, Any]]:
        """Run the statement of the last file."""
        return statement.rows(f"{FOLDER}/{last}.sql", self.params, self.reads)

    def place(self, row: dict[str, Any]) -> Place:
        """Return where a row of a metric belongs."""
        return self.metrics[row["metric"] - 1].key, row["bucket"], *self.arms[row["arm"]]


def read_watermark(run: RunDesign) -> Watermark:
    """Return how much data the run has, without computing anything."""
    row = sql.rows(
        f"{FOLDER}/watermark.sql",
        {"run_id": run.run_id, "since": run.started_at, "until": run.stopped_at or NEVER},
    )[0]
    parts = (
        row["units"],
        row["exposures_received_at"],
        row["events"],
        row["events_received_at"],
        run.status,
        len(run.phases),
    )
    return Watermark(
        units=row["units"],
        first_at=row["first_at"],
        last_at=row["last_at"],
        fingerprint="|".join(part.isoformat() if isinstance(part, datetime) else str(part) for part in parts),
    )


def read_sums(run: RunDesign, watermark: Watermark, regions: Regions, *, recent: datetime) -> RunSums:
    """Return the run's sums by metric, bucket, variant and region.

    Args:
        run: The run; its stop bounds the events, and its pauses are left out.
        regions: Of the run's buckets.
        watermark: Of the same run; its times choose the bucket.
        recent: Units first exposed from here on count as recent.
    """
    metrics = run.design.metrics()
    until = run.stopped_at or NEVER
    bucket = grain_of(watermark.first_at, watermark.last_at).value
    first_at = watermark.first_at or run.started_at
    lookback = sides.longest_lookback(metrics)
    params = {
        **sides.parameters(metrics, until=run.stopped_at or timezone.now(), pauses=pauses_of(run)),
        "run_id": run.run_id,
        "since": first_at - lookback,
        "until": until,
        "bucket": bucket,
        "zone": settings.TIME_ZONE,
        "phased": len(run.phases) > 1,
        "phase_starts": [phase.started_at for phase in run.phases[1:]],
    }
    arms, members = _arms(run, regions, until)
    found = summed(
        Asked(
            metrics=metrics,
            params=params | members,
            arms=arms,
            reads=Reads(
                units=f"{FOLDER}/units_in_strata.sql" if regions.differ else statement.UNITS,
                events=statement.events_with_history() if lookback else (statement.LIVE,),
            ),
        ),
        bucket=bucket,
    )
    faults = sql.rows(f"{FOLDER}/faults.sql", {"run_id": run.run_id, "until": until, "recent": recent})[0]
    return RunSums(
        exposed=found.exposed,
        cells=found.cells,
        values=found.values,
        buckets=found.buckets,
        bucket=bucket,
        caps=found.caps,
        multiple=faults["multiple"],
        recent=faults["recent"],
    )


def _arms(run: RunDesign, regions: Regions, until: datetime) -> tuple[dict[int, tuple[str, int]], dict[str, Any]]:
    """Return variant and region by the number of the arm, and what the select of the units binds for them."""
    variants = {variant.id: variant.key for variant in run.design.variants}
    if not regions.differ:
        return {number: (key, 0) for number, key in variants.items()}, {}
    count = len(regions.weights)
    units = [row["unit_id"] for row in sql.rows(f"{FOLDER}/unit_ids.sql", {"run_id": run.run_id, "until": until})]
    strata = regions.of_units(units, seed=run.design.seed).tolist()
    arms = {number * count + region: (key, region) for number, key in variants.items() for region in range(count)}
    return arms, {"strata": count, "member_units": units, "member_strata": strata}


def summed(asked: Asked, *, bucket: str) -> RunSums:
    """Return the sums that are asked for, with as many statements as the metrics' types need, mostly one."""
    caps = _limits(asked)
    asked.params.update(caps=[caps.get(metric.key) for metric in asked.metrics], capped=bool(caps))
    moments = asked.rows("moments")
    totals = _totals(asked, moments)
    values = {asked.place(row): _floats(row["unit_values"]) for row in _rows_if("quantiles", "values", asked)}
    matured = {asked.place(row): row["units"] for row in _rows_if("due_metrics", "matured", asked)}
    exposed = {(row["bucket"], *asked.arms[row["arm"]]): row["units"] for row in moments}
    units = {
        place: _counted(metric, count, values.get(place), matured.get(place, 0))
        for metric in asked.metrics
        for where, count in exposed.items()
        for place in [(metric.key, *where)]
    }
    quantiles = {metric.key for metric in asked.metrics if metric.type == "quantile"}
    return RunSums(
        exposed=exposed,
        cells={place: Sums(units=count, totals=totals.get(place, {})) for place, count in units.items()},
        values={p: _with_zeros(values.get(p), count) for p, count in units.items() if p[0] in quantiles},
        buckets=tuple(sorted({at for at, _, _ in exposed})),
        bucket=bucket,
        caps=caps,
    )


def _totals(asked: Asked, moments: Sequence[dict[str, Any]]) -> dict[Place, dict[str, Exact]]:
    """Return sums by place; a row of moments without a metric only counts units."""
    totals = {asked.place(row): {name: row[name] for name in SUMS} for row in moments if row["metric"] is not None}
    for row in _rows_if("adjusted", "covariates", asked):
        totals[asked.place(row)] |= {name: row[name] for name in COVARIATE_SUMS}
    return totals


def _rows_if(condition: str, last: str, asked: Asked) -> list[dict[str, Any]]:
    return asked.rows(last) if asked.params[condition] else []


def _limits(asked: Asked) -> dict[str, float]:
    """Return at which value each metric is capped."""
    fixed = {metric.key: float(metric.cap_value) for metric in asked.metrics if metric.cap_value is not None}
    if not any(metric.cap_percentile for metric in asked.metrics):
        return fixed
    found = {asked.metrics[row["metric"] - 1].key: float(row["limit_value"]) for row in asked.rows("limits")}
    return {**fixed, **found}


def _counted(metric: MetricDefinition, units: int, values: NDArray[np.float64] | None, matured: int) -> int:
    """Return how many units count for the metric."""
    if metric.type == "retention":
        return matured
    if metric.type == "quantile" and metric.numerator_aggregation == "hours":
        return 0 if values is None else len(values)
    return units


def _with_zeros(values: NDArray[np.float64] | None, units: int) -> NDArray[np.float64]:
    """Return the values of all units: those without an event have zero."""
    found = np.zeros(units)
    if values is not None:
        found[: len(values)] = values
    return found


def _floats(values: list[float]) -> NDArray[np.float64]:
    return np.asarray(values, dtype=np.float64)
