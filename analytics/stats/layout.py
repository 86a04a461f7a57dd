"""Layouts: metrics as smooth functions of column means, and their values per arm.

Every measure is a smooth function of an arm's column means (a mean is the mean itself, a
ratio the quotient of two), so one delta-method computation serves all of them, and
metrics with equal layouts are computed in one pass.

Reference: Deng, Knoblich and Lu (2018), "Applying the delta method in metric analytics",
KDD, sections 2 and 4.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.stats.metrics import FunnelStep, Metric, Proportion, Ratio, Retention
from analytics.stats.moments import Floats, Moments
from analytics.stats.reasons import Codes, Reason, mark, no_reasons

ZERO = 1e-13
"""A variance below this share of its terms is what rounding leaves of zero."""


@dataclass(frozen=True, kw_only=True)
class Layout:
    """Where a metric's parts stand among its columns.

    Attributes:
        width: Number of columns.
        terms: For the outcome, then each covariate: (numerator, denominator or None).
        ddof: 1 divides second moments by n - 1; 0 by n, the binomial variance p(1 - p).
    """

    width: int
    terms: tuple[tuple[int, int | None], ...]
    ddof: int

    @property
    def linear(self) -> bool:
        """Whether terms are the columns themselves, so that there is nothing to linearise."""
        return self.terms == tuple((i, None) for i in range(self.width))


def layout_of(metric: Metric) -> Layout:
    """Return the layout of a metric's columns, in the order of `Metric.columns`.

    A proportion uses the binomial variance p(1 - p), with or without covariates, so that a
    useless covariate changes nothing; everything else divides by n - 1.

    >>> from analytics.stats.metrics import Covariate
    >>> layout_of(Metric(name="m", measure=Ratio(), covariates=(Covariate(column="before"),))).terms
    ((0, 1), (2, None))
    """
    position = {name: i for i, name in enumerate(metric.columns)}
    match metric.measure:
        case Ratio(numerator=top, denominator=bottom) | FunnelStep(reached=top, base=bottom):
            outcome: tuple[int, int | None] = (position[top], position[bottom])
        case _:
            outcome = (0, None)
    covariates = tuple(
        (position[c.column], None if c.denominator is None else position[c.denominator]) for c in metric.covariates
    )
    binomial = isinstance(metric.measure, Proportion | Retention)
    return Layout(width=len(position), terms=(outcome, *covariates), ddof=0 if binomial else 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class ArmEstimates:
    """Observed values per arm, without adjustment; arrays of the batch's shape.

    Attributes:
        units: Units.
        value: Mean, rate or ratio.
        variance: Sampling variance of ``value``.
        reason: Code where ``value`` is absent or its variance unusable.
    """

    units: Floats
    value: Floats
    variance: Floats
    reason: Codes


@np.errstate(invalid="ignore", divide="ignore", over="ignore")  # nan marks what does not exist
def estimate_arms(*, moments: Moments, layout: Layout) -> ArmEstimates:
    """Return each arm's observed value and its sampling variance.

    Estimand: the mean, proportion or ratio of means in each arm's population.
    Formula: for a ratio ``R = n/d`` of means, ``var = (s_nn - 2 R s_nd + R² s_dd) / (d² N)``
    (Deng, Knoblich and Lu 2018, section 4); for a mean ``s²/N``.
    Assumptions: units are independent; for ratios, enough units that the denominator's
    mean is well away from zero.

    >>> moments = Moments.from_sums(
    ...     count=[60], sums={"m": [84.0], "d": [296.0]},
    ...     products={("m", "m"): [214.0], ("d", "d"): [1700.0], ("m", "d"): [513.0]})
    >>> arm = estimate_arms(moments=moments, layout=Layout(width=2, terms=((0, 1),), ddof=1))
    >>> arm.value.round(6).tolist(), np.sqrt(arm.variance).round(6).tolist()
    ([0.283784], [0.026333])
    """
    value, gradient = linearise(moments.mean, layout)
    covariance = mean_covariance(moments, layout)
    reason = _arm_reasons(moments, layout)
    outcome = gradient[..., 0, :]
    variance = quadratic(outcome, covariance, outcome)
    scale = (outcome**2 * np.einsum("...ii->...i", covariance)).sum(axis=-1)
    mark(reason, ~(variance > ZERO * scale), Reason.ZERO_VARIANCE)
    known = np.isfinite(value[..., 0]) & (moments.count > 0)
    return ArmEstimates(
        units=moments.count,
        value=np.where(known, value[..., 0], np.nan),
        # What rounding leaves of zero may be negative.
        variance=np.where(known & (moments.count > 1), np.maximum(variance, 0.0), np.nan),
        reason=reason,
    )


def linearise(mean: Floats, layout: Layout) -> tuple[Floats, Floats]:
    """Return the terms' values and their gradients at the given column means.

    Args:
        mean: Shape ``(..., column)``.
        layout: Terms.

    Returns:
        Values ``(..., term)`` and gradients ``(..., term, column)``; ``nan`` where a
        denominator is zero.
    """
    if layout.linear:
        return mean, np.broadcast_to(np.eye(layout.width), (*mean.shape[:-1], layout.width, layout.width))
    count = len(layout.terms)
    value = np.empty((*mean.shape[:-1], count))
    gradient = np.zeros((*mean.shape[:-1], count, layout.width))
    for i, (top, bottom) in enumerate(layout.terms):
        if bottom is None:
            value[..., i] = mean[..., top]
            gradient[..., i, top] = 1.0
            continue
        divisor = np.where(mean[..., bottom] == 0, np.nan, mean[..., bottom])
        value[..., i] = mean[..., top] / divisor
        gradient[..., i, top] = 1 / divisor
        gradient[..., i, bottom] = -value[..., i] / divisor
    return value, gradient


def mean_covariance(moments: Moments, layout: Layout) -> Floats:
    """Return the covariance matrices of the column means: covariance over count."""
    divisor = (moments.count - layout.ddof) * moments.count
    safe = np.where(moments.count > 1, divisor, np.nan)
    return np.asarray(moments.comoment / safe[..., None, None])


def quadratic(left: Floats, matrix: Floats, right: Floats) -> Floats:
    """Return ``left' matrix right`` over the batch."""
    if matrix.shape[-1] == 1:
        return np.asarray((left * matrix[..., 0] * right)[..., 0])
    return np.asarray(np.einsum("...i,...ij,...j->...", left, matrix, right))


def _arm_reasons(moments: Moments, layout: Layout) -> Codes:
    reason = no_reasons(moments.shape)
    diagonal = np.einsum("...ii->...i", moments.comoment)
    mark(reason, moments.count == 0, Reason.NO_UNITS)
    mark(reason, ~np.isfinite(moments.mean).all(axis=-1), Reason.NOT_FINITE)
    mark(reason, np.isinf(moments.comoment).any(axis=(-1, -2)), Reason.NOT_FINITE)
    mark(reason, np.isnan(diagonal).any(axis=-1), Reason.PRECISION_LOST)
    for _, bottom in layout.terms:
        if bottom is not None:
            mark(reason, moments.mean[..., bottom] == 0, Reason.ZERO_DENOMINATOR)
    mark(reason, moments.count == 1, Reason.ONE_UNIT)
    return reason
