"""Finds the value of one quantity of the power equation at which power reaches its target."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.optimize import elementwise

from analytics.stats.designs import Alternative
from analytics.stats.planning.cases import MIN_UNITS_PER_ARM, Cases
from analytics.stats.planning.design import ExperimentDesign

FloatArray = NDArray[np.float64]
Unknown = Literal["total", "difference", "margin"]

_LARGEST_TOTAL = 1e18
_DOUBLINGS = 200


def solve(
    *,
    cases: Cases,
    unknown: Unknown,
    design: ExperimentDesign,
    is_rate: bool,
    sign: float = 1.0,
) -> FloatArray:
    """Give the smallest magnitude of `unknown` whose power is the target; NaN where none is.

    Power grows with each of the three quantities, so the root is bracketed by doubling from the
    normal approximation and found by Chandrupatla's method on all elements at once.

    Args:
        cases: One-dimensional columns; the column of the unknown is ignored.
        unknown: Name of the column to find.
        design: Split, test and error rate.
        is_rate: Whether treatment's variance follows from the effect.
        sign: Sign of the unknown, for a difference.
    """

    def excess(size: FloatArray, *columns: FloatArray) -> FloatArray:
        trial = replace(Cases(**dict(zip(_NAMES, columns, strict=True))), **{unknown: sign * size})
        reached = trial.power(design=design, is_rate=is_rate).min(axis=-1)
        return np.asarray(reached - trial.target)

    low = np.zeros_like(cases.mean)
    if unknown == "total":
        low += MIN_UNITS_PER_ARM / min(design.shares)
    guess = _normal_guess(cases=cases, unknown=unknown, design=design, is_rate=is_rate)
    high = _limit(cases=cases, unknown=unknown, is_rate=is_rate, sign=sign)
    return _root(excess, columns=cases.columns, low=low, guess=guess, high=high)


_NAMES = tuple(Cases.__dataclass_fields__)


def _normal_guess(*, cases: Cases, unknown: Unknown, design: ExperimentDesign, is_rate: bool) -> FloatArray:
    """Give the known-variance normal solution, ignoring that variance may follow the effect."""
    sides = 2.0 if design.alternative == Alternative.TWO_SIDED else 1.0
    wanted = special.ndtri(cases.target) - special.ndtri(design.alpha_per_test / sides)
    if unknown == "total":
        single = replace(cases, total=np.ones_like(cases.total))
        shift = single.noncentrality(design=design, is_rate=is_rate)
        return np.asarray((wanted / np.abs(shift).min(axis=-1)) ** 2)
    spread = np.sqrt(cases.variance * cases.remaining / cases.total)
    harm = spread * np.sqrt(1.0 / design.shares[0] + 1.0 / min(design.shares[1:])) * wanted
    return np.asarray(harm)


def _limit(*, cases: Cases, unknown: Unknown, is_rate: bool, sign: float) -> FloatArray:
    if unknown == "total":
        return np.full_like(cases.mean, _LARGEST_TOTAL)
    if unknown == "difference" and is_rate:
        return np.asarray(1.0 - cases.mean if sign > 0 else cases.mean)
    return np.full_like(cases.mean, np.inf)


def _root(
    function: Callable[..., FloatArray],
    *,
    columns: tuple[FloatArray, ...],
    low: FloatArray,
    guess: FloatArray,
    high: FloatArray,
) -> FloatArray:
    upper = np.clip(guess, low, high)
    for _ in range(_DOUBLINGS):
        short = (function(upper, *columns) < 0) & (upper < high)
        if not short.any():
            break
        upper = np.where(short, np.minimum(upper * 2.0, high), upper)
    found = np.where(function(low, *columns) >= 0, low, np.nan)
    open_ = np.isnan(found) & (function(upper, *columns) >= 0)
    if open_.any():
        solution = elementwise.find_root(
            function,
            (low[open_], upper[open_]),
            args=tuple(column[open_] for column in columns),
        )
        found[open_] = np.where(solution.success, solution.x, np.nan)
    return np.asarray(found)
