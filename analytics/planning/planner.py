"""The planner: answers with units, days and curves, in short beside other plans, and for guardrails."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analytics.planning.guardrails import guardrail_power
from analytics.planning.history import baseline_from_history
from analytics.planning.setting import HORIZON_DAYS, FloatArray, Setting, setting_of
from analytics.stats import planning
from analytics.stats.reasons import Reason, StatisticsError
from experiments.designs.design import MetricDefinition
from experiments.planning.planning_hooks import (
    Baseline,
    DayPoint,
    Follows,
    GuardrailPower,
    GuardrailQuestion,
    MdePoint,
    Plan,
    PlanQuestion,
    Sketch,
)

CURVE_POINTS = 61
SHORTEST_CHART_WEEKS, LONGEST_CHART_WEEKS, UNKNOWN_CHART_WEEKS = 4, 26, 12

SENTENCES: dict[Reason, str | Promise] = {
    Reason.TARGET_UNREACHABLE: _("No number of units reaches this power: the effect leaves the metric's range."),
    Reason.BEYOND_HORIZON: _("It would take more than a year. Look for a larger effect, or take more visitors in."),
    Reason.ZERO_EFFECT: _("An effect of zero cannot be found."),
    Reason.OUT_OF_RANGE: _("This effect would take the proportion below 0% or above 100%. Choose a smaller MDE."),
    Reason.ZERO_VARIANCE: _("Without any variance between units there is nothing to plan."),
    Reason.TOO_FEW_UNITS: _("Too few visitors come in this time. Plan more weeks, or take more visitors in."),
}
NO_DEVIATION = _("Type the standard deviation between units too: the plan needs it.")
NO_DAILY_UNITS = _("Type the new visitors per day to see the days.")


@dataclass(frozen=True, slots=True)
class StatisticsPlanner:
    """Plans with ``analytics.stats.planning``; see ``experiments.planning.planning_hooks.Planner``."""

    def plan(self, question: PlanQuestion) -> Plan:
        """Return units, days and curves, or a sentence on why there are none."""
        try:
            setting = setting_of(question)
            if setting is None:
                return Plan(reason=str(NO_DEVIATION))
            return _planned(setting) if question.follows == Follows.WEEKS else _in_given_weeks(setting)
        except StatisticsError as error:
            return Plan(reason=str(error))

    def sketch(self, question: PlanQuestion, *, days: int | None) -> Sketch:
        """Return units and days, and what is found in the days of the plan beside it."""
        nothing = Sketch(total=None, average_units=None, days=None, mde=None)
        try:
            setting = setting_of(question)
            if setting is None:
                return nothing
            found = _found(setting, days)
            per_arm, reason = setting.size(question.mde)
        except StatisticsError:
            return nothing
        if reason is not None:
            return replace(nothing, mde=found)
        total = sum(per_arm)
        needed = _duration(setting, total)
        return Sketch(
            total=total,
            average_units=_average(setting, total),
            days=needed.days if needed else None,
            mde=found,
        )

    def guardrails(
        self, question: PlanQuestion, guardrails: Sequence[GuardrailQuestion], *, total: int
    ) -> tuple[GuardrailPower, ...]:
        """Return what so many units say about each guardrail."""
        return tuple(guardrail_power(question, guardrail, total=total) for guardrail in guardrails)

    def baseline(
        self, metric: MetricDefinition, *, surface: str, condition: Mapping[str, Any] | None = None
    ) -> Baseline | None:
        """Return the metric of the last weeks, per unit that saw the surface's page; kept for ten minutes."""
        return baseline_from_history(metric, surface=surface, condition=condition or {})


def _sentence(reason: Reason) -> str:
    return str(SENTENCES.get(reason, reason.value))


def _planned(setting: Setting) -> Plan:
    """Answer how long it takes."""
    question = setting.question
    per_arm, reason = setting.size(question.mde)
    if reason is not None:
        return Plan(reason=_sentence(reason))
    total = sum(per_arm)
    needed = _duration(setting, total)
    answer = Plan(
        per_arm=per_arm,
        total=total,
        mde=question.mde,
        power=float(setting.powers(totals=[total], effect=question.mde)[0]),
        days=needed.days if needed else None,
        first_day=_first_day(setting, total),
        reason_days=_why_no_days(needed),
    )
    return _with_curves(setting, answer)


