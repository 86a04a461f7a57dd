"""Power, sample size, minimum detectable effect and margin, each solved from the others."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.stats.designs import Alternative
from analytics.stats.planning.baseline import Baseline
from analytics.stats.planning.cases import Cases
from analytics.stats.planning.design import ExperimentDesign, NonInferiority, Scale
from analytics.stats.planning.solve import solve
from analytics.stats.reasons import Codes, Reason, StatisticsError, mark

FloatArray = NDArray[np.float64]

_PLENTY = 1e9


@dataclass(frozen=True, kw_only=True, eq=False)
class Power:
    """Probability that the test finds the effect.

    Attributes:
        power: Of the comparison with the least power (the smallest arm). NaN where `reason`.
        per_comparison: Of each treatment arm against control (last axis).
        noncentrality: Effect from the null value in standard errors, per comparison.
        reason: Why there is no number, as `reasons.reason_of` reads it, per element.
    """

    power: FloatArray
    per_comparison: FloatArray
    noncentrality: FloatArray
    reason: Codes


@dataclass(frozen=True, kw_only=True, eq=False)
class SampleSize:
    """Units that an experiment needs.

    Attributes:
        total: Whole units over all arms, the sum of `per_arm`. NaN where `reason`.
        per_arm: Whole units of each arm (last axis), rounded up so that power is at least asked.
        total_exact: Before rounding.
        power: Power at `total` of the comparison with the least.
        reason: Why there is no number, as `reasons.reason_of` reads it, per element.
    """

    total: FloatArray
    per_arm: FloatArray
    total_exact: FloatArray
    power: FloatArray
    reason: Codes


@dataclass(frozen=True, kw_only=True, eq=False)
class Detectable:
    """Smallest true effect, or margin, that the experiment settles with the asked power.

    Attributes:
        absolute: As a difference; an effect is signed, a margin positive. NaN where `reason`.
        relative: As a share of ``|mean|``. NaN where `reason` or where the mean is 0.
        reason: Why there is no number, as `reasons.reason_of` reads it, per element.
    """

    absolute: FloatArray
    relative: FloatArray
    reason: Codes


def power(
    *,
    baseline: Baseline,
    effect: ArrayLike,
    total: ArrayLike,
    design: ExperimentDesign,
    scale: Scale = Scale.RELATIVE,
) -> Power:
    """Give the power of a design with a given number of units.

    The test is that of the difference, ``(m_t - m_c) / sqrt(v_t / n_t + v_c / n_c)``, against
    Student's t with Welch's degrees of freedom; power is the tail of the noncentral t (Chow, Shao
    and Wang, 2008, "Sample size calculations in clinical research", section 3.2.1). The lift has
    the p-value of the difference, so this is the power for both. Assumes means near normal.

    Args:
        baseline: The metric in control.
        effect: True effect, treatment minus control.
        total: Units over all arms.
        design: Split, test and error rate.
        scale: Whether `effect` is a share of the control's mean or a difference.

    Returns:
        Power, broadcast over the baseline, `effect` and `total`.

    Example:
        >>> from analytics.stats.planning import mean_baseline
        >>> result = power(
        ...     baseline=mean_baseline(mean=20, standard_deviation=20),
        ...     effect=0.05, total=[10_000, 1_000_000], design=ExperimentDesign(),
        ... )
        >>> [round(float(value), 6) for value in result.power]
        [0.705335, 1.0]
    """
    cases = Cases.broadcast(baseline=baseline, design=design, effect=effect, scale=scale, total=total)
    is_rate = baseline.is_rate
    reason = cases.reasons(design=design, is_rate=is_rate, relative=scale == Scale.RELATIVE)
    usable = reason == 0
    per_comparison = np.full((*reason.shape, len(design.shares) - 1), np.nan)
    shift = per_comparison.copy()
    kept = cases.where(usable)
    per_comparison[usable] = kept.power(design=design, is_rate=is_rate)
    shift[usable] = kept.noncentrality(design=design, is_rate=is_rate)
    return Power(
        power=np.asarray(per_comparison.min(axis=-1)),
        per_comparison=per_comparison,
        noncentrality=shift,
        reason=reason,
    )


def sample_size(
    *,
    baseline: Baseline,
    design: ExperimentDesign,
    effect: ArrayLike = 0.0,
    target_power: ArrayLike = 0.8,
    scale: Scale = Scale.RELATIVE,
) -> SampleSize:
    """Give the units needed to find an effect with a given power.

    Solves `power` for the total. With the normal distribution that is
    ``(z_alpha + z_power)**2 (v_c / share_c + v_t / share_t) / effect**2`` (Chow, Shao and Wang,
    2008, section 3.2.1). The treatment arm with the smallest share decides.

    Args:
        baseline: The metric in control.
        design: Split, test and error rate.
        effect: True effect; 0 (the usual choice) for non-inferiority.
        target_power: Probability of finding it, above the error rate and below 1.
        scale: Whether `effect` is a share of the control's mean or a difference.

    Returns:
        Units, broadcast over the baseline, `effect` and `target_power`.

    Example:
        >>> from analytics.stats.planning import mean_baseline
        >>> size = sample_size(
        ...     baseline=mean_baseline(mean=20, standard_deviation=20), effect=0.05,
        ...     design=ExperimentDesign(),
        ... )
        >>> int(size.total), round(float(size.total_exact), 3)
        (12562, 12560.098)
    """
    cases = Cases.broadcast(
        baseline=baseline,
        design=design,
        effect=effect,
        scale=scale,
        total=_PLENTY,
        target=target_power,
    )
    is_rate = baseline.is_rate
    relative = scale == Scale.RELATIVE
    reason = cases.reasons(design=design, is_rate=is_rate, relative=relative)
    distance = cases.distance(design)
    mark(reason, distance == 0, Reason.ZERO_EFFECT)
    if design.alternative != Alternative.TWO_SIDED:
        wanted = 1.0 if design.alternative == Alternative.GREATER else -1.0
        mark(reason, distance * wanted < 0, Reason.WRONG_DIRECTION)
    exact = np.full(reason.shape, np.nan)
    usable = reason == 0
    kept = cases.where(usable)
    exact[usable] = solve(cases=kept, unknown="total", design=design, is_rate=is_rate)
    mark(reason, np.isnan(exact), Reason.TARGET_UNREACHABLE)
    return _rounded(cases=cases, exact=exact, reason=reason, design=design, is_rate=is_rate)


def _rounded(*, cases: Cases, exact: FloatArray, reason: Codes, design: ExperimentDesign, is_rate: bool) -> SampleSize:
    # A root a rounding error above a whole number must not ask for one more unit per arm.
    per_arm = np.ceil(exact[..., None] * np.asarray(design.shares) * (1.0 - 1e-12))
    total = np.asarray(per_arm.sum(axis=-1))
    reached = np.full(exact.shape, np.nan)
    solved = reason == 0
    kept = replace(cases, total=total).where(solved)
    reached[solved] = kept.power(design=design, is_rate=is_rate).min(axis=-1)
    return SampleSize(total=total, per_arm=per_arm, total_exact=exact, power=reached, reason=reason)


def minimum_detectable_effect(
    *,
    baseline: Baseline,
    total: ArrayLike,
    design: ExperimentDesign,
    target_power: ArrayLike = 0.8,
    increase: bool = True,
) -> Detectable:
    """Give the smallest effect that a number of units finds with a given power.

    Args:
        baseline: The metric in control.
        total: Units over all arms.
        design: Split, test and error rate; a superiority test.
        target_power: Probability of finding the effect, above the error rate and below 1.
        increase: For a two-sided test, whether the effect is an increase; it matters for rates,
            whose variance follows the effect. One-sided tests follow their alternative.

    Returns:
        The effect, broadcast over the baseline, `total` and `target_power`.

    Raises:
        StatisticsError: The design tests non-inferiority; use `smallest_margin`.

    Example:
        >>> from analytics.stats.planning import mean_baseline
        >>> effect = minimum_detectable_effect(
        ...     baseline=mean_baseline(mean=20, standard_deviation=20), total=10_000,
        ...     design=ExperimentDesign(),
        ... )
        >>> round(float(effect.relative), 6)
        0.056037
    """
    if isinstance(design.hypothesis, NonInferiority):
        message = "minimum_detectable_effect needs a superiority test; use smallest_margin"
        raise StatisticsError(message)
    if design.alternative != Alternative.TWO_SIDED:
        increase = design.alternative == Alternative.GREATER
    cases = Cases.broadcast(baseline=baseline, design=design, total=total, target=target_power)
    reason = cases.reasons(design=design, is_rate=baseline.is_rate, relative=False)
    sign = 1.0 if increase else -1.0
    found = np.full(reason.shape, np.nan)
    usable = reason == 0
    found[usable] = sign * solve(
        cases=cases.where(usable),
        unknown="difference",
        design=design,
        is_rate=baseline.is_rate,
        sign=sign,
    )
    mark(reason, np.isnan(found), Reason.TARGET_UNREACHABLE)
    return Detectable(absolute=found, relative=_share(found, cases.mean), reason=reason)


def smallest_margin(
    *,
    baseline: Baseline,
    total: ArrayLike,
    design: ExperimentDesign,
    target_power: ArrayLike = 0.8,
    effect: ArrayLike = 0.0,
) -> Detectable:
    """Give the smallest non-inferiority margin that a number of units can clear.

    Args:
        baseline: The guardrail in control.
        total: Units over all arms.
        design: Split, test and error rate; its margin is ignored, its scale kept.
        target_power: Probability of the verdict "safe", above the error rate and below 1.
        effect: True difference, absolute; 0 if the treatment does no harm.

    Returns:
        The margin, broadcast over the baseline, `total`, `target_power` and `effect`.

    Raises:
        StatisticsError: The design tests superiority.

    Example:
        >>> from analytics.stats.planning import NonInferiority, rate_baseline
        >>> margin = smallest_margin(
        ...     baseline=rate_baseline(rate=0.1), total=20_000,
        ...     design=ExperimentDesign(hypothesis=NonInferiority(margin=0.02, scale=Scale.ABSOLUTE)),
        ... )
        >>> round(float(margin.absolute), 6)
        0.01055
    """
    hypothesis = design.hypothesis
    if not isinstance(hypothesis, NonInferiority):
        message = "smallest_margin needs a non-inferiority test"
        raise StatisticsError(message)
    cases = Cases.broadcast(baseline=baseline, design=design, effect=effect, total=total, target=target_power)
    reason = cases.reasons(design=design, is_rate=baseline.is_rate, relative=False)
    found = np.full(reason.shape, np.nan)
    usable = reason == 0
    found[usable] = solve(cases=cases.where(usable), unknown="margin", design=design, is_rate=baseline.is_rate)
    mark(reason, np.isnan(found), Reason.TARGET_UNREACHABLE)
    if hypothesis.scale == Scale.RELATIVE:
        return Detectable(absolute=found * np.abs(cases.mean), relative=found, reason=reason)
    return Detectable(absolute=found, relative=_share(found, cases.mean), reason=reason)


def _share(difference: FloatArray, mean: FloatArray) -> FloatArray:
    known = mean != 0
    return np.asarray(np.where(known, difference / np.where(known, np.abs(mean), 1.0), np.nan))
