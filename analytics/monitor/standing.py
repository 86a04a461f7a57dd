"""How running experiments stand, by tests that hold however often somebody looks.

A monitor is looked at all the time, so a p-value that is meant for one look would call differences real that are not.
Here every interval is a confidence sequence and the sample ratio is tested sequentially, whatever the plan is; the
results page reads the plan as it was made.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from django.core.cache import cache
from django.utils import timezone

from analytics.results.arrange import experiment_moments
from analytics.results.moments import RunSums
from analytics.results.numbers import numbers_of
from analytics.results.phases import Regions, expected_units, phases_or_one, regions_of, strata_of, units_by_region
from analytics.results.plan import plan_of
from analytics.stats import Report, StatisticsError, analyse, sequential_sample_ratio
from analytics.stats.sequential import AlwaysValid
from experiments.public import MetricDefinition, RunDesign, get_run_design, live_runs

SAMPLE_RATIO_ALPHA = 0.001
# How near the plan mismatches are expected: the first finds gross ones early, the second small ones with many units.
# Each is tested at its part of alpha, so that both together keep it.
CONCENTRATIONS = (100.0, 10_000.0)
KEPT_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """The sample ratio, tested at every bucket of time at one level over all looks.

    Attributes:
        units: Of each variant, in the design's order.
        expected: The same by plan.
        mismatch: None where it cannot be told.
    """

    units: tuple[int, ...]
    expected: tuple[float, ...]
    mismatch: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """One treatment on one metric: the lift and its confidence sequence.

    Attributes:
        verdict: Of the OEC ``better``, ``worse`` or ``open``; of a guardrail ``safe``, ``harmed`` or ``undecided``;
            None where ``reason`` says why.
        margin: A guardrail's relative tolerance.
    """

    metric: MetricDefinition
    role: str
    variant: str
    lift: float | None
    low: float | None
    high: float | None
    verdict: str | None
    margin: float | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A running or paused experiment now; without a ratio nobody was exposed yet."""

    run: RunDesign
    reached: int = 0
    multiple: int = 0
    ratio: Ratio | None = None
    bounds: tuple[Bound, ...] = ()


def standings() -> tuple[Standing, ...]:
    """Return how each live experiment stands, the newest first."""
    runs = (get_run_design(state.experiment, state.number) for state in reversed(live_runs()))
    return tuple(standing_of(run) for run in runs)


def standing_of(run: RunDesign) -> Standing:
    """Return how the run stands; kept for as long as its data stay the same."""
    with numbers_of(run) as (watermark, read):
        if watermark.first_at is None:
            return Standing(run=run)
        key = f"standing:{run.run_id}:{watermark.fingerprint}".replace(" ", "")
        kept: Standing | None = cache.get(key)
        if kept is None:
            regions = regions_of(phases_or_one(run))
            kept = _standing(run, regions, read(regions, recent=timezone.now() - timedelta(days=1)))
            cache.set(key, kept, KEPT_SECONDS)
    return kept


def _standing(run: RunDesign, regions: Regions, sums: RunSums) -> Standing:
    arms = [variant.key for variant in run.design.variants]
    by_region = units_by_region(regions, sums.exposed, arms)
    return Standing(
        run=run,
        reached=sum(sums.exposed.values()),
        multiple=sums.multiple,
        ratio=_ratio(regions, by_region, sums, arms),
        bounds=_bounds(run, regions, by_region, sums),
    )


def _ratio(regions: Regions, by_region: list[list[int]], sums: RunSums, arms: list[str]) -> Ratio:
    """Test the region that has most units: weights are the same throughout it."""
    largest = max(range(len(by_region)), key=lambda region: sum(by_region[region]))
    weights = regions.weights[largest]
    counts = np.zeros((len(sums.buckets), len(arms)))
    rows = {at: row for row, at in enumerate(sums.buckets)}
    for (at, arm, region), units in sums.exposed.items():
        if region == largest:
            counts[rows[at], arms.index(arm)] += units
    alpha = SAMPLE_RATIO_ALPHA / len(CONCENTRATIONS)
    tested = [
        sequential_sample_ratio(
            cumulative=counts.cumsum(axis=0), weights=weights, alpha=alpha, concentration=near
        ).mismatch
        for near in CONCENTRATIONS
    ]
    return Ratio(
        units=tuple(sum(column) for column in zip(*by_region, strict=True)),
        expected=tuple(expected_units(regions, by_region)),
        mismatch=None if None in tested else any(tested),
    )


def _bounds(run: RunDesign, regions: Regions, by_region: list[list[int]], sums: RunSums) -> tuple[Bound, ...]:
    design = run.design
    strata = strata_of(by_region)
    arms = [variant.key for variant in design.variants]
    plan = plan_of(
        design,
        units=sum(sums.exposed.values()),
        weights=dict(zip(arms, expected_units(regions, by_region), strict=True)),
        post_stratify=bool(strata.names),
    )
    sequence = AlwaysValid(tuning_units=design.planned_units, tuning_alpha=design.alpha)
    try:
        report = analyse(replace(plan, design=sequence), experiment_moments(sums, design, strata))
    except StatisticsError:
        return ()
    margins = {guardrail.metric.key: guardrail.margin for guardrail in design.guardrails}
    return tuple(
        _bound(report, metric, treatment, margins.get(metric.key))
        for metric in design.metrics()
        for treatment in report.treatments
    )


def _bound(report: Report, metric: MetricDefinition, treatment: str, margin: float | None) -> Bound:
    row = report.row(metric=metric.key, treatment=treatment)
    interval = row.adjusted_lift_interval
    if margin is None:
        verdict = _verdict(row.difference, metric, significant=row.significant)
    else:
        verdict = row.guardrail.verdict if row.guardrail else None
    return Bound(
        metric=metric,
        role="oec" if margin is None else "guardrail",
        variant=treatment,
        lift=row.lift,
        low=interval.lower if interval else None,
        high=interval.upper if interval else None,
        verdict=verdict,
        margin=margin,
        reason=row.reason or row.lift_reason,
    )


def _verdict(difference: float | None, metric: MetricDefinition, *, significant: bool | None) -> str | None:
    if difference is None or significant is None:
        return None
    if not significant:
        return "open"
    return "better" if (difference > 0) == (metric.direction == "increase") else "worse"
