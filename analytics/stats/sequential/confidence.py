"""Asymptotic confidence sequences: intervals that may be read at any time."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.stats.distributions import SMALLEST_P
from analytics.stats.reasons import Codes, Reason, StatisticsError, mark, no_reasons

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class AlwaysValid:
    """Confidence sequence of Waudby-Smith et al. (2023), arXiv 2103.06476v7.

    A normal mixture makes ``sum of centred values`` a martingale that exceeds ``1 / alpha`` with
    probability at most alpha at any time, so the interval may be watched without limit and the
    experiment stopped whenever. The price is width: about 1.55 times the fixed interval where the
    sequence is tightest, and more away from there. Asymptotic: the first look needs enough units
    for a normal mean.

    Attributes:
        tuning_units: Number of units (all compared arms together) at which the sequence is about
            tightest; choose the number at which a decision is expected.
        tuning_alpha: Error rate for which it is tightest there. It stays fixed when a correction
            asks for another level, so that p-values and intervals of every level agree.
    """

    tuning_units: float = 5_000.0
    tuning_alpha: float = 0.05

    def __post_init__(self) -> None:
        """Refuse a tuning that has no meaning."""
        if not (np.isfinite(self.tuning_units) and self.tuning_units > 0):
            raise StatisticsError("tuning_units must be positive")
        if not 0 < self.tuning_alpha < 0.5:
            raise StatisticsError("tuning_alpha must lie between 0 and 0.5")

    @property
    def name(self) -> str:
        """Stable identifier, shown in the trace."""
        return "always_valid"

    def rho_squared(self, *, two_sided: bool) -> float:
        """Give the variance of the mixture (appendix B.2, eq. 161; with 2 alpha one-sided)."""
        level = self.tuning_alpha if two_sided else 2.0 * self.tuning_alpha
        surprise = -2.0 * np.log(level)
        return float((surprise + np.log1p(surprise)) / self.tuning_units)

    def critical(self, *, alpha: ArrayLike, df: ArrayLike, units: ArrayLike, two_sided: bool) -> FloatArray:
        """Return the half-width of the interval in standard errors.

        Two-sided (eq. 9): ``sqrt(2 (1 + 1/m) log(sqrt(m + 1) / alpha))`` with ``m = units rho**2``;
        one-sided (eq. 155): ``log(1 + sqrt(m + 1) / (2 alpha))`` in place of the logarithm.

        Args:
            alpha: Error rate.
            df: Not used: the sequence is asymptotic.
            units: Units behind the estimate, all compared arms together.
            two_sided: Whether both ends are bounded.

        Example:
            >>> width = AlwaysValid().critical(alpha=0.05, df=np.inf, units=[5_000, 500_000], two_sided=True)
            >>> [round(float(value), 3) for value in width]
            [3.035, 3.562]
        """
        mass = np.asarray(units, dtype=np.float64) * self.rho_squared(two_sided=two_sided)
        level = np.asarray(alpha, dtype=np.float64)
        growth = np.sqrt(1.0 + mass)
        cost = np.log(growth / level) if two_sided else np.log1p(growth / (2.0 * level))
        return np.asarray(np.sqrt(2.0 * (1.0 + 1.0 / mass) * cost))

    def log_p_value(self, *, statistic: ArrayLike, df: ArrayLike, units: ArrayLike, two_sided: bool) -> FloatArray:
        """Return the log of the always-valid p-value.

        It is the level at which the interval just touches the null value: the inverse of
        `critical`, in logs, so that it neither underflows nor needs a search. One-sided tests
        reject for large positive statistics.

        Example:
            >>> design = AlwaysValid()
            >>> width = design.critical(alpha=0.01, df=np.inf, units=7_000, two_sided=False)
            >>> level = design.log_p_value(statistic=width, df=np.inf, units=7_000, two_sided=False)
            >>> round(float(np.exp(level)), 12)
            0.01
        """
        mass = np.asarray(units, dtype=np.float64) * self.rho_squared(two_sided=two_sided)
        value = np.asarray(statistic, dtype=np.float64)
        gain = value**2 * mass / (2.0 * (1.0 + mass))
        if two_sided:
            return np.asarray(np.minimum(np.log1p(mass) / 2.0 - gain, 0.0))
        with np.errstate(divide="ignore"):
            log_growth = gain + np.log(-np.expm1(-gain))  # log(exp(gain) - 1)
        level = np.log1p(mass) / 2.0 - np.log(2.0) - log_growth
        return np.asarray(np.where(value > 0, np.minimum(level, 0.0), 0.0))


@dataclass(frozen=True, kw_only=True, eq=False)
class ConfidenceSequence:
    """Always-valid intervals and p-values.

    Attributes:
        lower: Lower end; ``-inf`` if only the upper end is bounded. NaN where `reason`.
        upper: Upper end; ``inf`` if only the lower end is bounded.
        p_value: Always-valid p-value of "no difference".
        log_p_value: Its logarithm, which does not underflow.
        reason: Why there is no number, as `reasons.reason_of` reads it.
    """

    lower: FloatArray
    upper: FloatArray
    p_value: FloatArray
    log_p_value: FloatArray
    reason: Codes


def confidence_sequence(
    *,
    estimate: ArrayLike,
    standard_error: ArrayLike,
    units: ArrayLike,
    alpha: float = 0.05,
    alternative: str = "two-sided",
    design: AlwaysValid | None = None,
) -> ConfidenceSequence:
    """Give always-valid intervals for estimates.

    Args:
        estimate: Estimated effects, absolute or relative.
        standard_error: Their standard errors.
        units: Units behind each, all compared arms together.
        alpha: Error rate over all looks together.
        alternative: "two-sided"; "greater" bounds the effect from below, "less" from above.
        design: Tuning; by default tightest at 5,000 units.

    Returns:
        Intervals, broadcast over the arguments.

    Raises:
        StatisticsError: `alpha` or `alternative` is not meaningful.

    Example:
        >>> found = confidence_sequence(estimate=0.08, standard_error=0.02855486004511471, units=999_500)
        >>> round(float(found.lower), 6), round(float(found.upper), 6)
        (-0.02441, 0.18441)
    """
    if not 0 < alpha < 0.5 or alternative not in ("two-sided", "greater", "less"):
        raise StatisticsError("alpha lies between 0 and 0.5; alternative is two-sided, greater or less")
    value, error, count = np.broadcast_arrays(
        np.asarray(estimate, dtype=np.float64),
        np.asarray(standard_error, dtype=np.float64),
        np.asarray(units, dtype=np.float64),
    )
    rule = design or AlwaysValid()
    reason = no_reasons(value.shape)
    mark(reason, ~(np.isfinite(value) & np.isfinite(error) & np.isfinite(count)), Reason.NOT_FINITE)
    mark(reason, np.asarray(count <= 0), Reason.NO_UNITS)
    mark(reason, np.asarray(error <= 0), Reason.ZERO_VARIANCE)
    safe = reason == 0
    error, count = np.where(safe, error, 1.0), np.where(safe, count, 1.0)
    value = np.where(safe, value, np.nan)
    two_sided = alternative == "two-sided"
    width = error * rule.critical(alpha=alpha, df=np.inf, units=count, two_sided=two_sided)
    statistic = -value / error if alternative == "less" else value / error
    log_p = rule.log_p_value(statistic=statistic, df=np.inf, units=count, two_sided=two_sided)
    log_p = np.where(safe, log_p, np.nan)
    return ConfidenceSequence(
        lower=np.where(safe & (alternative == "less"), -np.inf, value - width),
        upper=np.where(safe & (alternative == "greater"), np.inf, value + width),
        p_value=np.maximum(np.exp(log_p), SMALLEST_P),
        log_p_value=log_p,
        reason=reason,
    )


def running_intersection(*, lower: ArrayLike, upper: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Give what all intervals up to each look have in common (looks on the last axis).

    Every interval of a sequence holds at once with the same error rate, so their intersection
    does; it only narrows. An empty intersection (lower above upper) says that the effect changed
    or that something is wrong with the data.

    Example:
        >>> low, high = running_intersection(lower=[-3.0, -1.0, -2.0], upper=[3.0, 4.0, 2.0])
        >>> low.tolist(), high.tolist()
        ([-3.0, -1.0, -1.0], [3.0, 3.0, 2.0])
    """
    return (
        np.asarray(np.fmax.accumulate(np.asarray(lower, dtype=np.float64), axis=-1)),
        np.asarray(np.fmin.accumulate(np.asarray(upper, dtype=np.float64), axis=-1)),
    )
