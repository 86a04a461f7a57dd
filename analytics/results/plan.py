"""From a frozen design to the plan its analysis follows. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from analytics.results.arrange import columns_of
from analytics.stats import (
    AnalysisPlan,
    Capping,
    ConversionWindow,
    Correction,
    Covariate,
    Direction,
    FixedHorizon,
    FunnelStep,
    Margin,
    Mean,
    Measure,
    Metric,
    Proportion,
    Quantile,
    Ratio,
    Retention,
    Role,
)
from analytics.stats.sequential import AlwaysValid, GroupSequential
from experiments.public import Design, MetricDefinition

MEASURES: dict[str, Measure] = {
    "proportion": Proportion(),
    "mean": Mean(),
    "ratio": Ratio(),
    "funnel": FunnelStep(),
}


def plan_of(
    design: Design, *, units: int, weights: Mapping[str, float] | None = None, post_stratify: bool = False
) -> AnalysisPlan:
    """Return the analysis that the design planned.

    The OEC is tested two-sided at the design's alpha, corrected by Holm's method where there are several treatments.
    Guardrails are tested one-sided at half of alpha, so that "safe" means exactly that the interval shown beside the
    verdict stays inside the margin.

    Args:
        design: Frozen at the launch.
        units: Exposed so far, in all variants together: how far a plan with several looks has come.
        weights: Allocation to expect, where phases changed the design's own.
        post_stratify: Whether the moments' strata are combined.
    """
    margins = {guardrail.metric.key: guardrail.margin for guardrail in design.guardrails}
    return AnalysisPlan(
        metrics=tuple(_metric(definition, margins.get(definition.key)) for definition in design.metrics()),
        control=design.variants[0].key,
        alpha=design.alpha,
        guardrail_alpha=design.alpha / 2,
        design=reading_of(design, units=units),
        weights=weights or {variant.key: variant.weight for variant in design.variants},
        post_stratify=post_stratify,
    )


def reading_of(design: Design, *, units: int) -> FixedHorizon | GroupSequential | AlwaysValid:
    """Return how often the plan reads the results: once, at a number of looks, or at any time.

    A look is due at each equal share of the planned units. Whoever reads in between has the error spent up to there
    (Lan and DeMets, 1983), counting the looks that went before; see ``docs/statistics.md``.
    """
    if design.looks == 0:
        return AlwaysValid(tuning_units=design.planned_units, tuning_alpha=design.alpha)
    share = min(units / design.planned_units, 1.0)
    if design.looks == 1 or share == 0:
        return FixedHorizon()
    before = (look / design.looks for look in range(1, design.looks))
    return GroupSequential(fractions=(*(past for past in before if past < share), share), final=share == 1.0)


def unadjusted(plan: AnalysisPlan) -> AnalysisPlan:
    """Return the same plan without CUPED."""
    return replace(plan, metrics=tuple(replace(metric, covariates=()) for metric in plan.metrics))


def series_plan(design: Design, *, units: int, post_stratify: bool = False) -> AnalysisPlan:
    """Return the plan of the OEC over time: uncorrected, since its last point is what counts."""
    return AnalysisPlan(
        metrics=(_metric(design.oec, None),),
        control=design.variants[0].key,
        alpha=design.alpha,
        design=reading_of(design, units=units),
        corrections={Role.PRIMARY: Correction.NONE},
        post_stratify=post_stratify,
    )


def measure_of(definition: MetricDefinition) -> Measure:
    """Return what the statistics estimate of a metric."""
    if definition.type == "quantile":
        return Quantile(probability=definition.quantile or 0.5)
    if definition.type == "retention":
        first, last = definition.from_day or 1, definition.to_day or 1
        return Retention(from_day=first, days=last - first + 1)
    return MEASURES[definition.type]


def metric_of(definition: MetricDefinition) -> Metric:
    """Return the metric as the statistics know it, without a role in a design."""
    return Metric(
        name=definition.key,
        measure=measure_of(definition),
        better=Direction.HIGHER if definition.direction == "increase" else Direction.LOWER,
        covariates=tuple(
            Covariate(column=column) for side, column in columns_of(definition).items() if side in {"u", "v"}
        ),
        capping=_capping(definition),
        window=ConversionWindow(length_hours=definition.window_hours) if definition.window_hours else None,
    )


def _metric(definition: MetricDefinition, margin: float | None) -> Metric:
    return replace(
        metric_of(definition),
        role=Role.PRIMARY if margin is None else Role.GUARDRAIL,
        margin=None if margin is None else Margin(size=margin),
    )


def _capping(definition: MetricDefinition) -> Capping | None:
    if definition.cap_value is not None:
        return Capping(upper=definition.cap_value)
    if definition.cap_percentile is not None:
        return Capping(percentile=definition.cap_percentile, ignore_zeros=True)
    return None
