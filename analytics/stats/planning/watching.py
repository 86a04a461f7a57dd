"""What watching an experiment costs in units, and how early it ends: the price list of sequential designs.

Both designs stop at the first look whose statistic crosses a boundary. The chance of that depends on the boundary and
on the expected Z at the end alone, so one price holds for every metric, split and number of units.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special
from scipy.optimize import brentq

from analytics.stats.reasons import StatisticsError
from analytics.stats.sequential.boundaries import spending_boundaries
from analytics.stats.sequential.confidence import AlwaysValid
from analytics.stats.sequential.crossing import Crossing, crossing_probability
from analytics.stats.sequential.spending import SpendingFunction

FloatArray = NDArray[np.float64]

_FAR = 30.0
_FARTHEST_DRIFT = 20.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Watching:
    """Looks, the boundary at each, and what they cost with a given power; two-sided.

    Attributes:
        fractions: Units at each look, as a share of the largest number.
        boundary: Critical value of ``|Z|`` at each look.
        drift: Expected Z at the last look with which the power is reached.
        inflation: Largest number of units, as a multiple of a test read once with the same power.
        average: Units at the stop on average where the effect is there, as a share of the largest number.
        average_without: The same where there is no effect.
        stopped: Chance to have stopped by each look where the effect is there.
    """

    fractions: FloatArray
    boundary: FloatArray
    drift: float
    inflation: float
    average: float
    average_without: float
    stopped: FloatArray

    def power(self, *, drift: ArrayLike) -> FloatArray:
        """Give the chance to stop for an effect, for expected Z values at the last look.

        Example:
            >>> looks = watched_at_looks(looks=4, alpha=0.05, target_power=0.8)
            >>> [round(float(value), 4) for value in looks.power(drift=[0.0, looks.drift])]
            [0.05, 0.8]
        """
        return np.asarray(_crossing(self.fractions, self.boundary, drift).total)


@lru_cache(maxsize=256)
def watched_at_looks(*, looks: int, alpha: float, target_power: float) -> Watching:
    """Give the price of a group-sequential test with equally spaced looks and O'Brien-Fleming spending.

    Args:
        looks: Number of looks, the last with all units; at least 1.
        alpha: Error rate of one comparison over all looks, both sides together.
        target_power: Chance to stop for the effect at any look.

    Raises:
        StatisticsError: There is no look, or the power does not lie between alpha and 1.

    Example:
        >>> price = watched_at_looks(looks=4, alpha=0.05, target_power=0.8)
        >>> round(price.inflation, 4), round(price.average, 4)
        (1.0196, 0.8226)
    """
    fractions = _fractions(looks)
    bounds = spending_boundaries(fractions=fractions, spending=SpendingFunction(), alpha=alpha)
    return _priced(fractions=fractions, boundary=bounds.upper, alpha=alpha, target_power=target_power)


@lru_cache(maxsize=256)
def watched_at_any_time(*, looks: int, alpha: float, target_power: float) -> Watching:
    """Give the price of a confidence sequence that is tuned to the planned units and read `looks` times until then.

    Args:
        looks: Number of equally spaced readings that the power counts on; more change little.
        alpha: Error rate of one comparison, at all times together.
        target_power: Chance to have excluded zero at one of the readings.

    Raises:
        StatisticsError: There is no look, or the power does not lie between alpha and 1.

    Example:
        >>> price = watched_at_any_time(looks=28, alpha=0.05, target_power=0.8)
        >>> 1.7 < price.inflation < 2.2
        True
    """
    fractions = _fractions(looks)
    boundary = AlwaysValid(tuning_units=1.0).critical(alpha=alpha, df=np.inf, units=fractions, two_sided=True)
    return _priced(fractions=fractions, boundary=boundary, alpha=alpha, target_power=target_power)


def _fractions(looks: int) -> FloatArray:
    if looks < 1:
        raise StatisticsError("there must be at least one look")
    return np.arange(1, looks + 1) / looks


def _priced(*, fractions: FloatArray, boundary: FloatArray, alpha: float, target_power: float) -> Watching:
    if not alpha < target_power < 1:
        raise StatisticsError("target_power must lie between alpha and 1")
    drift = float(
        brentq(lambda shift: float(_crossing(fractions, boundary, shift).total) - target_power, 0.0, _FARTHEST_DRIFT)  # type: ignore[no-untyped-call]
    )
    stops = _by_look(_crossing(fractions, boundary, drift))
    return Watching(
        fractions=fractions,
        boundary=boundary,
        drift=drift,
        inflation=(drift / _fixed_drift(alpha=alpha, target_power=target_power)) ** 2,
        average=_average(fractions, stops),
        average_without=_average(fractions, _by_look(_crossing(fractions, boundary, 0.0))),
        stopped=np.cumsum(stops),
    )


def _crossing(fractions: FloatArray, boundary: FloatArray, drift: ArrayLike) -> Crossing:
    shift = np.clip(np.asarray(drift, dtype=np.float64), -_FAR, _FAR)
    return crossing_probability(fractions=fractions, upper=boundary, lower=-boundary, drift=shift)


def _by_look(crossing: Crossing) -> FloatArray:
    return np.asarray(crossing.upper + crossing.lower)


def _average(fractions: FloatArray, stops: FloatArray) -> float:
    """Give the expected share of the units: a path that never crosses ends with all of them."""
    return float(fractions @ stops + 1.0 - stops.sum())


def _fixed_drift(*, alpha: float, target_power: float) -> float:
    """Give the expected Z with which the two-sided normal test, read once, has the power."""
    quantile = -float(special.ndtri(alpha / 2.0))
    return float(
        brentq(  # type: ignore[no-untyped-call]
            lambda shift: special.ndtr(shift - quantile) + special.ndtr(-shift - quantile) - target_power,
            0.0,
            _FARTHEST_DRIFT,
        )
    )
