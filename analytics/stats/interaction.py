"""Do two experiments that run at the same time change each other's effects?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analytics.stats.distributions import SMALLEST_P
from analytics.stats.reasons import Reason, StatisticsError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, eq=False)
class Interaction:
    """Interaction of two experiments on one metric.

    Attributes:
        contrast: Effect of each treatment of the first experiment (rows) under each treatment of
            the second (columns), minus its effect under the second's control. NaN where `reason`.
        standard_error: Of each contrast.
        statistic: Wald statistic of all contrasts together.
        degrees_of_freedom: Number of contrasts.
        p_value: Of "the effects add up".
        effect_by_arm: Effect of each treatment of the first experiment (rows) within each arm of
            the second (columns, control first).
        assignment_p_value: Of "the two assignments are independent": a small value says that the
            experiments share a hash seed or exclude each other.
        reason: Why there is no number, or None.
    """

    contrast: FloatArray
    standard_error: FloatArray
    statistic: float
    degrees_of_freedom: int
    p_value: float
    effect_by_arm: FloatArray
    assignment_p_value: float
    reason: Reason | None


def interaction(*, mean: ArrayLike, variance: ArrayLike, units: ArrayLike) -> Interaction:
    """Test whether the effects of two experiments add up.

    With cell means m and ``V = diag(variance / units)``, the contrasts are
    ``C m = (m_ij - m_0j) - (m_i0 - m_00)`` and ``W = (C m)' (C V C')^-1 (C m)`` is chi-squared with
    ``(a - 1)(b - 1)`` degrees of freedom if effects add up (Wald, 1943). Assumes independent
    units that were assigned by both experiments, and enough of them in each cell for normal means.

    Args:
        mean: Mean of the metric per cell; arms of the first experiment are rows, of the second
            columns, control first in both.
        variance: Variance between units per cell.
        units: Units per cell.

    Returns:
        The interaction, or the reason why there is none: an arm is missing, a cell is empty, has
        one unit, or has no variance.

    Raises:
        StatisticsError: The three are not matrices of one shape.

    Example:
        >>> found = interaction(mean=[[1.0, 1.2], [1.5, 2.4]], variance=[[1, 1], [1, 1]],
        ...     units=[[400, 400], [400, 400]])
        >>> float(found.contrast.round(6).item()), float(found.standard_error.round(6).item())
        (0.7, 0.1)
    """
    center, spread, count = (np.asarray(value, dtype=np.float64) for value in (mean, variance, units))
    if center.ndim != 2 or not center.shape == spread.shape == count.shape:
        raise StatisticsError("means, variances and units are matrices of one shape")
    shape = center.shape
    reason = _reason(center=center, spread=spread, count=count)
    if reason is not None:
        return _refused(shape=shape, reason=reason)
    rows = np.hstack([-np.ones((shape[0] - 1, 1)), np.eye(shape[0] - 1)])
    columns = np.hstack([-np.ones((shape[1] - 1, 1)), np.eye(shape[1] - 1)])
    matrix = np.kron(rows, columns)
    covariance = (matrix * (spread / count).ravel()) @ matrix.T
    contrast = matrix @ center.ravel()
    statistic = float(contrast @ np.linalg.solve(covariance, contrast))
    expected = np.outer(count.sum(axis=1), count.sum(axis=0)) / count.sum()
    return Interaction(
        contrast=contrast.reshape(shape[0] - 1, shape[1] - 1),
        standard_error=np.sqrt(np.diag(covariance)).reshape(shape[0] - 1, shape[1] - 1),
        statistic=statistic,
        degrees_of_freedom=contrast.size,
        p_value=max(float(special.chdtrc(contrast.size, statistic)), SMALLEST_P),
        effect_by_arm=rows @ center,
        assignment_p_value=max(
            float(special.chdtrc(contrast.size, ((count - expected) ** 2 / expected).sum())), SMALLEST_P
        ),
        reason=None,
    )


def _reason(*, center: FloatArray, spread: FloatArray, count: FloatArray) -> Reason | None:
    checks = (
        (min(center.shape) < 2, Reason.SINGLE_ARM),
        (bool(np.any(count == 0)), Reason.NO_UNITS),
        (bool(np.any(count < 2)), Reason.ONE_UNIT),
        (not np.isfinite(np.stack([center, spread, count])).all(), Reason.NOT_FINITE),
        (bool(np.any(spread <= 0)), Reason.ZERO_VARIANCE),
    )
    return next((reason for failed, reason in checks if failed), None)


def _refused(*, shape: tuple[int, ...], reason: Reason) -> Interaction:
    inner = (max(shape[0] - 1, 0), max(shape[1] - 1, 0))
    nan = float("nan")
    return Interaction(
        contrast=np.full(inner, nan),
        standard_error=np.full(inner, nan),
        statistic=nan,
        degrees_of_freedom=inner[0] * inner[1],
        p_value=nan,
        effect_by_arm=np.full((inner[0], shape[1]), nan),
        assignment_p_value=nan,
        reason=reason,
    )
