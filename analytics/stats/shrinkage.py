"""After the decision: what effects are worth in the light of past experiments."""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike, NDArray
from scipy import special
from scipy.optimize import elementwise

from analytics.stats.reasons import Codes, Reason, StatisticsError, mark, no_reasons

FloatArray = NDArray[np.float64]

MIN_EXPERIMENTS = 10

_NODES, _WEIGHTS = leggauss(200)
_NEGLIGIBLE = 40.0
_FARTHEST = 40.0
_HALVINGS = 44


@dataclass(frozen=True, kw_only=True, eq=False)
class EffectHistory:
    """How large true effects were in past experiments.

    The spread of true effects is not known but believed: `spreads` carries the belief, so that
    what is built on a short history is as uncertain as it should be.

    Attributes:
        mean: Expected mean of true effects. NaN where `reason`.
        standard_deviation: Most likely spread of true effects; 0 if noise may explain all the
            variation seen.
        spreads: Spreads that are possible.
        weights: Probability of each; they add to 1.
        means: Mean of true effects if the spread is so.
        mean_variances: Uncertainty of that mean, as a variance.
        experiments: Experiments used.
        reason: Why there is no number, or None.
    """

    mean: float
    standard_deviation: float
    spreads: FloatArray
    weights: FloatArray
    means: FloatArray
    mean_variances: FloatArray
    experiments: int
    reason: Reason | None


def effect_history(*, estimate: ArrayLike, standard_error: ArrayLike) -> EffectHistory:
    """Learn the distribution of true effects from all past experiments, shipped or not.

    Estimates are ``N(mu, tau**2 + se_i**2)``, with flat priors on mu and tau; the posterior of tau
    is the restricted likelihood (Gelman et al., 2013, "Bayesian data analysis", eq. 5.21), summed
    here by quadrature. Plugging in the best tau alone, as empirical Bayes does, gives intervals
    that are too short: 86% instead of 95% for the sum of winners after 60 experiments.
    Give every experiment, not only winners: selection is what shrinkage undoes.

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
        nan, none = float("nan"), np.empty(0)
        return EffectHistory(
            mean=nan,
            standard_deviation=nan,
            spreads=none,
            weights=none,
            means=none,
            mean_variances=none,
            experiments=int(value.size),
            reason=Reason.TOO_FEW_EXPERIMENTS,
        )
    best = np.sqrt(_best_variance(value, noise))
    spreads, share = _possible_spreads(value, noise, best)
    likelihood, means, mean_variances = _restricted(value, noise, spreads)
    weights = share * np.exp(likelihood - likelihood.max())
    weights /= weights.sum()
    return EffectHistory(
        mean=float((weights * means).sum()),
        standard_deviation=float(best),
        spreads=spreads,
        weights=weights,
        means=means,
        mean_variances=mean_variances,
        experiments=int(value.size),
        reason=None,
    )


def _restricted(value: FloatArray, noise: FloatArray, spreads: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Give, per spread, the restricted log-likelihood, the mean and its variance."""
    precision = 1.0 / (noise + spreads[:, None] ** 2)
    total = precision.sum(axis=1)
    means = (precision * value).sum(axis=1) / total
    fit = (precision * (value - means[:, None]) ** 2).sum(axis=1)
    return (np.log(precision).sum(axis=1) - np.log(total) - fit) / 2.0, means, 1.0 / total


def _possible_spreads(value: FloatArray, noise: FloatArray, best: float) -> tuple[FloatArray, FloatArray]:
    """Give Gauss-Legendre nodes and weights over the spreads that the data leave possible."""
    scale = float(np.sqrt(np.var(value) + np.median(noise)))
    coarse = np.unique(np.concatenate([[0.0, best], scale * np.geomspace(1e-4, 1e3, 200)]))
    likelihood, _, _ = _restricted(value, noise, coarse)
    possible = np.flatnonzero(likelihood > likelihood.max() - _NEGLIGIBLE)
    low = coarse[max(possible[0] - 1, 0)]
    high = coarse[min(possible[-1] + 1, coarse.size - 1)]
    half = (high - low) / 2.0
    return low + half * (_NODES + 1.0), half * _WEIGHTS


