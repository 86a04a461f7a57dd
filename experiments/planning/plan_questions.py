"""The planner's question, from the numbers of a plan and from what an experiment and history know of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from experiments.allocation.expected_traffic import ramp_by_day
from experiments.designs.arms import variants_of
from experiments.designs.authoring import PlanInput, plan_problems
from experiments.designs.design import MetricDefinition
from experiments.designs.drafting import define
from experiments.models import Experiment, Metric
from experiments.planning.planning_hooks import ONCE, Baseline, Follows, Plan, PlanQuestion

MOST_WEEKS = 52
USUAL_WEEKS = 2
# Types whose value of a unit is 0 or 1, so that the deviation follows from the baseline.
SHARES = (Metric.Type.PROPORTION, Metric.Type.RETENTION)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanNumbers:
    """The numbers of a plan as somebody gave them; see ``PlanInput`` and ``PlanQuestion`` for their meaning."""

    baseline: float | None
    mde: float
    alpha: float
    power: float
    coverage: float
    baseline_deviation: float | None = None
    daily_units: int | None = None
    cuped_correlation: float | None = None
    looks: int = ONCE
    follows: str = Follows.WEEKS
    weeks: int | None = None
    planned_units: int | None = None


def ask(
    metric: MetricDefinition,
    numbers: PlanNumbers,
    *,
    weights: tuple[float, ...],
    share: float = 1.0,
    ramp: Sequence[Mapping[str, float]] = (),
    history: Baseline | None = None,
) -> PlanQuestion | None:
    """Return what to ask the planner, or None where the baseline is missing.

    Args:
        metric: The OEC.
        numbers: Of the plan, within their ranges.
        weights: Share of each arm, control first.
        share: Of the units, 0..1, that the experiment's slot and the holdout leave it.
        ramp: The stages before the full coverage; see ``expected_traffic.ramp_by_day``.
        history: Whose arrival of new units the plan follows.
    """
    if numbers.baseline is None:
        return None
    return PlanQuestion(
        metric=metric,
        baseline=numbers.baseline,
        deviation=None if metric.type in SHARES else numbers.baseline_deviation,
        mde=numbers.mde,
        alpha=numbers.alpha,
        power=numbers.power,
        weights=weights,
        coverage=numbers.coverage * share,
        ramp=ramp_by_day(ramp, coverage=numbers.coverage),
        daily_units=numbers.daily_units,
        new_units=history.new_units if history else (),
        looks=numbers.looks,
        correlation=numbers.cuped_correlation or 0.0,
        follows=Follows(numbers.follows or Follows.WEEKS),
        weeks=numbers.weeks or USUAL_WEEKS,
        typed_units=numbers.planned_units,
    )


def resolved(question: PlanQuestion, answer: Plan) -> PlanQuestion:
    """Return the question with what followed filled in."""
    if answer.mde is None or answer.power is None:
        return question
    mde = answer.mde if question.follows == Follows.MDE else question.mde
    power = answer.power if question.follows == Follows.POWER else question.power
    return replace(question, mde=mde, power=power, follows=Follows.WEEKS)


def problems_of(numbers: Mapping[str, Any], *, metric_type: str | None) -> dict[str, list[str]]:
    """Return which numbers are out of their range: sentences by field; what is missing is no problem."""
    known = {name: numbers.get(name) for name in PlanInput.__dataclass_fields__}
    problems = plan_problems(PlanInput(**known | {"looks": ONCE if known["looks"] is None else known["looks"]}))
    baseline = known["baseline"]
    if metric_type in SHARES and baseline is not None and not 0 < baseline < 1:
        problems["baseline"] = [_("A proportion lies between 0% and 100%.")]
    return problems


def numbers_of(experiment: Experiment, history: Baseline | None) -> dict[str, Any]:
    """Return the numbers from which an experiment's plan begins: its own, and from history what it has not."""
    known: dict[str, Any] = {name: getattr(experiment, name) for name in PlanInput.__dataclass_fields__}
    if history and known["baseline"] is None:
        known |= {"baseline": history.value, "baseline_deviation": history.deviation}
        if oec_adjusts(experiment) and history.correlation and known["cuped_correlation"] is None:
            known["cuped_correlation"] = round(abs(history.correlation), 3)
    if history and known["daily_units"] is None:
        known["daily_units"] = history.daily_units or None
    weeks = -(-known["planned_days"] // 7) if known["planned_days"] else USUAL_WEEKS
    return known | {"follows": Follows.WEEKS.value, "weeks": min(weeks, MOST_WEEKS)}


def weights_of(experiment: Experiment) -> tuple[float, ...]:
    """Return the share of each arm, control first; arms without units left out."""
    return tuple(float(arm.weight) / 100 for arm in variants_of(experiment) if arm.weight > 0)


def oec_adjusts(experiment: Experiment) -> bool:
    """Whether the results of the OEC are adjusted by CUPED, as its definition says."""
    return experiment.oec is not None and define(experiment.oec).lookback_days > 0
