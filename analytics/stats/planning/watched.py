"""Rejection probabilities of experiments that are watched while they run."""

import numpy as np
from numpy.typing import NDArray
from scipy import special

from analytics.stats.designs import Alternative
from analytics.stats.planning.design import WatchedAlways, WatchedAtLooks
from analytics.stats.sequential.boundaries import spending_boundaries
from analytics.stats.sequential.crossing import crossing_probability

FloatArray = NDArray[np.float64]


def power_at_looks(
    *, noncentrality: FloatArray, alpha: float, alternative: Alternative, monitoring: WatchedAtLooks
) -> FloatArray:
    """Give the probability that a group-sequential test stops for an effect.

    The expected Z at information t is ``noncentrality * sqrt(t)`` (Jennison and Turnbull, 2000,
    section 3.1). Normal: the units at a look are taken to be many.

    Args:
        noncentrality: Expected Z at the last look.
        alpha: Error rate over all looks.
        alternative: Direction of the test.
        monitoring: Looks and spending.

    Example:
        >>> watched = WatchedAtLooks(fractions=(0.5, 1.0))
        >>> power = power_at_looks(noncentrality=np.array([0.0, 2.8]), alpha=0.05,
        ...     alternative=Alternative.TWO_SIDED, monitoring=watched)
        >>> [round(float(value), 4) for value in power]
        [0.05, 0.7981]
    """
    two_sided = alternative == Alternative.TWO_SIDED
    bounds = spending_boundaries(
        fractions=monitoring.fractions, spending=monitoring.spending, alpha=alpha, two_sided=two_sided
    )
    drift = -noncentrality if alternative == Alternative.LESS else noncentrality
    # A drift beyond the reach of the integration is certain to cross.
    found = crossing_probability(
        fractions=bounds.fractions, upper=bounds.upper, lower=bounds.lower, drift=np.clip(drift, -_FAR, _FAR)
    )
    return found.total


def power_always(
    *,
    noncentrality: FloatArray,
    units: FloatArray,
    alpha: float,
    alternative: Alternative,
    monitoring: WatchedAlways,
) -> FloatArray:
    """Give the probability that a confidence sequence excludes the null value at a look.

    Args:
        noncentrality: Expected Z with all units.
        units: Units behind the comparison at the end, same shape.
        alpha: Error rate.
        alternative: Direction of the test.
        monitoring: Confidence sequence and number of looks.
    """
    two_sided = alternative == Alternative.TWO_SIDED
    drift = -noncentrality if alternative == Alternative.LESS else noncentrality
    fractions = np.arange(1, monitoring.looks + 1) / monitoring.looks
    width = monitoring.sequence.critical(
        alpha=alpha, df=np.inf, units=np.multiply.outer(units, fractions), two_sided=two_sided
    )
    if monitoring.looks == 1:
        upper = special.ndtr(drift - width[..., 0])
        lower = special.ndtr(-drift - width[..., 0]) if two_sided else 0.0
        return np.asarray(upper + lower)
    reached = np.empty(drift.shape)
    for place in np.ndindex(drift.shape):
        bound = width[place]
        found = crossing_probability(
            fractions=fractions,
            upper=bound,
            lower=-bound if two_sided else np.full(bound.shape, -np.inf),
            drift=np.clip(drift[place], -_FAR, _FAR),
        )
        reached[place] = float(found.total)
    return reached


_FAR = 30.0
