"""After the decision: what effects are worth in the light of past experiments."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special
from scipy.optimize import elementwise

from analytics.stats.reasons import Codes, Reason, StatisticsError, mark, no_reasons

FloatArray = NDArray[np.float64]

MIN_EXPERIMENTS = 10


@dataclass(frozen=True, kw_only=True)
class EffectHistory:
    """How large true effects were in past experiments.

    Attributes:
        mean: Mean of true effects. NaN where `reason`.
        standard_deviation: Spread of true effects; 0 if noise explains all the variation seen.
        mean_variance: Uncertainty of the mean, as a variance.
        spread_variance: Uncertainty of the squared spread, as a variance.
        experiments: Experiments used.
        reason: Why there is no number, or None.
    """

    mean: float
    standard_deviation: float
    mean_variance: float
    spread_variance: float
    experiments: int
    reason: Reason | None


def effect_history(*, estimate: ArrayLike, standard_error: ArrayLike) -> EffectHistory:
    """Learn the distribution of true effects from all past experiments, shipped or not.

    Estimates are ``N(mu, tau**2 + se_i**2)``; mu and tau maximise the restricted likelihood
    (Morris, 1983, "Parametric empirical Bayes inference", section 5), whose score is one root in
    ``tau**2``. Give every experiment, not only winners: selection is what shrinkage undoes.

    Args:
        estimate: Observed effects on one metric and one scale (relative lifts, as a rule).
        standard_error: Their standard errors.

    Returns:
        The history, or the reason why there is none: fewer than ten usable experiments.

    Raises:
        StatisticsError: The two differ in length.

    Example:
        >>> wide = effect_history(estimate=[-2, -1, 0, 1, 2] * 4, standard_error=[0.1] * 20)
        >>> round(wide.mean, 6), round(wide.standard_deviation, 3)
        (0.0, 1.448)
    """
    value, error = np.asarray(estimate, np.float64), np.asarray(standard_error, np.float64)
    if value.ndim != 1 or value.shape != error.shape:
        raise StatisticsError("each estimate needs one standard error")
    kept = np.isfinite(value) & np.isfinite(error) & (error > 0)
    value, noise = value[kept], error[kept] ** 2
    if value.size < MIN_EXPERIMENTS:
        nan = float("nan")
        return EffectHistory(
            mean=nan,
            standard_deviation=nan,
            mean_variance=nan,
            spread_variance=nan,
            experiments=int(value.size),
            reason=Reason.TOO_FEW_EXPERIMENTS,
        )
    spread = _spread(value, noise)
    weight = 1.0 / (noise + spread)
    return EffectHistory(
        mean=float((weight * value).sum() / weight.sum()),
        standard_deviation=float(np.sqrt(spread)),
        mean_variance=float(1.0 / weight.sum()),
        spread_variance=float(2.0 / (weight**2).sum()),
        experiments=int(value.size),
        reason=None,
    )


def _spread(value: FloatArray, noise: FloatArray) -> float:
    """Give the squared spread at which the restricted score is zero; 0 if it is negative there."""

    def score(spread: FloatArray) -> FloatArray:
        weight = 1.0 / (noise + np.asarray(spread)[..., None])
        total = weight.sum(axis=-1)
        mean = (weight * value).sum(axis=-1) / total
        fit = (weight**2 * (value - mean[..., None]) ** 2).sum(axis=-1)
        return np.asarray(fit - total + (weight**2).sum(axis=-1) / total)

    if float(score(np.asarray(0.0))) <= 0.0:
        return 0.0
    high = float(np.ptp(value) ** 2 + noise.max())
    return float(elementwise.find_root(score, (0.0, high)).x)


@dataclass(frozen=True, kw_only=True, eq=False)
class Shrunk:
    """Effects in the light of history.

    Attributes:
        estimate: Shrunken effect. NaN where `reason`.
        standard_deviation: Its uncertainty, that of the history included.
        lower: Lower end of the interval.
        upper: Upper end.
        shrinkage: Share of the way to the mean of history, within [0, 1].
        reason: Why there is no number, as `reasons.reason_of` reads it.
    """

    estimate: FloatArray
    standard_deviation: FloatArray
    lower: FloatArray
    upper: FloatArray
    shrinkage: FloatArray
    reason: Codes


def shrink(*, estimate: ArrayLike, standard_error: ArrayLike, history: EffectHistory, alpha: float = 0.05) -> Shrunk:
    """Correct observed effects for the winner's curse.

    ``B = se**2 / (se**2 + tau**2)`` and the effect is ``(1 - B) d + B mu`` (Morris, 1983, section 1).
    Its variance ``(1 - B) se**2 + B**2 var(mu) + (d - mu)**2 var(B)`` counts the uncertainty of the
    history (ibid.), with var(B) by the delta method. Unlike the raw estimate it stays unbiased
    on average among experiments selected because they won. Assumes that the new experiment is of
    the kind of the past ones.

    Args:
        estimate: Observed effects, on the scale of the history.
        standard_error: Their standard errors.
        history: Past experiments.
        alpha: One minus the content of the interval.

    Returns:
        Shrunken effects, broadcast over the arguments.

    Raises:
        StatisticsError: `alpha` is not within (0, 1).

    Example:
        >>> past = effect_history(estimate=[-2, -1, 0, 1, 2] * 4, standard_error=[1.0] * 20)
        >>> found = shrink(estimate=3.0, standard_error=1.0, history=past)
        >>> round(float(found.estimate), 4)
        1.575
    """
    if not 0 < alpha < 1:
        raise StatisticsError("alpha must lie strictly between 0 and 1")
    value, error = np.broadcast_arrays(np.asarray(estimate, np.float64), np.asarray(standard_error, np.float64))
    reason = no_reasons(value.shape)
    if history.reason is not None:
        mark(reason, np.ones(value.shape, dtype=np.bool_), history.reason)
    mark(reason, ~(np.isfinite(value) & np.isfinite(error)), Reason.NOT_FINITE)
    mark(reason, np.asarray(error <= 0), Reason.ZERO_VARIANCE)
    noise = np.where(reason == 0, error, np.nan) ** 2
    total = noise + history.standard_deviation**2
    share = noise / total
    deviation = value - history.mean
    share_variance = (noise / total**2) ** 2 * history.spread_variance
    variance = (1.0 - share) * noise + share**2 * history.mean_variance + deviation**2 * share_variance
    shrunken = np.where(reason == 0, value - share * deviation, np.nan)
    width = -special.ndtri(alpha / 2.0) * np.sqrt(variance)
    return Shrunk(
        estimate=shrunken,
        standard_deviation=np.sqrt(variance),
        lower=shrunken - width,
        upper=shrunken + width,
        shrinkage=share,
        reason=reason,
    )


@dataclass(frozen=True, kw_only=True)
class CumulativeImpact:
    """What shipped experiments add up to.

    Attributes:
        impact: Sum of shrunken effects, or their compounded lift. NaN where `reason`.
        lower: Lower end of the interval.
        upper: Upper end.
        unshrunk: The same without shrinkage: what adding up the reports promises.
        experiments: Experiments counted.
        reason: Why there is no number, or None.
    """

    impact: float
    lower: float
    upper: float
    unshrunk: float
    experiments: int
    reason: Reason | None


def cumulative_impact(
    *,
    estimate: ArrayLike,
    standard_error: ArrayLike,
    history: EffectHistory,
    relative: bool = True,
    alpha: float = 0.05,
) -> CumulativeImpact:
    """Add up the effects of shipped experiments, corrected for having been shipped.

    Relative lifts compound, ``prod(1 + d_i) - 1``, through the sum of ``log(1 + d_i)`` with delta
    method variances; absolute effects add. Experiments are taken as independent and their effects
    as lasting and not changing each other.

    Args:
        estimate: Observed effects of the shipped experiments.
        standard_error: Their standard errors.
        history: All past experiments on the metric.
        relative: Whether effects are lifts.
        alpha: One minus the content of the interval.

    Returns:
        The impact, or the reason why there is none.

    Raises:
        StatisticsError: `alpha` is not within (0, 1).

    Example:
        >>> past = effect_history(estimate=[-0.02, -0.01, 0, 0.01, 0.02] * 4, standard_error=[0.01] * 20)
        >>> found = cumulative_impact(estimate=[0.03, 0.04], standard_error=[0.01, 0.01], history=past)
        >>> round(found.impact, 4), round(found.unshrunk, 4)
        (0.0371, 0.0712)
    """
    value = np.atleast_1d(np.asarray(estimate, dtype=np.float64))
    found = shrink(estimate=value, standard_error=standard_error, history=history, alpha=alpha)
    reason = history.reason
    if reason is None and (value.size == 0 or np.any(found.reason != 0)):
        reason = Reason.NO_DATA
    if reason is None and relative and np.any(np.minimum(value, found.estimate) <= -1.0):
        reason = Reason.OUT_OF_RANGE
    if reason is not None:
        nan = float("nan")
        return CumulativeImpact(
            impact=nan, lower=nan, upper=nan, unshrunk=nan, experiments=int(value.size), reason=reason
        )
    effect, deviation, raw = found.estimate, found.standard_deviation, value
    if relative:
        deviation = deviation / (1.0 + effect)
        effect, raw = np.log1p(effect), np.log1p(raw)
    total, width = effect.sum(), -special.ndtri(alpha / 2.0) * np.sqrt((deviation**2).sum())
    ends = np.array([total, total - width, total + width, raw.sum()])
    impact, lower, upper, unshrunk = (float(end) for end in (np.expm1(ends) if relative else ends))
    return CumulativeImpact(
        impact=impact, lower=lower, upper=upper, unshrunk=unshrunk, experiments=int(value.size), reason=None
    )
