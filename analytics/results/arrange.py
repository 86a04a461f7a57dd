"""A run's sums in the shape that the statistics read: by arm, by stratum, and cumulated over time. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from analytics.results.moments import Exact, RunSums, Sums
from analytics.results.phases import Strata
from analytics.stats import ExperimentMoments, Moments, QuantileSummary, summarise
from experiments.public import Design, MetricDefinition

COLUMNS = {"x": "value", "y": "denominator", "u": "before", "v": "before_denominator"}
MOST_QUANTILE_POINTS = 30  # each sorts the values of all units that came so far


def columns_of(metric: MetricDefinition) -> dict[str, str]:
    """Return the columns of a metric's moments by the names of its sums."""
    is_divided = metric.type in {"ratio", "funnel"}
    wanted = ["x", *(["y"] if is_divided else [])]
    if metric.lookback_days:
        wanted += ["u", *(["v"] if is_divided else [])]
    return {name: COLUMNS[name] for name in wanted}


def totals(sums: RunSums, design: Design, strata: Strata) -> dict[str, dict[str, Sums]]:
    """Return the sums of the whole run by metric key and variant key, of the units that are not left out."""
    found: dict[str, dict[str, Sums]] = {
        metric.key: {variant.key: Sums() for variant in design.variants} for metric in design.metrics()
    }
    for (metric, _, variant, region), cell in sums.cells.items():
        if strata.place(region) is not None:
            found[metric][variant] += cell
    return found


def experiment_moments(sums: RunSums, design: Design, strata: Strata) -> ExperimentMoments:
    """Return the moments of the whole run, with an axis of strata where they are combined."""
    arms = [variant.key for variant in design.variants]
    by_stratum: dict[tuple[str, int, str], Sums] = defaultdict(Sums)
    for (metric, _, variant, region), cell in sums.cells.items():
        place = strata.place(region)
        if place is not None:
            by_stratum[metric, place, variant] += cell
    places = range(max(len(strata.names), 1))
    return ExperimentMoments(
        arms=tuple(arms),
        metrics={
            metric.key: _quantiles(metric, sums, arms, strata)
            if metric.type == "quantile"
            else _stratified(
                moments_of(metric, [by_stratum[metric.key, s, arm] for s in places for arm in arms]), strata
            )
            for metric in design.metrics()
        },
        strata=strata.names,
        exposed=tuple(sum(n for (_, variant, _), n in sums.exposed.items() if variant == arm) for arm in arms),
        multiply_exposed=sums.multiple,
    )


def cumulative_moments(sums: RunSums, design: Design, strata: Strata) -> Iterator[ExperimentMoments]:
    """Yield the OEC's moments for the units exposed up to each bucket, the buckets as segments.

    Buckets come in groups with the same usable strata, one after the other: a stratum counts from when every variant
    has units in it.
    """
    arms = [variant.key for variant in design.variants]
    if design.oec.type == "quantile":
        yield _cumulative_quantiles(sums, design.oec, arms, strata)
        return
    group: list[tuple[datetime, list[Sums]]] = []
    usable: tuple[int, ...] = ()
    for at, running in _running(sums, design.oec, arms, strata):
        now = tuple(number for number, row in enumerate(running) if all(cell.units > 1 for cell in row)) or (0,)
        if group and now != usable:
            yield _segments(group, design.oec, arms, len(usable))
            group = []
        usable = now
        group.append((at, [cell for number in usable for cell in running[number]]))
    if group:
        yield _segments(group, design.oec, arms, len(usable))


def moments_of(metric: MetricDefinition, cells: Sequence[Sums]) -> Moments:
    """Return the moments of a metric, one group for each of the sums."""
    names = columns_of(metric)
    return Moments.from_sums(
        count=[cell.units for cell in cells],
        sums={column: _exact(cell[side] for cell in cells) for side, column in names.items()},
        products={
            (names[a], names[b]): _exact(cell[a + b] for cell in cells)
            for a in names
            for b in names
            if "xyuv".index(a) <= "xyuv".index(b)
        },
    )


