"""Power of an experiment that runs, or of a Bayesian decision: from a standard error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special
from scipy.optimize import elementwise

from analytics.stats.bayes import NormalPrior
from analytics.stats.designs import Alternative
from analytics.stats.planning.tail import rejection_probability
from analytics.stats.reasons import Codes, Reason, StatisticsError, mark, no_reasons

FloatArray = NDArray[np.float64]

_MOST = 1e12


@dataclass(frozen=True, kw_only=True, eq=False)
class AdditionalUnits:
    """How much more data a running comparison needs.

    Attributes:
        power_now: Power of the test with the data so far.
        factor: More units as a multiple of those so far; 0 when there are enough. NaN where `reason`.
        units: The same as a number of units in both arms.
        reason: Why there is no number, as `reasons.reason_of` reads it.
    """

    power_now: FloatArray
    factor: FloatArray
    units: FloatArray
    reason: Codes


def additional_units(
    *,
    effect: ArrayLike,
    standard_error: ArrayLike,
    units: ArrayLike,
    alpha: float = 0.05,
    target_power: float = 0.8,
    alternative: Alternative = Alternative.TWO_SIDED,
) -> AdditionalUnits:
    """Give the units still needed until a planned effect would be found.

    The variance of the estimate falls as units are added in the same proportions,
    ``se² / (1 + factor)``; power is that of the normal test at the *planned* effect. The observed
    effect plays no part: power at the observed effect says nothing that the p-value does not.

    Args:
        effect: Planned effect (the MDE), on the scale of the standard error.
        standard_error: Standard error so far; with CUPED the adjusted one.
        units: Units so far in both arms.
        alpha: Error level of the test, after correction for several.
        target_power: Power wanted.
        alternative: Direction of the test.

    Returns:
        One element per comparison.

    Raises:
        StatisticsError: `target_power` does not lie between alpha and 1.

    Example:
        >>> found = additional_units(effect=0.03, standard_error=0.02, units=4000)
        >>> round(float(found.power_now), 4), round(float(found.factor), 4), float(found.units)
        (0.323, 2.4884, 9954.0)
    """
    if not alpha < target_power < 1:
        raise StatisticsError("target_power must lie between alpha and 1")
    wanted, error, count = np.broadcast_arrays(
        *(np.asarray(value, dtype=np.float64) for value in (effect, standard_error, units))
    )
    reason = no_reasons(wanted.shape)
    mark(reason, ~(np.isfinite(wanted) & np.isfinite(error) & np.isfinite(count)), Reason.NOT_FINITE)
    mark(reason, np.asarray(error <= 0), Reason.ZERO_VARIANCE)
    mark(reason, np.asarray(count <= 0), Reason.NO_UNITS)
    mark(reason, np.asarray(wanted == 0), Reason.ZERO_EFFECT)
    wrong = {Alternative.GREATER: wanted < 0, Alternative.LESS: wanted > 0}.get(alternative)
    if wrong is not None:
        mark(reason, np.asarray(wrong), Reason.WRONG_DIRECTION)
    shift = np.where(reason == 0, wanted / np.where(error > 0, error, 1.0), np.nan)
    now = rejection_probability(noncentrality=shift, alpha=alpha, alternative=alternative)
    needed = _needed_shift(alpha=alpha, target_power=target_power, alternative=alternative)
    factor = np.maximum((needed / np.abs(shift)) ** 2 - 1.0, 0.0)
    mark(reason, np.asarray(factor * count > _MOST), Reason.TARGET_UNREACHABLE)
    factor = np.where(reason == 0, factor, np.nan)
    return AdditionalUnits(power_now=now, factor=factor, units=np.ceil(factor * count), reason=reason)


def _needed_shift(*, alpha: float, target_power: float, alternative: Alternative) -> float:
    """Give the expected statistic at which the test has the power."""
    side = Alternative.TWO_SIDED if alternative is Alternative.TWO_SIDED else Alternative.GREATER

    def missing(shift: FloatArray) -> FloatArray:
        return rejection_probability(noncentrality=shift, alpha=alpha, alternative=side) - target_power

    high = float(special.ndtri(target_power) - special.ndtri(alpha / 2.0)) + 1.0
    return float(elementwise.find_root(missing, (0.0, max(high, 1.0))).x)


def credible_power(
    *,
    effect: ArrayLike,
    standard_error: ArrayLike,
    prior: NormalPrior | None = None,
    control_mean: ArrayLike = 1.0,
    relative: bool = True,
    alpha: float = 0.05,
) -> FloatArray:
    """Give the probability that the credible interval of an effect will exclude zero.

    With prior ``N(m0, v0)`` and estimates ``N(effect, se²)`` the interval excludes zero where
    ``|m0 / v0 + estimate / se²| > z sqrt(1 / v0 + 1 / se²)``, whose probability is normal. With a
    flat prior it is the power of the two-sided normal test.

    Args:
        effect: True effect.
        standard_error: Standard error that the planned units will give, on the effect's scale.
        prior: Prior of the analysis; flat by default.
        control_mean: Control's mean, needed if prior and effect are on different scales.
        relative: Whether the effect is a share of ``|control mean|``.
        alpha: One minus the content of the credible interval.

    Returns:
        Probabilities, broadcast over the arguments.

    Example:
        >>> round(float(credible_power(effect=0.1, standard_error=0.04,
        ...     prior=NormalPrior(mean=0.0, standard_deviation=0.05))), 4)
        0.496
    """
    if not 0 < alpha < 1:
        raise StatisticsError("alpha must lie strictly between 0 and 1")
    value, error, base = np.broadcast_arrays(
        *(np.asarray(part, dtype=np.float64) for part in (effect, standard_error, control_mean))
    )
    centre, spread = (prior or NormalPrior()).on_scale(relative=relative, control_mean=base)
    z = -special.ndtri(alpha / 2.0)
    pull = np.where(np.isinf(spread), 0.0, error * centre / spread)
    width = z * np.sqrt(1.0 + error**2 / spread)
    shift = value / error + pull
    return np.asarray(special.ndtr(shift - width) + special.ndtr(-shift - width))
