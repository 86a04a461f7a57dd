"""Bayesian reading of effects: posteriors, chance to win, expected loss."""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analytics.stats.reasons import Codes, Reason, StatisticsError, mark, no_reasons

FloatArray = NDArray[np.float64]

_PANEL_NODES, _PANEL_WEIGHTS = leggauss(12)
_REACH = 12.0


@dataclass(frozen=True, kw_only=True)
class NormalPrior:
    """What is believed of an effect before the data.

    Attributes:
        mean: Expected effect.
        standard_deviation: Spread of effects; ``inf`` is a flat prior, which lets the data alone
            speak.
        relative: Whether both are shares of ``|control mean|``. The prior is carried over to the
            scale of the estimate, so a relative effect is never read without its prior.
    """

    mean: float = 0.0
    standard_deviation: float = np.inf
    relative: bool = True

    def __post_init__(self) -> None:
        """Refuse a spread that is not positive."""
        if not self.standard_deviation > 0 or not np.isfinite(self.mean):
            raise StatisticsError("a prior needs a finite mean and a positive standard deviation")

    def on_scale(self, *, relative: bool, control_mean: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Give mean and variance of the prior on the scale of an estimate."""
        factor = np.ones_like(control_mean)
        if self.relative and not relative:
            factor = np.abs(control_mean)
        if relative and not self.relative:
            with np.errstate(divide="ignore"):
                factor = 1.0 / np.abs(control_mean)
        return self.mean * factor, np.square(self.standard_deviation * factor)


@dataclass(frozen=True, kw_only=True, eq=False)
class Posterior:
    """What is believed of effects after the data.

    Attributes:
        mean: Expected effect. All numbers are NaN where `reason`.
        standard_deviation: Spread of the belief.
        lower: Lower end of the credible interval.
        upper: Upper end.
        chance_to_win: Probability that the treatment is better.
        loss_of_treatment: Expected harm if the treatment is shipped, ``E[max(0, -gain)]``.
        loss_of_control: Expected gain forgone if the control is kept, ``E[max(0, gain)]``.
        reason: Why there is no number, as `reasons.reason_of` reads it.
    """

    mean: FloatArray
    standard_deviation: FloatArray
    lower: FloatArray
    upper: FloatArray
    chance_to_win: FloatArray
    loss_of_treatment: FloatArray
    loss_of_control: FloatArray
    reason: Codes


def normal_posterior(
    *,
    estimate: ArrayLike,
    standard_error: ArrayLike,
    prior: NormalPrior | None = None,
    relative: bool = True,
    control_mean: ArrayLike = 1.0,
    alpha: float = 0.05,
    higher_is_better: bool = True,
) -> Posterior:
    """Give the posterior of effects whose estimates are normal.

    Precisions add: ``1/v = 1/v0 + 1/se**2``, ``m = v (m0/v0 + estimate/se**2)`` (Gelman et al.,
    2013, "Bayesian data analysis", eq. 2.10). Expected losses are those of the normal,
    ``E[max(0, d)] = m Phi(m/s) + s phi(m/s)``, with tails that do not cancel.

    Args:
        estimate: Estimated effects, treatment minus control.
        standard_error: Their standard errors.
        prior: Prior; flat by default.
        relative: Whether estimates are shares of ``|control mean|``.
        control_mean: Control's mean, needed if prior and estimate are on different scales.
        alpha: One minus the content of the credible interval.
        higher_is_better: Whether an increase wins.

    Returns:
        Posteriors, broadcast over the arguments.

    Raises:
        StatisticsError: `alpha` is not within (0, 1).

    Example:
        >>> found = normal_posterior(estimate=0.2, standard_error=0.1,
        ...     prior=NormalPrior(mean=0.0, standard_deviation=0.1))
        >>> round(float(found.mean), 6), round(float(found.chance_to_win), 4)
        (0.1, 0.9214)
    """
    if not 0 < alpha < 1:
        raise StatisticsError("alpha must lie strictly between 0 and 1")
    belief = prior or NormalPrior()
    value, error, base = _columns(estimate, standard_error, control_mean)
    reason = no_reasons(value.shape)
    mark(reason, ~(np.isfinite(value) & np.isfinite(error) & np.isfinite(base)), Reason.NOT_FINITE)
    mark(reason, error <= 0, Reason.ZERO_VARIANCE)
    if np.isfinite(belief.standard_deviation) and belief.relative != relative:
        mark(reason, base == 0, Reason.BASELINE_NEAR_ZERO)
    good = reason == 0
    value, error = np.where(good, value, np.nan), np.where(good, error, np.nan)
    center, spread = belief.on_scale(relative=relative, control_mean=np.where(base == 0, 1.0, base))
    precision = 1.0 / spread + 1.0 / error**2
    mean = np.where(np.isinf(spread), value, (center / spread + value / error**2) / precision)
    deviation = 1.0 / np.sqrt(precision)
    gain = (mean if higher_is_better else -mean) / deviation
    reach = -special.ndtri(alpha / 2.0) * deviation
    return Posterior(
        mean=mean,
        standard_deviation=deviation,
        lower=mean - reach,
        upper=mean + reach,
        chance_to_win=np.asarray(special.ndtr(gain)),
        loss_of_treatment=deviation * _expected_excess(-gain),
        loss_of_control=deviation * _expected_excess(gain),
        reason=reason,
    )


def _columns(*values: ArrayLike) -> tuple[FloatArray, ...]:
    arrays = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values))
    return tuple(np.asarray(array) for array in arrays)


def _expected_excess(shift: FloatArray) -> FloatArray:
    """Give ``E[max(0, X)]`` of a normal with mean `shift` and variance 1.

    Far below zero ``shift Phi + phi`` cancels; there it is ``phi(x) (1 - x R(x))`` with Mills'
    ratio R and x = -shift, expanded as ``phi(x) (1/x**2 - 3/x**4 + 15/x**6 - 105/x**8)``.
    """
    density = np.exp(-(shift**2) / 2.0) / np.sqrt(2.0 * np.pi)
    direct = shift * special.ndtr(shift) + density
    x = np.maximum(-shift, 30.0)
    tail = density * (1.0 / x**2 - 3.0 / x**4 + 15.0 / x**6 - 105.0 / x**8)
    mills = np.sqrt(np.pi / 2.0) * special.erfcx(np.clip(-shift, 0.0, 30.0) / np.sqrt(2.0))
    middle = density * (1.0 + shift * mills)
    return np.asarray(np.where(shift < -30.0, tail, np.where(shift < -2.0, middle, direct)))


@dataclass(frozen=True, kw_only=True, eq=False)
class Best:
    """Which of several arms is the best.

    Attributes:
        chance: Probability that each arm is the best (last axis); they add to 1. NaN where `reason`.
        expected_loss: Expected shortfall of each arm against the best.
        reason: Why there is no number, as `reasons.reason_of` reads it.
    """

    chance: FloatArray
    expected_loss: FloatArray
    reason: Codes


def chance_to_be_best(*, means: ArrayLike, standard_deviations: ArrayLike, higher_is_better: bool = True) -> Best:
    """Give the chance of each arm to be the best, from independent normal posteriors of arm means.

    ``P(arm i is best) = E[prod_{j != i} Phi((X_i - m_j) / s_j)]`` and the expected best is
    ``E[max_j X_j] = integral of 1 - prod_j F_j``; both integrals are exact quadratures, not
    simulations, so the answer never changes from run to run. Arms are independent, unlike their
    differences from a shared control: give the arms' means, not effects.

    Args:
        means: Posterior mean of each arm, arms on the last axis, control among them.
        standard_deviations: Posterior standard deviations (for large samples, standard errors).
        higher_is_better: Whether the largest mean is the best.

    Returns:
        One element per set of arms.

    Example:
        >>> best = chance_to_be_best(means=[1.0, 1.0, 1.0], standard_deviations=[0.1, 0.1, 0.1])
        >>> [round(float(value), 6) for value in best.chance]
        [0.333333, 0.333333, 0.333333]
    """
    center, spread = _columns(means, standard_deviations)
    if center.ndim == 0:
        raise StatisticsError("means must have the arms on the last axis")
    reason = no_reasons(center.shape[:-1])
    mark(reason, np.asarray(~(np.isfinite(center) & np.isfinite(spread)).all(axis=-1)), Reason.NOT_FINITE)
    mark(reason, np.asarray((spread <= 0).any(axis=-1)), Reason.ZERO_VARIANCE)
    mark(reason, np.full(reason.shape, center.shape[-1] < 2), Reason.SINGLE_ARM)
    chance, loss = np.full(center.shape, np.nan), np.full(center.shape, np.nan)
    sign = 1.0 if higher_is_better else -1.0
    for place in np.ndindex(reason.shape):
        if reason[place] == 0:
            chance[place], loss[place] = _best_of(sign * center[place], spread[place])
    return Best(chance=chance, expected_loss=loss, reason=reason)


def _best_of(center: FloatArray, spread: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Integrate between the ends of all arms, on panels that are fine for each of them."""
    edges = np.unique(np.concatenate([center + k * spread for k in np.arange(-_REACH, _REACH + 1.0, 2.0)]))
    half = np.diff(edges) / 2.0
    x = (edges[:-1] + half)[:, None] + half[:, None] * _PANEL_NODES
    weight = half[:, None] * _PANEL_WEIGHTS
    z = (x[..., None] - center) / spread
    log_below = special.log_ndtr(z)
    log_all = log_below.sum(axis=-1)
    density = np.exp(-(z**2) / 2.0) / (np.sqrt(2.0 * np.pi) * spread)
    chance = (weight[..., None] * density * np.exp(log_all[..., None] - log_below)).sum(axis=(0, 1))
    # E[max] - m_i: the area between F_i and the distribution of the largest.
    gap = np.exp(log_below) - np.exp(log_all)[..., None]
    loss = (weight[..., None] * gap).sum(axis=(0, 1))
    return chance / chance.sum(), np.asarray(loss)
