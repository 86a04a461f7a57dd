"""Differences between two arms, absolute and relative, with one test behind both.

The estimands are the average treatment effect on the metric's own scale,
``delta = mu_t - mu_c``, and the lift ``delta / |mu_c|``. A page that shows both must not
show two verdicts, so the p-value always belongs to ``delta``, and the lift's interval is
Fieller's: the set of lifts that the same test does not reject. It excludes zero exactly
when the interval of the difference does.

Peers compute a second, different test for the lift (delta method on the ratio): on the
same data one gives p = 0.062 for the lift and 0.020 for the difference. Dividing by the
absolute value of the baseline keeps "up" up when the baseline is negative.

Reference: Fieller (1954), "Some problems in interval estimation", JRSS B 16(2);
Deng, Knoblich and Lu (2018), "Applying the delta method in metric analytics", KDD, section 3.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.stats.designs import Alternative, Design
from analytics.stats.distributions import SMALLEST_P
from analytics.stats.moments import Floats
from analytics.stats.reasons import Codes, Reason, mark
from analytics.stats.score import RatePairs, difference_interval, ratio_interval


@dataclass(frozen=True, kw_only=True, eq=False)
class PairEstimates:
    """Estimates for pairs of arms, from whatever method; arrays of one shape.

    Attributes:
        control: Mean (rate, ratio, quantile) of control, adjusted where adjustment is used.
        treatment: The same of treatment.
        difference: Treatment minus control.
        difference_variance: Sampling variance of the difference.
        control_variance: Sampling variance of the control's estimate.
        covariance: Sampling covariance of the difference and the control's estimate.
        df: Degrees of freedom of the difference's standard error.
        units: Units in both arms together.
        reason: Code where the pair cannot be compared.
        rates: Counts of pairs of proportions that the score test compares. There
            ``difference_variance`` is that under "no difference", so that the statistic is
            the score statistic, and intervals come from the counts.
    """

    control: Floats
    treatment: Floats
    difference: Floats
    difference_variance: Floats
    control_variance: Floats
    covariance: Floats
    df: Floats
    units: Floats
    reason: Codes
    rates: RatePairs | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Effects:
    """Tests and intervals for pairs of arms; arrays of one shape, ``nan`` where absent.

    Attributes:
        control: Control's estimate.
        treatment: Treatment's estimate.
        difference: Treatment minus control.
        standard_error: Of the difference.
        df: Degrees of freedom.
        critical: Half-width of the interval in standard errors.
        statistic: Difference over its standard error.
        lower: Lower end of the interval of the difference (``-inf`` when one-sided).
        upper: Upper end.
        p_value: Of the difference, floored at the smallest float64 (2.2e-308).
        log_p_value: Natural logarithm of the p-value, exact.
        lift: Difference over the absolute value of the control's estimate.
        lift_standard_error: By the delta method, for display and planning.
        lift_lower: Lower end of Fieller's interval of the lift.
        lift_upper: Upper end.
        reason: Code where there is no difference.
        lift_reason: Code where there is no lift.
    """

    control: Floats
    treatment: Floats
    difference: Floats
    standard_error: Floats
    df: Floats
    critical: Floats
    statistic: Floats
    lower: Floats
    upper: Floats
    p_value: Floats
    log_p_value: Floats
    lift: Floats
    lift_standard_error: Floats
    lift_lower: Floats
    lift_upper: Floats
    reason: Codes
    lift_reason: Codes


@dataclass(frozen=True, kw_only=True, eq=False)
class Limits:
    """Interval ends of differences and lifts; arrays of one shape."""

    critical: Floats
    lower: Floats
    upper: Floats
    lift_lower: Floats
    lift_upper: Floats
    lift_bounded: np.typing.NDArray[np.bool_]


@np.errstate(invalid="ignore", divide="ignore", over="ignore")  # nan marks what does not exist
def compare(
    *,
    pairs: PairEstimates,
    design: Design,
    alpha: float,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> Effects:
    """Test differences and return their intervals on both scales.

    Estimand: ``delta = mu_t - mu_c`` and ``delta / |mu_c|``.
    Formula: ``t = d / se(d)`` against the design's reference distribution.
    Assumptions: the estimates are close to normal (many units, capped tails) and units are
    independent.
    Reference: Welch (1947), "The generalization of Student's problem", Biometrika 34,
    for means; Fieller (1954) for lifts.

    Args:
        pairs: Estimates.
        design: Rule for critical values and p-values.
        alpha: Error level (both tails together when two-sided).
        alternative: Direction of the test.

    >>> import numpy as np
    >>> from analytics.stats.adjustment import mean_pairs
    >>> from analytics.stats.designs import FixedHorizon
    >>> from analytics.stats.moments import Moments
    >>> moments = Moments.from_sums(
    ...     count=[3407, 3461], sums={"y": [1396.87, 2422.7]},
    ...     products={("y", "y"): [52377.9767, 134698.29]})
    >>> effects = compare(pairs=mean_pairs(moments=moments), design=FixedHorizon(), alpha=0.05)
    >>> float(effects.p_value[0].round(6)), bool(effects.lower[0] > 0), bool(effects.lift_lower[0] > 0)
    (0.020158, True, True)
    """
    valid = pairs.reason == 0
    difference = np.where(valid, pairs.difference, np.nan)
    variance = np.where(valid, pairs.difference_variance, np.nan)
    standard_error = np.sqrt(variance)
    statistic = difference / standard_error
    two_sided = alternative is Alternative.TWO_SIDED
    signed = -statistic if alternative is Alternative.LESS else statistic
    log_p = design.log_p_value(statistic=signed, df=pairs.df, units=pairs.units, two_sided=two_sided)
    limits = interval_limits(
        pairs=pairs, design=design, alpha=np.full(difference.shape, alpha), alternative=alternative
    )
    lift_reason = pairs.reason.copy()
    mark(lift_reason, ~limits.lift_bounded, Reason.BASELINE_NEAR_ZERO)
    lift, lift_se = _lift(pairs, defined=lift_reason == 0)
    if pairs.rates is not None:
        lift_se = np.where(pairs.rates.chosen, np.nan, lift_se)
    return Effects(
        control=np.where(valid, pairs.control, np.nan),
        treatment=np.where(valid, pairs.treatment, np.nan),
        difference=difference,
        standard_error=standard_error,
        df=np.where(valid, pairs.df, np.nan),
        critical=np.where(valid, limits.critical, np.nan),
        statistic=statistic,
        lower=limits.lower,
        upper=limits.upper,
        p_value=p_from_log(log_p),
        log_p_value=log_p,
        lift=lift,
        lift_standard_error=lift_se,
        lift_lower=limits.lift_lower,
        lift_upper=limits.lift_upper,
        reason=pairs.reason,
        lift_reason=lift_reason,
    )


@np.errstate(invalid="ignore", divide="ignore", over="ignore")  # nan marks what does not exist
def interval_limits(*, pairs: PairEstimates, design: Design, alpha: Floats, alternative: Alternative) -> Limits:
    """Return interval ends, each comparison at its own alpha.

    The lift's ends solve ``(d - r c)² = k² (v_d - 2 r v_dc + r² v_c)`` for r, with k the
    critical value (Fieller 1954). Both ends exist when the control itself
    differs from zero at that critical value, ``c² > k² v_c``; otherwise no bounded set of
    lifts is compatible with the data, and there is none here.
    """
    valid = pairs.reason == 0
    difference = np.where(valid, pairs.difference, np.nan)
    variance = np.where(valid, pairs.difference_variance, np.nan)
    two_sided = alternative is Alternative.TWO_SIDED
    critical = design.critical(alpha=alpha, df=pairs.df, units=pairs.units, two_sided=two_sided)
    half = critical * np.sqrt(variance)
    lower, upper = difference - half, difference + half
    lift_lower, lift_upper, bounded = _fieller(pairs, critical)
    if pairs.rates is not None:
        lower, upper, lift_lower, lift_upper = _score_ends(
            pairs.rates, critical, (lower, upper, lift_lower, lift_upper)
        )
        # Without successes in control no lift is too large.
        bounded = np.where(pairs.rates.chosen, np.isfinite(lift_upper), bounded)
        lift_lower = np.where(bounded, lift_lower, np.nan)
        lift_upper = np.where(bounded, lift_upper, np.nan)
    if alternative is Alternative.GREATER:
        upper = np.where(valid, np.inf, np.nan)
        lift_upper = np.where(bounded & valid, np.inf, np.nan)
    if alternative is Alternative.LESS:
        lower = np.where(valid, -np.inf, np.nan)
        lift_lower = np.where(bounded & valid, -np.inf, np.nan)
    return Limits(
        critical=critical,
        lower=lower,
        upper=upper,
        lift_lower=lift_lower,
        lift_upper=lift_upper,
        lift_bounded=bounded,
    )


def p_from_log(log_p: Floats) -> Floats:
    """Return p from log p, at the smallest positive float64 where it would underflow.

    >>> p_from_log(np.array([np.log(0.5), -5000.0])).tolist()
    [0.5, 2.2250738585072014e-308]
    """
    return np.maximum(np.exp(log_p), SMALLEST_P)


def _fieller(pairs: PairEstimates, critical: Floats) -> tuple[Floats, Floats, np.typing.NDArray[np.bool_]]:
    """Return the ends of the lift's interval, and where both exist."""
    valid = pairs.reason == 0
    c, d = pairs.control, pairs.difference
    square = critical**2
    a = c**2 - square * pairs.control_variance
    b = c * d - square * pairs.covariance
    root = b**2 - a * (d**2 - square * pairs.difference_variance)
    bounded = ~valid | (a > 0)
    # a > 0 makes the discriminant non-negative up to rounding.
    spread = np.sqrt(np.maximum(root, 0.0))
    low, high = (b - spread) / a, (b + spread) / a
    usable = valid & bounded
    negative = c < 0
    lower = np.where(usable, np.where(negative, -high, low), np.nan)
    upper = np.where(usable, np.where(negative, -low, high), np.nan)
    return lower, upper, bounded


def _score_ends(rates: RatePairs, critical: Floats, ends: tuple[Floats, ...]) -> tuple[Floats, ...]:
    """Return interval ends of differences and lifts, those of chosen pairs by the score test."""
    counts, size = rates.only_chosen(), np.broadcast_to(critical, rates.chosen.shape)[rates.chosen]
    ratio_lower, ratio_upper = ratio_interval(counts=counts, critical=size)
    scored = (*difference_interval(counts=counts, critical=size), ratio_lower - 1, ratio_upper - 1)
    result = tuple(end.copy() for end in ends)
    for target, source in zip(result, scored, strict=True):
        target[rates.chosen] = source
    return result


def _lift(pairs: PairEstimates, *, defined: np.typing.NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Return the lift and its delta-method standard error where the lift is defined."""
    base = np.where(defined, np.abs(pairs.control), np.nan)
    lift = pairs.difference / base
    signed = pairs.difference / np.where(defined, pairs.control, np.nan)
    variance = pairs.difference_variance - 2 * signed * pairs.covariance + signed**2 * pairs.control_variance
    return lift, np.sqrt(np.maximum(variance, 0.0)) / base
