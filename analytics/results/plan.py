"""From a frozen design to the plan its analysis follows. Pure."""

from __future__ import annotations

from analytics.stats import (
    AnalysisPlan,
    Correction,
    Direction,
    Margin,
    Mean,
    Measure,
    Metric,
    Proportion,
    Ratio,
    Role,
)
from experiments.public import Design, MetricDefinition

MEASURES: dict[str, Measure] = {"proportion": Proportion(), "mean": Mean(), "ratio": Ratio()}


def plan_of(design: Design) -> AnalysisPlan:
    """Return the analysis that the design planned.

    The OEC is tested two-sided at the design's alpha, corrected by Holm's method where there are several treatments.
    Guardrails are tested one-sided at half of alpha, so that "safe" means exactly that the interval shown beside the
    verdict stays inside the margin.
    """
    margins = {guardrail.metric.key: guardrail.margin for guardrail in design.guardrails}
    return AnalysisPlan(
        metrics=tuple(_metric(definition, margins.get(definition.key)) for definition in design.metrics()),
        control=design.variants[0].key,
        alpha=design.alpha,
        guardrail_alpha=design.alpha / 2,
        weights={variant.key: variant.weight for variant in design.variants},
    )


def series_plan(design: Design) -> AnalysisPlan:
    """Return the plan of the OEC over time: uncorrected, since its last point is what counts."""
    return AnalysisPlan(
        metrics=(_metric(design.oec, None),),
        control=design.variants[0].key,
        alpha=design.alpha,
        corrections={Role.PRIMARY: Correction.NONE},
    )


def _metric(definition: MetricDefinition, margin: float | None) -> Metric:
    return Metric(
        name=definition.key,
        measure=MEASURES[definition.type],
        role=Role.PRIMARY if margin is None else Role.GUARDRAIL,
        better=Direction.HIGHER if definition.direction == "increase" else Direction.LOWER,
        margin=None if margin is None else Margin(size=margin),
    )
