"""Do effects differ: between segments, and with the days since a unit was first exposed?"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analytics.stats.distributions import SMALLEST_P
from analytics.stats.reasons import Codes, Reason, StatisticsError, mark, no_reasons

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class SegmentEffects:
    """Effects by segment (last axis) and the test of their difference.

    Attributes:
        pooled: Effect common to all segments, weighted by precision. NaN where `reason`.
        pooled_standard_error: Its standard error.
        q: Cochran's Q.
        degrees_of_freedom: Usable segments minus one.
        p_value: Of the hypothesis that all segments have the same effect.
        i_squared: Share of the variation between segments that is not noise, within [0, 1].
        tau: Standard deviation of true effects between segments (DerSimonian and Laird, 1986).
        segment_p_value: Of "no effect in this segment", corrected over segments (Holm).
        lower: Lower end of each segment's interval; all of them hold together (Bonferroni).
        upper: Upper end.
        deviation: Each segment's effect minus that of all other segments.
        deviation_p_value: Of "this segment is like the others", corrected over segments (Holm).
        reason: Why the comparison has no number, as `reasons.reason_of` reads it.
        segment_reason: Why a segment has none; it is then left out of the comparison.
    """

    pooled: FloatArray
    pooled_standard_error: FloatArray
    q: FloatArray
    degrees_of_freedom: NDArray[np.int64]
    p_value: FloatArray
    i_squared: FloatArray
    tau: FloatArray
    segment_p_value: FloatArray
    lower: FloatArray
    upper: FloatArray
    deviation: FloatArray
    deviation_p_value: FloatArray
    reason: Codes
    segment_reason: Codes


def segment_effects(*, estimate: ArrayLike, standard_error: ArrayLike, alpha: float = 0.05) -> SegmentEffects:
    """Compare the effects of disjoint segments.

    ``Q = sum w_i (d_i - d)**2`` with ``w_i = 1 / se_i**2`` is chi-squared with k - 1 degrees of
    freedom if all effects are equal (Cochran, 1954); ``I**2 = max(0, (Q - (k - 1)) / Q)`` (Higgins
    and Thompson, 2002, "Quantifying heterogeneity in a meta-analysis"). A significant segment
    next to one that is not is no evidence of a difference; Q is. Segments must not overlap, must
    be known before exposure, and their estimates be near normal.

    Args:
        estimate: Effect of each segment, segments on the last axis.
        standard_error: Their standard errors; NaN for a segment without an estimate.
        alpha: Error rate of the intervals, over all segments together.

    Returns:
        One element per set of segments.

    Raises:
        StatisticsError: There is no segment axis or `alpha` is not within (0, 1).

    Example:
        >>> found = segment_effects(estimate=[0.1, 0.5, 0.3], standard_error=[0.1, 0.1, 0.1])
        >>> round(float(found.q), 6), round(float(found.i_squared), 6), round(float(found.p_value), 6)
        (8.0, 0.75, 0.018316)
    """
    value, error = np.broadcast_arrays(np.asarray(estimate, np.float64), np.asarray(standard_error, np.float64))
    if value.ndim == 0 or not 0 < alpha < 1:
        raise StatisticsError("segments are on the last axis, and alpha lies between 0 and 1")
    part = no_reasons(value.shape)
    mark(part, ~(np.isfinite(value) & np.isfinite(error)), Reason.NO_DATA)
    mark(part, np.asarray(error <= 0), Reason.ZERO_VARIANCE)
    good = part == 0
    count = good.sum(axis=-1)
    reason = no_reasons(value.shape[:-1])
    mark(reason, np.asarray(count < 2), Reason.TOO_FEW_SEGMENTS)
    weight = np.where(good, 1.0 / np.where(good, error, 1.0) ** 2, 0.0)
    effect = np.where(good, value, 0.0)
    total = np.where(reason == 0, weight.sum(axis=-1), np.nan)
    pooled = (weight * effect).sum(axis=-1) / total
    q = (weight * (effect - pooled[..., None]) ** 2).sum(axis=-1)
    df = count - 1
    excess = np.maximum(q - df, 0.0)
    scale = total - (weight**2).sum(axis=-1) / total
    width = -special.ndtri(alpha / 2.0 / np.maximum(count, 1))
    error = np.where(good, error, np.nan)
    deviation, deviation_p = _against_others(value=np.where(good, value, np.nan), weight=weight, total=total)
    return SegmentEffects(
        pooled=pooled,
        pooled_standard_error=1.0 / np.sqrt(total),
        q=q,
        degrees_of_freedom=np.asarray(df),
        p_value=np.maximum(special.chdtrc(np.maximum(df, 1), q), SMALLEST_P),
        i_squared=np.where(q > 0, excess / np.where(q > 0, q, 1.0), np.where(np.isnan(q), np.nan, 0.0)),
        tau=np.sqrt(excess / scale),
        segment_p_value=holm(_two_sided(np.where(good, value, np.nan) / error)),
        lower=np.where(good, value, np.nan) - width[..., None] * error,
        upper=np.where(good, value, np.nan) + width[..., None] * error,
        deviation=deviation,
        deviation_p_value=deviation_p,
        reason=reason,
        segment_reason=part,
    )


def _against_others(*, value: FloatArray, weight: FloatArray, total: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Compare each segment with the precision-weighted effect of all others."""
    others = total[..., None] - weight
    weighted = weight * np.where(np.isnan(value), 0.0, value)
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = (weighted.sum(axis=-1)[..., None] - weighted) / others
        statistic = (value - rest) / np.sqrt(1.0 / weight + 1.0 / others)
    return value - rest, holm(_two_sided(statistic))