def quantile_of(metric: MetricDefinition, values: NDArray[np.float64]) -> QuantileSummary:
    """Return the summary of one group's quantile."""
    return summarise(values=values, probability=metric.quantile or 0.5)


def _running(
    sums: RunSums, metric: MetricDefinition, arms: Sequence[str], strata: Strata
) -> Iterator[tuple[datetime, list[list[Sums]]]]:
    """Yield, for each bucket, the sums so far by stratum and arm."""
    running = [[Sums() for _ in arms] for _ in strata.used]
    for at in sums.buckets:
        for place, region in enumerate(strata.used):
            for number, arm in enumerate(arms):
                running[place][number] += sums.cells.get((metric.key, at, arm, region), Sums())
        yield at, [list(row) for row in running]


def _segments(
    group: Sequence[tuple[datetime, list[Sums]]], metric: MetricDefinition, arms: Sequence[str], strata: int
) -> ExperimentMoments:
    moments = moments_of(metric, [cell for _, cells in group for cell in cells])
    several = strata > 1
    shape = (len(group), strata, len(arms)) if several else (len(group), len(arms))
    return ExperimentMoments(
        arms=tuple(arms),
        metrics={metric.key: moments.reshape(*shape)},
        segments=tuple(at.isoformat() for at, _ in group),
        strata=tuple(f"weights {number + 1}" for number in range(strata)) if several else (),
    )


def _stratified(moments: Moments, strata: Strata) -> Moments:
    return moments.reshape(1, len(strata.names), -1) if strata.names else moments


def _quantiles(metric: MetricDefinition, sums: RunSums, arms: Sequence[str], strata: Strata) -> QuantileSummary:
    """Return the arms' quantiles; strata cannot be combined, so the largest stands for the run."""
    region = _largest(sums, strata)
    return QuantileSummary.stack([quantile_of(metric, _values(sums, metric, arm, region)) for arm in arms])


def _cumulative_quantiles(
    sums: RunSums, metric: MetricDefinition, arms: Sequence[str], strata: Strata
) -> ExperimentMoments:
    step = -(-len(sums.buckets) // MOST_QUANTILE_POINTS)
    ends = sums.buckets[::-step][::-1]
    region = _largest(sums, strata)
    rows = [
        QuantileSummary.stack([quantile_of(metric, _values(sums, metric, arm, region, until=end)) for arm in arms])
        for end in ends
    ]
    return ExperimentMoments(
        arms=tuple(arms),
        metrics={metric.key: _stacked(rows)},
        segments=tuple(at.isoformat() for at in ends),
    )


def _largest(sums: RunSums, strata: Strata) -> int:
    sizes = dict.fromkeys(strata.used, 0)
    for (_, _, region), units in sums.exposed.items():
        if region in sizes:
            sizes[region] += units
    return max(sizes, key=lambda region: sizes[region])


def _stacked(rows: Sequence[QuantileSummary]) -> QuantileSummary:
    """Return summaries of shape (arm,) as one of shape (segment, arm)."""

    def joined(name: str) -> NDArray[np.float64]:
        return np.stack([getattr(row, name) for row in rows])

    return QuantileSummary(
        probability=rows[0].probability,
        level=rows[0].level,
        count=joined("count"),
        value=joined("value"),
        lower=joined("lower"),
        upper=joined("upper"),
        design_effect=joined("design_effect"),
        clusters=joined("clusters"),
    )


def _values(
    sums: RunSums, metric: MetricDefinition, arm: str, region: int, *, until: datetime | None = None
) -> NDArray[np.float64]:
    """Return the values of an arm's units first exposed up to the bucket ``until``."""
    places = [(metric.key, at, arm, region) for at in sums.buckets if until is None or at <= until]
    parts = [sums.values[place] for place in places if place in sums.values]
    return np.concatenate(parts) if parts else np.empty(0)


def _exact(values: Iterable[Exact]) -> list[Exact]:
    """Return whole Decimals as ints: SQL sums bigints to numeric, and ints are centred faster."""
    return [int(value) if value == int(value) else value for value in values]
