"""What planning needs to know of a metric before the experiment starts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.stats.reasons import StatisticsError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Baseline:
    """The control arm of a metric as it is expected to be.

    Fields may be arrays; they broadcast against effects, totals and powers, so that a whole
    power curve, or every metric of an experiment, is one call.

    Attributes:
        mean: Value of the metric in control (a mean, a rate, or a ratio of means).
        variance: Variance of one unit's contribution to the metric, before adjustment. For a
            ratio it is the delta-method variance of one unit.
        remaining: Share of the variance that CUPED leaves, ``1 - R**2``; 1 without CUPED.
        is_rate: Whether the unit's value is 0 or 1, so that the treatment's variance follows
            from the effect: ``p1 (1 - p1)``.
    """

    mean: FloatArray
    variance: FloatArray
    remaining: FloatArray
    is_rate: bool = False


def _remaining(covariate_correlation: ArrayLike) -> FloatArray:
    correlation = np.asarray(covariate_correlation, dtype=np.float64)
    if np.any(np.abs(correlation) >= 1) or np.any(np.isnan(correlation)):
        message = "covariate_correlation must lie strictly between -1 and 1"
        raise StatisticsError(message)
    return np.asarray(1.0 - correlation**2, dtype=np.float64)


def mean_baseline(
    *,
    mean: ArrayLike,
    standard_deviation: ArrayLike,
    covariate_correlation: ArrayLike = 0.0,
) -> Baseline:
    """Describe a metric that is a mean per unit.

    Args:
        mean: Mean per unit in control.
        standard_deviation: Standard deviation between units, at least 0.
        covariate_correlation: Correlation with the CUPED covariate (with several covariates, the
            multiple correlation). CUPED leaves ``1 - correlation**2`` of the variance: Deng et
            al. (2013), "Improving the sensitivity of online controlled experiments", section 3.

    Returns:
        The baseline; the treatment's variance is taken equal to the control's.

    Raises:
        StatisticsError: A standard deviation is negative or a correlation is not within (-1, 1).

    Example:
        >>> float(mean_baseline(mean=20, standard_deviation=20).variance)
        400.0
    """
    deviation = np.asarray(standard_deviation, dtype=np.float64)
    if np.any(deviation < 0):
        message = "standard_deviation must not be negative"
        raise StatisticsError(message)
    return Baseline(
        mean=np.asarray(mean, dtype=np.float64),
        variance=deviation**2,
        remaining=_remaining(covariate_correlation),
    )


def rate_baseline(
    *,
    rate: ArrayLike,
    covariate_correlation: ArrayLike = 0.0,
    same_variance: bool = False,
) -> Baseline:
    """Describe a metric that is a proportion of units.

    Args:
        rate: Proportion of units in control, within [0, 1].
        covariate_correlation: As in `mean_baseline`.
        same_variance: Give the treatment the control's variance ``p (1 - p)`` instead of its own.
            The analysis estimates each arm's variance, so its own is right and the default; the
            common variance is what textbook calculators use and is too optimistic for increases.

    Returns:
        The baseline.

    Raises:
        StatisticsError: A rate is outside [0, 1] or a correlation is not within (-1, 1).

    Example:
        >>> round(float(rate_baseline(rate=0.1).variance), 12)
        0.09
    """
    value = np.asarray(rate, dtype=np.float64)
    if np.any((value < 0) | (value > 1)):
        message = "rate must lie within [0, 1]"
        raise StatisticsError(message)
    return Baseline(
        mean=value,
        variance=value * (1.0 - value),
        remaining=_remaining(covariate_correlation),
        is_rate=not same_variance,
    )


def ratio_baseline(
    *,
    numerator_mean: ArrayLike,
    denominator_mean: ArrayLike,
    numerator_variance: ArrayLike,
    denominator_variance: ArrayLike,
    covariance: ArrayLike,
    covariate_correlation: ArrayLike = 0.0,
) -> Baseline:
    """Describe a metric that is a ratio of two means per unit, such as revenue per session.

    The variance of one unit's contribution is, by the delta method (Deng, Knoblich and Lu, 2018,
    "Applying the delta method in metric analytics", section 2),
    ``(var_x - 2 R cov_xy + R**2 var_y) / mean_y**2`` with ``R = mean_x / mean_y``.

    Args:
        numerator_mean: Mean of the numerator per unit.
        denominator_mean: Mean of the denominator per unit, not 0.
        numerator_variance: Variance of the numerator between units.
        denominator_variance: Variance of the denominator between units.
        covariance: Covariance of the two between units.
        covariate_correlation: Correlation of the linearised ratio with its covariate.

    Returns:
        The baseline.

    Raises:
        StatisticsError: A denominator is 0, a variance negative, or a correlation out of range.

    Example:
        >>> baseline = ratio_baseline(
        ...     numerator_mean=6, denominator_mean=2, numerator_variance=9,
        ...     denominator_variance=1, covariance=2,
        ... )
        >>> float(baseline.mean), float(baseline.variance)
        (3.0, 1.5)
    """
    below = np.asarray(denominator_mean, dtype=np.float64)
    if np.any(below == 0):
        message = "denominator_mean must not be 0"
        raise StatisticsError(message)
    ratio = np.asarray(numerator_mean, dtype=np.float64) / below
    linearised = (
        np.asarray(numerator_variance, dtype=np.float64)
        - 2.0 * ratio * np.asarray(covariance, dtype=np.float64)
        + ratio**2 * np.asarray(denominator_variance, dtype=np.float64)
    )
    if np.any(linearised < 0):
        message = "the variances and the covariance contradict each other"
        raise StatisticsError(message)
    return Baseline(
        mean=ratio,
        variance=linearised / below**2,
        remaining=_remaining(covariate_correlation),
    )