def _best_variance(value: FloatArray, noise: FloatArray) -> float:
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

    Given tau, ``B = se**2 / (se**2 + tau**2)`` and the effect is ``(1 - B) d + B mu`` with variance
    ``(1 - B) se**2 + B**2 var(mu)`` (Morris, 1983, "Parametric empirical Bayes inference", section
    1); both are averaged over the belief in tau. Unlike the raw estimate it is right on average
    among experiments selected because they won. Assumes that the new experiment is of the kind
    of the past ones, and true effects near normal.

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
        1.5631
    """
    if not 0 < alpha < 1:
        raise StatisticsError("alpha must lie strictly between 0 and 1")
    value, error = np.broadcast_arrays(np.asarray(estimate, np.float64), np.asarray(standard_error, np.float64))
    reason = no_reasons(value.shape)
    if history.reason is not None:
        mark(reason, np.ones(value.shape, dtype=np.bool_), history.reason)
    mark(reason, ~(np.isfinite(value) & np.isfinite(error)), Reason.NOT_FINITE)
    mark(reason, np.asarray(error <= 0), Reason.ZERO_VARIANCE)
    noise = np.where(reason == 0, error, np.nan)[..., None] ** 2
    share = noise / (noise + history.spreads**2)
    effect = value[..., None] - share * (value[..., None] - history.means)
    variance = (1.0 - share) * noise + share**2 * history.mean_variances
    mean, deviation = _mixture(effect, variance, weights=history.weights, known=reason == 0)
    lower, upper = _mixture_ends(effect, variance, weights=history.weights, alpha=alpha)
    return Shrunk(
        estimate=mean,
        standard_deviation=deviation,
        lower=np.where(reason == 0, lower, np.nan),
        upper=np.where(reason == 0, upper, np.nan),
        shrinkage=np.where(reason == 0, (share * history.weights).sum(axis=-1), np.nan),
        reason=reason,
    )


def _mixture(
    effect: FloatArray, variance: FloatArray, *, weights: FloatArray, known: NDArray[np.bool_] | bool = True
) -> tuple[FloatArray, FloatArray]:
    """Give mean and standard deviation over spreads (last axis)."""
    mean = (weights * effect).sum(axis=-1)
    total = (weights * (variance + (effect - mean[..., None]) ** 2)).sum(axis=-1)
    return np.where(known, mean, np.nan), np.where(known, np.sqrt(total), np.nan)


def _mixture_ends(
    effect: FloatArray, variance: FloatArray, *, weights: FloatArray, alpha: float
) -> tuple[FloatArray, FloatArray]:
    """Give the equal-tailed interval over spreads (last axis), by halving.

    The belief is a mixture of normals, and skewed: if the spread is small, a winner is both pulled
    further and more surely. A normal interval around its mean held 94% of the time.
    """
    if weights.size == 0:
        absent = np.full(effect.shape[:-1], np.nan)
        return absent, absent
    deviation = np.sqrt(variance)
    first = (effect - _FARTHEST * deviation).min(axis=-1)
    last = (effect + _FARTHEST * deviation).max(axis=-1)

    def quantile(level: float) -> FloatArray:
        low, high = first, last
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            below = (weights * special.ndtr((middle[..., None] - effect) / deviation)).sum(axis=-1) < level
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        return np.asarray((low + high) / 2.0)

    return quantile(alpha / 2.0), quantile(1.0 - alpha / 2.0)


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
        (0.0368, 0.0712)
    """
    value = np.atleast_1d(np.asarray(estimate, dtype=np.float64))
    found = shrink(estimate=value, standard_error=standard_error, history=history, alpha=alpha)
    reason = history.reason
    if reason is None and (value.size == 0 or np.any(found.reason != 0)):
        reason = Reason.NO_DATA
    if reason is None and relative and (np.any(value <= -1.0) or np.any(history.means <= -1.0)):
        reason = Reason.OUT_OF_RANGE
    if reason is not None:
        nan = float("nan")
        return CumulativeImpact(
            impact=nan, lower=nan, upper=nan, unshrunk=nan, experiments=int(value.size), reason=reason
        )
    raw = np.log1p(value) if relative else value
    totals, variances = _totals(value=value, error=np.asarray(standard_error), history=history, relative=relative)
    low, high = _mixture_ends(totals, variances, weights=history.weights, alpha=alpha)
    ends = np.array([(history.weights * totals).sum(), low, high, raw.sum()])
    impact, lower, upper, unshrunk = (float(end) for end in (np.expm1(ends) if relative else ends))
    return CumulativeImpact(
        impact=impact, lower=lower, upper=upper, unshrunk=unshrunk, experiments=int(value.size), reason=None
    )


def _totals(
    *, value: FloatArray, error: FloatArray, history: EffectHistory, relative: bool
) -> tuple[FloatArray, FloatArray]:
    """Give, per spread, the sum of shrunken effects (of log lifts if relative) and its variance.

    All experiments lean on one history: the uncertainty of its mean and spread does not average
    out, so it is added up before it is squared.
    """
    noise = np.broadcast_to(error, value.shape)[:, None] ** 2
    share = noise / (noise + history.spreads**2)
    effect = value[:, None] - share * (value[:, None] - history.means)
    slope = 1.0 / (1.0 + effect) if relative else np.ones_like(effect)
    own = (slope**2 * (1.0 - share) * noise).sum(axis=0)
    common = (slope * share).sum(axis=0) ** 2 * history.mean_variances
    return (np.log1p(effect) if relative else effect).sum(axis=0), own + common
