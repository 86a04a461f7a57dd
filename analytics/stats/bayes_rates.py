"""Beta-binomial reading of proportions, for rates too small for a normal posterior."""

from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analytics.stats.reasons import Codes, Reason, StatisticsError, mark, no_reasons

FloatArray = NDArray[np.float64]

_NODES, _WEIGHTS = leggauss(8)
_LEVELS = special.ndtr(np.linspace(-9.0, 0.0, 25))


@dataclass(frozen=True, kw_only=True)
class BetaPrior:
    """What is believed of each arm's rate before the data.

    Attributes:
        successes: Prior successes, positive; one half is Jeffreys' prior, one the uniform.
        failures: Prior failures, positive.
    """

    successes: float = 0.5
    failures: float = 0.5

    def __post_init__(self) -> None:
        """Refuse counts that are not positive."""
        if not (self.successes > 0 and self.failures > 0 and np.isfinite(self.successes + self.failures)):
            raise StatisticsError("prior successes and failures must be positive")


@dataclass(frozen=True, kw_only=True, eq=False)
class RatePosterior:
    """What is believed of the rates after the data, arms on the last axis.

    Attributes:
        mean: Expected rate of each arm. All numbers are NaN where `reason`.
        lower: Lower end of each rate's equal-tailed credible interval.
        upper: Upper end.
        chance_to_be_best: Probability that each arm has the best rate.
        expected_loss: Expected shortfall of each arm against the best.
        reason: Why there is no number, as `reasons.reason_of` reads it.
    """

    mean: FloatArray
    lower: FloatArray
    upper: FloatArray
    chance_to_be_best: FloatArray
    expected_loss: FloatArray
    reason: Codes


def rate_posterior(
    *,
    successes: ArrayLike,
    units: ArrayLike,
    prior: BetaPrior | None = None,
    alpha: float = 0.05,
    higher_is_better: bool = True,
) -> RatePosterior:
    """Give the posterior of proportions.

    A rate with a beta prior has a beta posterior, ``Beta(a + x, b + n - x)`` (Gelman et al., 2013,
    section 2.1). ``P(i is best) = E[prod_{j != i} F_j(p_i)]`` is a quadrature over ``p_i``, exact at
    any size and without simulation. With two arms the chance to be best is the chance to win.

    Args:
        successes: Units with the event, arms on the last axis, control among them.
        units: Units of each arm.
        prior: Prior of every arm; Jeffreys' by default.
        alpha: One minus the content of the credible intervals.
        higher_is_better: Whether the highest rate is the best.

    Returns:
        One element per set of arms.

    Raises:
        StatisticsError: `alpha` is not within (0, 1), counts contradict, or there is no arm axis.

    Example:
        >>> found = rate_posterior(successes=[1, 5], units=[100, 100])
        >>> round(float(found.chance_to_be_best[1]), 4)
        0.9551
    """
    hits, total = np.broadcast_arrays(np.asarray(successes, np.float64), np.asarray(units, np.float64))
    if not 0 < alpha < 1 or hits.ndim == 0:
        raise StatisticsError("alpha lies between 0 and 1, and the arms are on the last axis")
    if np.any((hits < 0) | (hits > total)):
        raise StatisticsError("successes lie between 0 and the number of units")
    belief = prior or BetaPrior()
    reason = no_reasons(hits.shape[:-1])
    mark(reason, np.asarray(~(np.isfinite(hits) & np.isfinite(total)).all(axis=-1)), Reason.NOT_FINITE)
    mark(reason, np.full(reason.shape, hits.shape[-1] < 2), Reason.SINGLE_ARM)
    mark(reason, np.asarray((total == 0).any(axis=-1)), Reason.NO_UNITS)
    good = np.broadcast_to((reason == 0)[..., None], hits.shape)
    a = np.where(good, belief.successes + hits, np.nan)
    b = np.where(good, belief.failures + total - hits, np.nan)
    chance, loss = np.full(hits.shape, np.nan), np.full(hits.shape, np.nan)
    for place in np.ndindex(reason.shape):
        if reason[place] == 0:
            chance[place], loss[place] = _best_of(a[place], b[place], higher_is_better=higher_is_better)
    return RatePosterior(
        mean=a / (a + b),
        lower=np.asarray(special.betaincinv(a, b, alpha / 2.0)),
        upper=np.asarray(special.betainccinv(a, b, alpha / 2.0)),
        chance_to_be_best=chance,
        expected_loss=loss,
        reason=reason,
    )


def _best_of(a: FloatArray, b: FloatArray, *, higher_is_better: bool) -> tuple[FloatArray, FloatArray]:
    """Integrate over the logit, where no density is infinite, between quantiles of every arm."""
    if not higher_is_better:
        a, b = b, a  # the best of 1 - p is the worst of p
    edges = np.unique(np.concatenate([_lower_logits(a, b), -_lower_logits(b, a)]))
    half = np.diff(edges) / 2.0
    logit = ((edges[:-1] + half)[:, None] + half[:, None] * _NODES).ravel()[:, None]
    weight = (half[:, None] * _WEIGHTS).reshape(-1, 1)
    x, rest = special.expit(logit), special.expit(-logit)
    below = np.where(x < 0.5, special.betainc(a, b, x), special.betaincc(b, a, rest))
    others = np.stack([np.prod(np.delete(below, arm, axis=1), axis=1) for arm in range(a.size)], axis=1)
    density = np.exp(a * special.log_expit(logit) + b * special.log_expit(-logit) - special.betaln(a, b))
    chance = (weight * density * others).sum(axis=0)
    loss = (weight * x * rest * below * (1.0 - others)).sum(axis=0)
    return chance / chance.sum(), np.asarray(loss)


def _lower_logits(a: FloatArray, b: FloatArray) -> FloatArray:
    """Give logits of quantiles in the lower half of each arm's posterior."""
    x = np.maximum(special.betaincinv(a[:, None], b[:, None], _LEVELS), 1e-300)
    return np.asarray(np.log(x) - np.log1p(-x)).ravel()
