"""Days that an experiment must run, and what it can find if it stops on a given day."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.stats.planning.baseline import Baseline
from analytics.stats.planning.design import ExperimentDesign, NonInferiority, Scale
from analytics.stats.planning.size import (
    minimum_detectable_effect,
    power,
    smallest_margin,
)
from analytics.stats.planning.traffic import DAYS_PER_WEEK, Traffic
from analytics.stats.reasons import Codes, Reason, StatisticsError, mark

FloatArray = NDArray[np.float64]

DEFAULT_HORIZON_DAYS = 365


@dataclass(frozen=True, kw_only=True)
class Duration:
    """Time from start to the analysis.

    Attributes:
        enrolment_days: Days on which units enter; None where `reason`.
        days: Enrolment, rounded up to whole weeks if asked, and the time the last unit needs.
        units: Units expected by the end of enrolment.
        reason: Why there is no number, or None.
    """

    enrolment_days: int | None
    days: int | None
    units: float | None
    reason: Reason | None


@dataclass(frozen=True, kw_only=True, eq=False)
class DailyPlan:
    """What the experiment can find if enrolment ends on each day.

    Attributes:
        day: Days of enrolment: 1, 2, ...
        units: Units expected by the end of that day, over all arms.
        power: Power for the planned effect, of the comparison with the least.
        detectable: Smallest effect (or margin, for non-inferiority) found with the target power,
            as a share of ``|mean|``.
        reason: Why there is no number on a day, as `reasons.reason_of` reads it.
    """

    day: NDArray[np.int64]
    units: FloatArray
    power: FloatArray
    detectable: FloatArray
    reason: Codes


def duration(
    *,
    total: float,
    traffic: Traffic,
    exposed_share: float = 1.0,
    window_days: int = 0,
    whole_weeks: bool = True,
    horizon_days: int = DEFAULT_HORIZON_DAYS,
) -> Duration:
    """Give the days until enough different units have entered.

    Args:
        total: Units needed over all arms.
        traffic: Units expected by day.
        exposed_share: Share of the traffic that enters the experiment, within (0, 1].
        window_days: Days the last unit must be followed (the metric's conversion window).
        whole_weeks: Round enrolment up to whole weeks, so that every weekday counts alike.
        horizon_days: Longest enrolment considered.

    Returns:
        The duration, or the reason why there is none: the units never come within the horizon,
        or the record is too short to look beyond it.

    Raises:
        StatisticsError: `total`, `exposed_share`, `window_days` or `horizon_days` is out of range.

    Example:
        >>> duration(total=9_500, traffic=Traffic.constant(new_units_per_day=1_000)).days
        14
    """
    _check(exposed_share=exposed_share, horizon_days=horizon_days)
    if not (math.isfinite(total) and total > 0) or window_days < 0:
        message = "total must be positive and window_days must not be negative"
        raise StatisticsError(message)
    units = traffic.cumulative(days=horizon_days) * exposed_share
    known = units[np.isfinite(units)]
    first = int(np.searchsorted(known, total * (1.0 - 1e-12))) + 1
    if first > known.size:
        missing = traffic.reason if known.size < horizon_days else Reason.BEYOND_HORIZON
        return Duration(enrolment_days=None, days=None, units=None, reason=missing)
    enrolment = first
    if whole_weeks:
        enrolment = -(-first // DAYS_PER_WEEK) * DAYS_PER_WEEK
    expected = float(traffic.cumulative(days=enrolment)[-1] * exposed_share)
    return Duration(
        enrolment_days=enrolment,
        days=enrolment + window_days,
        units=expected if math.isfinite(expected) else float(known[-1]),
        reason=None,
    )


def daily_plan(
    *,
    baseline: Baseline,
    design: ExperimentDesign,
    traffic: Traffic,
    effect: ArrayLike = 0.0,
    scale: Scale = Scale.RELATIVE,
    target_power: float = 0.8,
    days: int = 56,
    exposed_share: float = 1.0,
) -> DailyPlan:
    """Give power and detectable effect for every possible day of ending enrolment.

    Args:
        baseline: The metric in control; its fields are scalars, or one value per day where the
            metric grows with the time a unit is followed.
        design: Split, test and error rate.
        traffic: Units expected by day.
        effect: Effect whose power is wanted.
        scale: Whether `effect` is a share of the control's mean or a difference.
        target_power: Power of the detectable effect.
        days: Number of days to look at.
        exposed_share: Share of the traffic that enters the experiment, within (0, 1].

    Returns:
        One element per day.

    Raises:
        StatisticsError: `exposed_share` or `days` is out of range.

    Example:
        >>> from analytics.stats.planning import mean_baseline
        >>> plan = daily_plan(
        ...     baseline=mean_baseline(mean=20, standard_deviation=20), design=ExperimentDesign(),
        ...     traffic=Traffic.constant(new_units_per_day=1_000), effect=0.05, days=14,
        ... )
        >>> [round(float(value), 3) for value in plan.power[[6, 13]]]
        [0.552, 0.841]
    """
    _check(exposed_share=exposed_share, horizon_days=days)
    units = traffic.cumulative(days=days) * exposed_share
    reached = power(baseline=baseline, effect=effect, total=units, design=design, scale=scale)
    detect = smallest_margin if isinstance(design.hypothesis, NonInferiority) else minimum_detectable_effect
    found = detect(baseline=baseline, total=units, design=design, target_power=target_power)
    codes = reached.reason.copy()
    if traffic.reason is not None:
        codes[np.isnan(units)] = 0
        mark(codes, np.isnan(units), traffic.reason)
    return DailyPlan(
        day=np.arange(1, days + 1),
        units=units,
        power=reached.power,
        detectable=found.relative,
        reason=codes,
    )


def _check(*, exposed_share: float, horizon_days: int) -> None:
    if not 0 < exposed_share <= 1:
        message = "exposed_share must lie within (0, 1]"
        raise StatisticsError(message)
    if horizon_days < 1:
        message = "the number of days must be at least 1"
        raise StatisticsError(message)