def _in_given_weeks(setting: Setting) -> Plan:
    """Answer what is found, or with which power, when the experiment ends after the given weeks."""
    question, days = setting.question, 7 * (setting.question.weeks or 1)
    if setting.traffic is None:
        return Plan(reason=str(NO_DAILY_UNITS))
    units = float(setting.arriving(days=days)[-1])
    if not math.isfinite(units):
        return Plan(reason=_sentence(setting.traffic.reason or Reason.TOO_SHORT_HISTORY))
    follows_mde = question.follows == Follows.MDE
    mde = float(setting.effects([units])[0]) if follows_mde else question.mde
    power = float(setting.powers(totals=[units], effect=mde)[0]) if math.isfinite(mde) else math.nan
    if not math.isfinite(power):
        return Plan(reason=_sentence(Reason.TOO_FEW_UNITS))
    per_arm = tuple(math.floor(units * share) for share in setting.exact.shares)
    answer = Plan(per_arm=per_arm, total=sum(per_arm), mde=mde, power=power, days=days, first_day=days)
    return _with_curves(setting, answer)


def _with_curves(setting: Setting, answer: Plan) -> Plan:
    mde, total = answer.mde or 0.0, answer.total or 0
    days = 7 * _chart_weeks(answer)
    arriving = setting.arriving(days=days)
    known = setting.traffic.new_units.size if setting.traffic else 0
    return replace(
        answer,
        inflation=setting.inflation,
        average_units=_average(setting, total),
        curve=_curve(setting, mde),
        daily=_daily(setting, arriving, mde),
        arriving=tuple(int(units) for units in arriving[np.isfinite(arriving)]),
        known_days=min(known, days),
        typed_power=_typed_power(setting, mde),
    )


def _typed_power(setting: Setting, mde: float) -> float | None:
    typed = setting.question.typed_units
    power = float(setting.powers(totals=[typed], effect=mde)[0]) if typed else math.nan
    return power if math.isfinite(power) else None


def _chart_weeks(answer: Plan) -> int:
    weeks = 2 * answer.weeks if answer.days else UNKNOWN_CHART_WEEKS
    return min(max(weeks, SHORTEST_CHART_WEEKS), max(LONGEST_CHART_WEEKS, answer.weeks))


def _average(setting: Setting, total: int) -> int:
    return round(total * setting.watching.average) if setting.watching else total


def _curve(setting: Setting, mde: float) -> tuple[MdePoint, ...]:
    effects = np.geomspace(mde / 4, mde * 4, CURVE_POINTS)
    sizes = setting.sizes(effects)
    arriving = setting.arriving(days=HORIZON_DAYS)
    return tuple(
        MdePoint(mde=float(effect), total=int(total), weeks=_weeks(arriving, float(total)))
        for effect, total in zip(effects, sizes, strict=True)
        if math.isfinite(total)
    )


def _weeks(arriving: FloatArray, total: float) -> int | None:
    known = arriving[np.isfinite(arriving)]
    day = int(np.searchsorted(known, total * (1.0 - 1e-12))) + 1
    return math.ceil(day / 7) if day <= known.size else None


def _daily(setting: Setting, arriving: FloatArray, mde: float) -> tuple[DayPoint, ...]:
    if not arriving.size:
        return ()
    powers, effects = setting.powers(totals=arriving, effect=mde), setting.effects(arriving)
    points = zip(arriving, powers, effects, strict=True)
    return tuple(
        DayPoint(day=day, units=int(units), power=float(power), mde=float(effect))
        for day, (units, power, effect) in enumerate(points, start=1)
        if math.isfinite(power) and math.isfinite(effect)
    )


def _duration(setting: Setting, total: int) -> planning.Duration | None:
    if setting.traffic is None:
        return None
    return planning.duration(total=total, traffic=setting.traffic, exposed_share=setting.question.coverage)


def _first_day(setting: Setting, total: int) -> int | None:
    if setting.traffic is None:
        return None
    coverage = setting.question.coverage
    return planning.duration(
        total=total, traffic=setting.traffic, exposed_share=coverage, whole_weeks=False
    ).enrolment_days


def _why_no_days(needed: planning.Duration | None) -> str:
    if needed is None:
        return str(NO_DAILY_UNITS)
    return _sentence(needed.reason) if needed.reason else ""


def _found(setting: Setting, days: int | None) -> float | None:
    arriving = setting.arriving(days=days) if days else np.empty(0)
    if not arriving.size or not math.isfinite(arriving[-1]):
        return None
    effect = float(setting.effects(arriving[-1:])[0])
    return effect if math.isfinite(effect) else None
