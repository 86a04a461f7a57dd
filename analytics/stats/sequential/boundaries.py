"""Boundaries of group-sequential tests."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from analytics.stats.reasons import StatisticsError
from analytics.stats.sequential.crossing import Survivors, checked_fractions, crossing_probability
from analytics.stats.sequential.spending import SpendingFunction

FloatArray = NDArray[np.float64]

_FARTHEST = 38.0
_NO_DRIFT = np.zeros(())


class Classical(StrEnum):
    """Boundaries with one constant, for looks planned in advance."""

    POCOCK = "pocock"
    OBRIEN_FLEMING = "obrien-fleming"


@dataclass(frozen=True, kw_only=True, eq=False)
class Boundaries:
    """Critical values of Z at each look.

    Attributes:
        fractions: Information at the looks, as a share of the planned maximum.
        upper: Reject upwards above this; ``inf`` where no error may be spent yet.
        lower: Reject downwards below this; ``-inf`` for a one-sided test.
        spent: Error rate used up by each look, both sides together.
    """

    fractions: FloatArray
    upper: FloatArray
    lower: FloatArray
    spent: FloatArray


def spending_boundaries(
    *,
    fractions: ArrayLike,
    spending: SpendingFunction,
    alpha: float = 0.05,
    two_sided: bool = True,
    final: bool = False,
) -> Boundaries:
    """Give the boundaries that spend the error rate along a spending function.

    At look k the boundary c solves ``P(no crossing before k, Z_k > c) = f(t_k) - f(t_{k-1})``
    (Lan and DeMets, 1983); a two-sided test spends ``alpha / 2`` on each side. A boundary
    depends on the looks up to its own only, so looks need not be planned, nor be equally spaced:
    call again with one more fraction at each look. The times of looks must not depend on the
    effect seen.

    Args:
        fractions: Information at the looks so far, as a share of the planned maximum (usually
            units over planned units); increasing; above 1 if more came than planned.
        spending: Spending function.
        alpha: Error rate, both sides together.
        two_sided: Whether both directions are tested.
        final: Spend everything that is left at the last look given, because the experiment ends
            there with less information than planned.

    Returns:
        The boundaries.

    Raises:
        StatisticsError: The fractions do not increase or `alpha` is not within (0, 1).

    Example:
        >>> looks = spending_boundaries(fractions=[0.2, 0.4, 0.6, 0.8, 1.0], spending=SpendingFunction())
        >>> [round(float(value), 4) for value in looks.upper]
        [4.8769, 3.357, 2.6803, 2.2898, 2.031]
    """
    time = checked_fractions(fractions)
    _check_alpha(alpha)
    sides = 2.0 if two_sided else 1.0
    spent = spending.spent(fraction=time, alpha=alpha / sides)
    if final:
        spent[-1] = alpha / sides
    survivors = Survivors.at_start()
    upper = np.full(time.size, np.inf)
    for look, now in enumerate(time):
        allowed = float(spent[look] - (spent[look - 1] if look else 0.0))
        upper[look] = _bound(survivors, time=float(now), allowed=allowed)
        if look + 1 < time.size:
            survivors = survivors.advance(
                time=float(now),
                lower=-upper[look] if two_sided else -np.inf,
                upper=upper[look],
                next_step=float(time[look + 1] - now),
                drift_range=(0.0, 0.0),
            )
    return Boundaries(
        fractions=time, upper=upper, lower=-upper if two_sided else np.full(time.size, -np.inf), spent=sides * spent
    )


def classical_boundaries(*, looks: int, shape: Classical, alpha: float = 0.05, two_sided: bool = True) -> Boundaries:
    """Give the boundaries of Pocock or of O'Brien and Fleming for equally spaced looks.

    ``c_k = C`` (Pocock, 1977) or ``c_k = C sqrt(K / k)`` (O'Brien and Fleming, 1979), with the
    constant C that makes the probability of ever crossing `alpha` (Jennison and Turnbull, 2000,
    tables 2.1 and 2.3).

    Args:
        looks: Number of looks K.
        shape: Which of the two.
        alpha: Error rate, both sides together.
        two_sided: Whether both directions are tested.

    Returns:
        The boundaries.

    Raises:
        StatisticsError: There is no look or `alpha` is not within (0, 1).

    Example:
        >>> pocock = classical_boundaries(looks=5, shape=Classical.POCOCK)
        >>> round(float(pocock.upper[0]), 3)
        2.413
    """
    if looks < 1:
        raise StatisticsError("there must be at least one look")
    _check_alpha(alpha)
    time = np.arange(1, looks + 1) / looks
    form = np.ones(looks) if shape == Classical.POCOCK else 1.0 / np.sqrt(time)
    floor = np.ones(looks) if two_sided else np.full(looks, -np.inf)

    def excess(constant: float) -> float:
        lower = -constant * form if two_sided else floor
        found = crossing_probability(fractions=time, upper=constant * form, lower=lower)
        return float(found.total) - alpha

    upper = _root(excess, low=0.0) * form
    lower = -upper if two_sided else floor
    found = crossing_probability(fractions=time, upper=upper, lower=lower)
    return Boundaries(fractions=time, upper=upper, lower=lower, spent=np.cumsum(found.upper + found.lower))


@lru_cache(maxsize=4096)
def last_boundary(
    *, fractions: tuple[float, ...], spending: SpendingFunction, alpha: float, two_sided: bool, final: bool
) -> float:
    """Give the boundary of the last look given; remembered, as pages ask for it often."""
    found = spending_boundaries(fractions=fractions, spending=spending, alpha=alpha, two_sided=two_sided, final=final)
    return float(found.upper[-1])


def _bound(survivors: Survivors, *, time: float, allowed: float) -> float:
    """Give the z above which exactly the allowed error rate lies."""

    def log_excess(bound: float) -> float:
        above = float(survivors.above(time=time, bound=bound, drift=_NO_DRIFT))
        return math.log(max(above, 1e-320)) - math.log(allowed)

    if allowed <= 0.0 or log_excess(_FARTHEST) > 0.0:
        return np.inf
    return _root(log_excess, low=-_FARTHEST)


def _root(function: Callable[[float], float], *, low: float) -> float:
    return float(brentq(function, low, _FARTHEST, xtol=1e-13))  # type: ignore[no-untyped-call]


def _check_alpha(alpha: float) -> None:
    if not 0 < alpha < 1:
        raise StatisticsError("alpha must lie strictly between 0 and 1")
