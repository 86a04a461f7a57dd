"""The planner behind the builder: sample size, power curves, and baselines from recent events."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import numpy as np
from django.core.cache import cache
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analytics.stats import planning
from analytics.stats.reasons import Reason, StatisticsError, reason_of
from experiments.design import MetricDefinition
from experiments.planning_hooks import Baseline, DayPoint, MdePoint, Plan, PlanQuestion
from novarium.kernel import sql

HISTORY_DAYS = 14
FEWEST_UNITS = 100
CACHE_SECONDS = 600
FEWEST_DAYS = 7
CURVE_POINTS = 31
LONGEST_CHART_DAYS = 84

# The page_view events' page on which a feature's surface is met; any page for those not listed.
SURFACE_PAGES = {"home": "home", "search": "search", "restaurant": "restaurant", "cart": "cart", "tracking": "tracking"}

SENTENCES: dict[Reason, str | Promise] = {
    Reason.TARGET_UNREACHABLE: _("No number of units reaches this power: the effect leaves the metric's range."),
    Reason.BEYOND_HORIZON: _("It would take more than a year. Look for a larger effect, or take more visitors in."),
    Reason.ZERO_EFFECT: _("An effect of zero cannot be found."),
    Reason.OUT_OF_RANGE: _("This effect would take the proportion below 0% or above 100%. Choose a smaller MDE."),
    Reason.ZERO_VARIANCE: _("Without any variance between units there is nothing to plan."),
}


@dataclass(frozen=True, slots=True)
class StatisticsPlanner:
    """Plans with ``analytics.stats.planning``; see ``experiments.planning_hooks.Planner``."""

    def plan(self, question: PlanQuestion) -> Plan:
        """Return units, days and curves, or a sentence on why there are none."""
        try:
            baseline, design = _baseline(question), _design(question)
        except StatisticsError as error:
            return Plan(reason=str(error))
        if baseline is None:
            return Plan(reason=str(_("Type the standard deviation between units too: the plan needs it.")))
        effect = _sign(question.metric) * question.mde
        size = planning.sample_size(baseline=baseline, design=design, effect=effect, target_power=question.power)
        reason = reason_of(int(size.reason))
        if reason is not None:
            return Plan(reason=_sentence(reason))
        answer = Plan(
            per_arm=tuple(int(units) for units in size.per_arm),
            total=int(size.total),
            power=float(size.power),
            curve=_curve(question, baseline, design),
        )
        return replace(answer, **_days(question, baseline, design, int(size.total)))

    def baseline(self, metric: MetricDefinition, *, surface: str) -> Baseline | None:
        """Return the metric over the last two weeks, per unit that saw the surface's page; kept for ten minutes."""
        digest = hashlib.sha256(repr(metric).encode()).hexdigest()[:16]
        key = f"baseline:{surface}:{digest}"
        known = cache.get(key)
        if known is None:
            known = _from_history(metric, surface) or "none"
            cache.set(key, known, CACHE_SECONDS)
        return known if isinstance(known, Baseline) else None


def _baseline(question: PlanQuestion) -> planning.Baseline | None:
    if question.metric.type == "proportion":
        return planning.rate_baseline(rate=question.baseline)
    if question.deviation is None:
        return None
    return planning.mean_baseline(mean=question.baseline, standard_deviation=question.deviation)


def _design(question: PlanQuestion) -> planning.ExperimentDesign:
    return planning.ExperimentDesign(alpha=question.alpha, allocation=question.weights)


def _sign(metric: MetricDefinition) -> float:
    return -1.0 if metric.direction == "decrease" else 1.0


def _sentence(reason: Reason) -> str:
    return str(SENTENCES.get(reason, reason.value))


def _curve(
    question: PlanQuestion, baseline: planning.Baseline, design: planning.ExperimentDesign
) -> tuple[MdePoint, ...]:
    effects = np.geomspace(question.mde / 4, question.mde * 4, CURVE_POINTS)
    sizes = planning.sample_size(
        baseline=baseline, design=design, effect=_sign(question.metric) * effects, target_power=question.power
    )
    pairs = zip(effects, sizes.total, strict=True)
    return tuple(MdePoint(mde=float(effect), total=int(total)) for effect, total in pairs if math.isfinite(total))


def _days(
    question: PlanQuestion, baseline: planning.Baseline, design: planning.ExperimentDesign, total: int
) -> dict[str, Any]:
    if question.daily_units is None:
        return {"reason_days": str(_("Type the new visitors per day to see the days."))}
    traffic = _traffic(question.daily_units, question.new_units)
    needed = planning.duration(total=total, traffic=traffic, exposed_share=question.coverage)
    shown = min(max(2 * (needed.days or 28), 14), LONGEST_CHART_DAYS)
    daily = planning.daily_plan(
        baseline=baseline,
        design=design,
        traffic=traffic,
        effect=_sign(question.metric) * question.mde,
        target_power=question.power,
        days=shown,
        exposed_share=question.coverage,
    )
    points = zip(daily.day, daily.units, daily.power, daily.detectable, strict=True)
    return {
        "days": needed.days,
        "reason_days": _sentence(needed.reason) if needed.reason else "",
        "daily": tuple(
            DayPoint(day=int(day), units=int(units), power=float(power), mde=abs(float(effect)))
            for day, units, power, effect in points
            if math.isfinite(power) and math.isfinite(effect)
        ),
    }


def _traffic(daily_units: int, observed: tuple[int, ...]) -> planning.Traffic:
    """Return the observed arrival of new units, scaled to the daily number; an even flow where too little is known."""
    average = sum(observed) / len(observed) if observed else 0.0
    if len(observed) < FEWEST_DAYS or average == 0:
        return planning.Traffic.constant(new_units_per_day=daily_units)
    return planning.Traffic.observed(new_units=[units * daily_units / average for units in observed])


def _from_history(metric: MetricDefinition, surface: str) -> Baseline | None:
    now = timezone.now()
    window = {
        "since": now - timedelta(days=HISTORY_DAYS),
        "until": now,
        "page": SURFACE_PAGES.get(surface),
        "numerator_event": metric.numerator_event,
        "numerator_aggregation": metric.numerator_aggregation,
        "denominator_event": metric.denominator_event,
        "denominator_aggregation": metric.denominator_aggregation,
    }
    row = sql.rows("analytics/sql/planning/baseline.sql", window)[0]
    units = int(row["units"])
    if units < FEWEST_UNITS:
        return None
    moments = {name: float(row[name]) for name in ("mean", "variance", "below", "below_variance", "covariance")}
    value, deviation = _value(metric, moments)
    days = [int(day["new_units"]) for day in sql.rows("analytics/sql/planning/new_units.sql", window)]
    if not math.isfinite(value) or value <= 0 or not math.isfinite(deviation):
        return None
    return Baseline(value=value, deviation=deviation, units=units, new_units=tuple(days))


def _value(metric: MetricDefinition, moments: dict[str, float]) -> tuple[float, float]:
    """Return the metric's value and the standard deviation of one unit's contribution."""
    if metric.type != "ratio":
        return moments["mean"], math.sqrt(moments["variance"])
    if moments["below"] <= 0:
        return math.nan, math.nan
    try:
        ratio = planning.ratio_baseline(
            numerator_mean=moments["mean"],
            denominator_mean=moments["below"],
            numerator_variance=moments["variance"],
            denominator_variance=moments["below_variance"],
            covariance=moments["covariance"],
        )
    except StatisticsError:  # where every unit has the same ratio, rounding may leave less than no variance
        return math.nan, math.nan
    return float(ratio.mean), math.sqrt(float(ratio.variance))
