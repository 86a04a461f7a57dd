"""Thompson-sampling allocation for experiments that send more units to better arms."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.stats.bayes import Best, chance_to_be_best
from analytics.stats.bayes_rates import BetaPrior, rate_posterior
from analytics.stats.reasons import Codes, StatisticsError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Allocation:
    """Shares of the next units, arms on the last axis.

    Attributes:
        share: Share of each arm; they add to 1. NaN where `reason`: keep the shares of before.
        chance_to_be_best: Probability that each arm is the best, by the data so far.
        expected_loss: Expected shortfall per unit of each arm against the best. The smallest is
            what more sampling could still gain: stop when it no longer matters.
        reason: Why there is no number, as `reasons.reason_of` reads it.
    """

    share: FloatArray
    chance_to_be_best: FloatArray
    expected_loss: FloatArray
    reason: Codes


def allocate_by_means(
    *,
    means: ArrayLike,
    standard_errors: ArrayLike,
    minimum_share: float = 0.0,
    higher_is_better: bool = True,
) -> Allocation:
    """Allocate units to arms in proportion to their chance to be the best mean.

    Thompson (1933) sampling draws each unit's arm with the probability that it is the best; in
    batches the probability itself is the share (Scott, 2010, "A modern Bayesian look at the
    multi-armed bandit", section 3). It is computed by quadrature, so the same data always give the
    same shares. Shares that change make the pooled difference of means wrong if the metric also
    changes with time: analyse by period of constant shares.

    Args:
        means: Mean of each arm, arms on the last axis.
        standard_errors: Their standard errors.
        minimum_share: Share that every arm keeps, so that a slow starter can recover and the
            experiment can still be analysed.
        higher_is_better: Whether the largest mean is the best.

    Returns:
        The shares.

    Raises:
        StatisticsError: The minimum share leaves nothing to allocate.

    Example:
        >>> found = allocate_by_means(means=[1.0, 1.0], standard_errors=[0.1, 0.1], minimum_share=0.05)
        >>> [round(float(share), 6) for share in found.share]
        [0.5, 0.5]
    """
    best = chance_to_be_best(means=means, standard_deviations=standard_errors, higher_is_better=higher_is_better)
    return _allocate(best, minimum_share=minimum_share)


def allocate_by_rates(
    *,
    successes: ArrayLike,
    units: ArrayLike,
    prior: BetaPrior | None = None,
    minimum_share: float = 0.0,
    higher_is_better: bool = True,
) -> Allocation:
    """Allocate units to arms in proportion to their chance to have the best rate.

    As `allocate_by_means`, with beta posteriors; right from the first unit on.

    Args:
        successes: Units with the event, arms on the last axis.
        units: Units of each arm.
        prior: Prior of every arm; Jeffreys' by default.
        minimum_share: Share that every arm keeps.
        higher_is_better: Whether the highest rate is the best.

    Returns:
        The shares.

    Raises:
        StatisticsError: The minimum share leaves nothing to allocate, or counts contradict.

    Example:
        >>> found = allocate_by_rates(successes=[10, 30], units=[100, 100], minimum_share=0.1)
        >>> [round(float(share), 4) for share in found.share]
        [0.1001, 0.8999]
    """
    found = rate_posterior(successes=successes, units=units, prior=prior, higher_is_better=higher_is_better)
    best = Best(chance=found.chance_to_be_best, expected_loss=found.expected_loss, reason=found.reason)
    return _allocate(best, minimum_share=minimum_share)


def _allocate(best: Best, *, minimum_share: float) -> Allocation:
    arms = best.chance.shape[-1]
    if not 0 <= minimum_share * arms < 1:
        raise StatisticsError("minimum_share times the number of arms must be below 1")
    return Allocation(
        share=minimum_share + (1.0 - minimum_share * arms) * best.chance,
        chance_to_be_best=best.chance,
        expected_loss=best.expected_loss,
        reason=best.reason,
    )