def _two_sided(statistic: FloatArray) -> FloatArray:
    """Give two-sided p-values, at the smallest positive float64 where they would underflow."""
    return np.asarray(np.maximum(2.0 * special.ndtr(-np.abs(statistic)), SMALLEST_P))


def holm(p_value: FloatArray) -> FloatArray:
    """Give Holm's (1979) adjusted p-values along the last axis; NaN stays and does not count.

    Example:
        >>> [round(float(p), 3) for p in holm(np.array([0.01, 0.04, np.nan, 0.03]))]
        [0.03, 0.06, nan, 0.06]
    """
    order = np.argsort(p_value, axis=-1)  # NaN sorts last
    ranked = np.take_along_axis(p_value, order, axis=-1)
    tests = np.isfinite(p_value).sum(axis=-1, keepdims=True)
    stepped = np.maximum.accumulate(ranked * (tests - np.arange(p_value.shape[-1])), axis=-1)
    adjusted = np.empty_like(p_value)
    np.put_along_axis(adjusted, order, np.minimum(stepped, 1.0), axis=-1)
    return np.where(np.isnan(p_value), np.nan, adjusted)


class Drift(StrEnum):
    """How an effect moves with the days since exposure."""

    NOVELTY = "novelty"
    PRIMACY = "primacy"
    STABLE = "stable"


@dataclass(frozen=True, kw_only=True, eq=False)
class EffectTrend:
    """Trend of the effect over days since exposure.

    Attributes:
        slope: Change of the effect per day (or per unit of log day). NaN where `reason`.
        standard_error: Of the slope.
        p_value: Of "no trend".
        first: Fitted effect on the first day.
        last: Fitted effect on the last day.
        drift: Novelty if the effect shrinks, primacy if it grows, both significantly; "stable" is
            the absence of evidence of a trend. None where `reason`.
        reason: Why there is no number, or None.
    """

    slope: float
    standard_error: float
    p_value: float
    first: float
    last: float
    drift: Drift | None
    reason: Reason | None


def effect_trend(
    *,
    day: ArrayLike,
    estimate: ArrayLike,
    standard_error: ArrayLike | None = None,
    covariance: ArrayLike | None = None,
    logarithmic: bool = False,
    alpha: float = 0.05,
) -> EffectTrend:
    """Test whether the effect changes with the days since a unit was first exposed.

    Generalised least squares of the effects on the day: ``b = (X' V^-1 X)^-1 X' V^-1 d`` (Aitken,
    1936). Days since exposure, not calendar days, so that units of every start date count alike.
    Effects of several days on the same units are correlated: give their covariance; with standard
    errors alone they are taken as independent (right for disjoint units), and a positive
    correlation makes the test careful for the level but not for the slope.

    Args:
        day: Days since exposure, 1 being the first if `logarithmic`.
        estimate: Effect on units that are that many days in.
        standard_error: Their standard errors.
        covariance: Their covariance matrix, in place of standard errors.
        logarithmic: Fit the effect against the log of the day: a fast change that levels off.
        alpha: Level below which the trend is called novelty or primacy.

    Returns:
        The trend, or the reason why there is none: fewer than three days.

    Raises:
        StatisticsError: Neither or both of `standard_error` and `covariance` are given, shapes
            differ, or a day is below 1 with `logarithmic`.

    Example:
        >>> trend = effect_trend(day=[1, 2, 3, 4], estimate=[4.0, 3.0, 2.0, 1.0], standard_error=[0.1] * 4)
        >>> trend.drift.value, round(trend.slope, 6)
        ('novelty', -1.0)
    """
    days, effect = np.asarray(day, np.float64), np.asarray(estimate, np.float64)
    spread = _covariance(standard_error=standard_error, covariance=covariance)
    if days.ndim != 1 or effect.shape != days.shape or spread.shape != (days.size, days.size):
        raise StatisticsError("each day needs one estimate and one standard error")
    if logarithmic and np.any(days < 1):
        raise StatisticsError("a logarithmic trend counts days from 1")
    kept = np.isfinite(effect) & np.isfinite(np.diag(spread)) & (np.diag(spread) > 0)
    if kept.sum() < 3:
        return _no_trend(Reason.TOO_FEW_SEGMENTS)
    x = np.log(days[kept]) if logarithmic else days[kept]
    if np.ptp(x) == 0:
        return _no_trend(Reason.TOO_FEW_SEGMENTS)
    inverse = np.linalg.inv(spread[np.ix_(kept, kept)])
    middle = x.mean()
    design = np.column_stack([np.ones(x.size), x - middle])
    information = np.linalg.inv(design.T @ inverse @ design)
    level, slope = information @ design.T @ inverse @ effect[kept]
    error = float(np.sqrt(information[1, 1]))
    p_value = float(_two_sided(np.asarray(slope / error)))
    first, last = float(level + slope * (x.min() - middle)), float(level + slope * (x.max() - middle))
    drift = Drift.STABLE
    if p_value < alpha:
        drift = Drift.NOVELTY if abs(last) < abs(first) else Drift.PRIMACY
    return EffectTrend(
        slope=float(slope), standard_error=error, p_value=p_value, first=first, last=last, drift=drift, reason=None
    )


def _covariance(*, standard_error: ArrayLike | None, covariance: ArrayLike | None) -> FloatArray:
    if standard_error is not None and covariance is None:
        return np.asarray(np.diag(np.asarray(standard_error, np.float64) ** 2))
    if covariance is not None and standard_error is None:
        return np.asarray(covariance, dtype=np.float64)
    raise StatisticsError("give either standard errors or a covariance matrix")


def _no_trend(reason: Reason) -> EffectTrend:
    nan = float("nan")
    return EffectTrend(slope=nan, standard_error=nan, p_value=nan, first=nan, last=nan, drift=None, reason=reason)
