"""What the planned units say about a guardrail: the power to call it safe at its margin."""

from __future__ import annotations

import math
from typing import Any

from analytics.planning.setting import SHARES
from analytics.stats import planning
from analytics.stats.reasons import StatisticsError
from experiments.planning.planning_hooks import GuardrailPower, GuardrailQuestion, PlanQuestion


def guardrail_power(question: PlanQuestion, guardrail: GuardrailQuestion, *, total: int) -> GuardrailPower:
    """Return the chance of the verdict "safe" where the treatment leaves the guardrail alone.

    As in the analysis: one-sided at half of alpha, and uncorrected, because shipping needs every guardrail to be safe.
    """
    try:
        asked = {"baseline": _baseline(guardrail), "design": _design(question, guardrail)}
        power = planning.power(**asked, effect=0.0, total=total).power
        needed = planning.sample_size(**asked, effect=0.0, target_power=question.power).total
        margin = planning.smallest_margin(**asked, total=total, target_power=question.power).relative
    except StatisticsError:
        return _answer(guardrail, math.nan, math.nan, math.nan)
    return _answer(guardrail, float(power), float(needed), float(margin))


def _answer(guardrail: GuardrailQuestion, power: float, needed: float, margin: float) -> GuardrailPower:
    return GuardrailPower(
        metric=guardrail.metric,
        margin=guardrail.margin,
        power=_known(power),
        total=int(needed) if math.isfinite(needed) else None,
        smallest_margin=_known(margin),
    )


def _known(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _baseline(guardrail: GuardrailQuestion) -> Any:
    if guardrail.metric.type in SHARES:
        return planning.rate_baseline(rate=guardrail.baseline)
    return planning.mean_baseline(mean=guardrail.baseline, standard_deviation=guardrail.deviation)


def _design(question: PlanQuestion, guardrail: GuardrailQuestion) -> planning.ExperimentDesign:
    return planning.ExperimentDesign(
        alpha=question.alpha / 2,
        allocation=question.weights,
        comparisons=1,
        hypothesis=planning.NonInferiority(
            margin=guardrail.margin, higher_is_better=guardrail.metric.direction != "decrease"
        ),
    )
