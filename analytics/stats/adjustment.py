"""Estimates for pairs of arms from moments: plain, CUPED, post-stratified, or both.

An estimate of a pair is a linear combination of the two arms' (linearised) outcomes and
covariates. So one computation serves all: choose the slope theta from the pooled pair,
then add up the variances, covariances and degrees of freedom of the cells.

References: Deng, Xu, Kohavi and Walker (2013), "Improving the sensitivity of online
controlled experiments by utilizing pre-experiment data", WSDM, sections 3.2 (control
variates, CUPED) and 3.1 (stratification); Miratrix, Sekhon and Yu (2013), "Adjusting
treatment effect estimates by post-stratification", JRSS B 75(2), section 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.stats.estimands import PairEstimates
from analytics.stats.layout import ZERO, Layout, estimate_arms, linearise, mean_covariance, quadratic
from analytics.stats.moments import Floats, Moments
from analytics.stats.reasons import Codes, Reason, StatisticsError, mark

# A covariate whose spread is below this share of its mean is constant up to rounding.
_CONSTANT = 1e-13
# Directions of the covariates' correlation matrix below this are collinear: slope 0.
_COLLINEAR = 1e-10


@dataclass(frozen=True, kw_only=True, eq=False)
class PairResult:
    """Estimates of pairs with the slopes that were used.

    Attributes:
        pairs: The estimates, shape ``(..., treatment)``.
        slopes: Theta per covariate, shape ``(..., treatment, covariate)``.
    """

    pairs: PairEstimates
    slopes: Floats


def mean_pairs(*, moments: Moments, control: int = 0) -> PairEstimates:
    """Return estimates of differences in means: the last batch axis holds the arms.

    The first column is the outcome, the others are covariates (CUPED). A short cut for
    `estimate_pairs`.

    >>> moments = Moments.from_groups(group=[0, 0, 1, 1], groups=2, y=[1.0, 3.0, 4.0, 8.0])
    >>> pairs = mean_pairs(moments=moments)
    >>> pairs.difference.tolist(), pairs.difference_variance.tolist()
    ([4.0], [5.0])
    """
    width = len(moments.columns)
    layout = Layout(width=width, terms=tuple((i, None) for i in range(width)), ddof=1)
    stratified = moments[..., None, :]
    return estimate_pairs(moments=stratified, layout=layout, control=control).pairs


@np.errstate(invalid="ignore", divide="ignore", over="ignore")  # nan marks what does not exist
def estimate_pairs(
    *,
    moments: Moments,
    layout: Layout,
    control: int = 0,
    stratum_weights: Floats | None = None,
) -> PairResult:
    """Return estimates for every treatment arm against control.

    Estimand: the average treatment effect; with known stratum weights, in the population
    that has those weights. Covariates change the precision, not the estimand.

    Formula: for outcome y and covariates x, ``y_a - theta'(x_a - x_pooled)`` in arm a, with
    the pooled regression slope ``theta = Sxx^-1 Sxy`` over both arms (Deng et al. 2013,
    section 3.2; for ratios both are linearised at the pooled means, so that a mean is a
    ratio whose denominator is one). Strata s enter as ``sum_s w_s mean_as``. Theta is
    treated as fixed (its noise is of order 1/n²). Where the weights are estimated by the
    strata's shares, the variance includes their multinomial noise. Degrees of freedom by
    Welch–Satterthwaite over all cells.

    The lift divides by the *adjusted* control mean: it estimates the same population mean
    as the observed one, with less noise, and belongs to the adjusted difference. Its
    covariance with the difference is exact, the noise of ``x_pooled`` included.

    Assumptions: independent units; covariates measured before exposure; some twenty units
    per covariate; in stratified use two units or more in every cell.

    Args:
        moments: Batch shape ``(..., stratum, arm)``; a single stratum means none.
        layout: Where outcome and covariates stand.
        control: Position of the control arm.
        stratum_weights: Known shares of the strata; None estimates them from the pair.

    >>> rng = np.random.default_rng(1)
    >>> before = rng.normal(size=4000)
    >>> arm = np.arange(4000) % 2
    >>> moments = Moments.from_groups(
    ...     group=arm, groups=2, y=before + 0.1 * arm + 0.5 * rng.normal(size=4000), x=before)
    >>> layout = Layout(width=2, terms=((0, None), (1, None)), ddof=1)
    >>> result = estimate_pairs(moments=moments[None, :], layout=layout)
    >>> result.slopes.round(2).tolist(), np.sqrt(result.pairs.difference_variance).round(3).tolist()
    ([[1.0]], [0.016])
    """
    if len(moments.shape) < 2:
        raise StatisticsError("moments need the batch axes (..., stratum, arm)")
    treated = np.array([a for a in range(moments.shape[-1]) if a != control], dtype=np.intp)
    cells = _cells(moments, layout, control, treated, stratum_weights)
    fit = _fit(cells, layout)
    pairs = _combine(cells, fit)
    slopes = np.where((pairs.reason == 0)[..., None], fit.theta, np.nan)
    return PairResult(pairs=pairs, slopes=slopes)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Cells:
    """Both cells of every pair in every stratum; axes (..., stratum, treatment[, column])."""

    count_c: Floats
    count_t: Floats
    mean_c: Floats
    mean_t: Floats
    variance_c: Floats  # covariance matrices of the cells' means
    variance_t: Floats
    comoment: Floats  # of the pair within strata, summed over strata: (..., treatment, k, k)
    weight: Floats
    weights_known: bool
    reason: Codes  # (..., treatment)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Fit:
    """Values and gradients of a pair's estimates; axes (..., treatment[, column])."""

    theta: Floats
    control: Floats
    treatment: Floats
    difference: Floats
    # Gradients of the difference and of the adjusted control mean by the arms' means.
    difference_c: Floats
    difference_t: Floats
    control_c: Floats
    control_t: Floats
    mean_c: Floats  # stratified column means
    mean_t: Floats


def _cells(
    moments: Moments,
    layout: Layout,
    control: int,
    treated: NDArray[np.intp],
    stratum_weights: Floats | None,
) -> _Cells:
    covariance = mean_covariance(moments, layout)
    count_c, count_t = moments.count[..., [control]], moments.count[..., treated]
    mean_c, mean_t = moments.mean[..., [control], :], moments.mean[..., treated, :]
    total = count_c + count_t
    delta = mean_t - mean_c
    spread = count_c * count_t / np.where(total > 0, total, 1.0)
    pooled = (
        moments.comoment[..., [control], :, :]
        + moments.comoment[..., treated, :, :]
        + spread[..., None, None] * (delta[..., :, None] * delta[..., None, :])
    )
    if stratum_weights is None:
        everyone = total.sum(axis=-2, keepdims=True)
        weight = total / np.where(everyone > 0, everyone, 1.0)
    else:
        weight = np.broadcast_to((stratum_weights / stratum_weights.sum())[:, None], total.shape)
    return _Cells(
        count_c=np.broadcast_to(count_c, total.shape),
        count_t=count_t,
        mean_c=mean_c,
        mean_t=mean_t,
        variance_c=covariance[..., [control], :, :],
        variance_t=covariance[..., treated, :, :],
        comoment=pooled.sum(axis=-4),
        weight=weight,
        weights_known=stratum_weights is not None or total.shape[-2] == 1,
        reason=_pair_reasons(moments, layout, control, treated),
    )


def _fit(cells: _Cells, layout: Layout) -> _Fit:
    """Choose theta and return the estimates with their gradients."""
    weight = cells.weight[..., None]
    mean_c = (weight * cells.mean_c).sum(axis=-3)
    mean_t = (weight * cells.mean_t).sum(axis=-3)
    count_c, count_t = cells.count_c.sum(axis=-2), cells.count_t.sum(axis=-2)
    share = (count_c / np.maximum(count_c + count_t, 1.0))[..., None]
    pooled_mean = share * mean_c + (1 - share) * mean_t
    value_c, gradient_c = linearise(mean_c, layout)
    value_t, gradient_t = linearise(mean_t, layout)
    value_p, gradient_p = linearise(pooled_mean, layout)
    theta = _slopes(cells.comoment, gradient_p, value_p, count_c + count_t, layout)
    if theta.shape[-1] == 0:
        own_c, own_t = gradient_c[..., 0, :], gradient_t[..., 0, :]
        return _Fit(
            theta=theta,
            control=value_c[..., 0],
            treatment=value_t[..., 0],
            difference=value_t[..., 0] - value_c[..., 0],
            difference_c=-own_c,
            difference_t=own_t,
            control_c=own_c,
            control_t=np.zeros_like(own_t),
            mean_c=mean_c,
            mean_t=mean_t,
        )
    own_c = gradient_c[..., 0, :] - np.einsum("...p,...pk->...k", theta, gradient_c[..., 1:, :])
    own_t = gradient_t[..., 0, :] - np.einsum("...p,...pk->...k", theta, gradient_t[..., 1:, :])
    reference = np.einsum("...p,...pk->...k", theta, gradient_p[..., 1:, :])
    control = value_c[..., 0] - (theta * (value_c - value_p)[..., 1:]).sum(axis=-1)
    treatment = value_t[..., 0] - (theta * (value_t - value_p)[..., 1:]).sum(axis=-1)
    shift = (theta * (value_t - value_c)[..., 1:]).sum(axis=-1)
    return _Fit(
        theta=theta,
        control=control,
        treatment=treatment,
        difference=value_t[..., 0] - value_c[..., 0] - shift,
        difference_c=-own_c,
        difference_t=own_t,
        control_c=own_c + share * reference,
        control_t=(1 - share) * reference,
        mean_c=mean_c,
        mean_t=mean_t,
    )


def _slopes(comoment: Floats, gradient: Floats, value: Floats, count: Floats, layout: Layout) -> Floats:
    """Return theta = Sxx^-1 Sxy of the pooled pair; 0 for constant or collinear covariates."""
    covariates = len(layout.terms) - 1
    if covariates == 0:
        return np.zeros((*value.shape[:-1], 0))
    linear = layout.linear
    moment = comoment if linear else np.einsum("...pi,...ij,...qj->...pq", gradient, comoment, gradient)
    spread = np.einsum("...ii->...i", moment)[..., 1:]
    floor = (_CONSTANT * value[..., 1:]) ** 2 * count[..., None]
    varies = np.isfinite(spread) & (spread > floor)
    cross = np.where(varies, moment[..., 1:, 0], 0.0)
    scale = np.sqrt(np.where(varies, spread, 1.0))
    cross = np.where(np.isfinite(cross), cross, 0.0) / scale
    if covariates == 1:
        return np.asarray(cross / scale)
    both = varies[..., :, None] & varies[..., None, :]
    correlation = moment[..., 1:, 1:] / (scale[..., :, None] * scale[..., None, :])
    correlation = np.where(both & np.isfinite(correlation), correlation, 0.0)
    inverse = np.linalg.pinv(correlation, rcond=_COLLINEAR, hermitian=True)
    return np.asarray(np.einsum("...pq,...q->...p", inverse, cross) / scale)


def _combine(cells: _Cells, fit: _Fit) -> PairEstimates:
    """Add up the variances of the cells and return the pairs' estimates."""
    d_c, d_t = fit.difference_c[..., None, :, :], fit.difference_t[..., None, :, :]
    q_c, q_t = fit.control_c[..., None, :, :], fit.control_t[..., None, :, :]
    square = cells.weight**2
    part_c = square * quadratic(d_c, cells.variance_c, d_c)
    part_t = square * quadratic(d_t, cells.variance_t, d_t)
    base = square * (quadratic(q_c, cells.variance_c, q_c) + quadratic(q_t, cells.variance_t, q_t))
    cross = square * (quadratic(q_c, cells.variance_c, d_c) + quadratic(q_t, cells.variance_t, d_t))
    units = (cells.count_c + cells.count_t).sum(axis=-2)
    noise_d = noise_q = noise_x = np.zeros(units.shape)
    if not cells.weights_known:
        gap_c = cells.mean_c - fit.mean_c[..., None, :, :]
        gap_t = cells.mean_t - fit.mean_t[..., None, :, :]
        of_d = (d_c * gap_c + d_t * gap_t).sum(axis=-1)
        of_q = (q_c * gap_c + q_t * gap_t).sum(axis=-1)
        spread = cells.weight / np.maximum(units, 1.0)[..., None, :]
        noise_d = (spread * of_d**2).sum(axis=-2)
        noise_q = (spread * of_q**2).sum(axis=-2)
        noise_x = (spread * of_d * of_q).sum(axis=-2)
    variance = (part_c + part_t).sum(axis=-2) + noise_d
    # Welch (1947), Biometrika 34; Satterthwaite (1946), Biometrics Bulletin 2(6).
    inverse = (part_c**2 / (cells.count_c - 1) + part_t**2 / (cells.count_t - 1)).sum(axis=-2)
    df = variance**2 / (inverse + noise_d**2 / (units - 1))
    reason = cells.reason.copy()
    scale = (
        square[..., None]
        * (d_c**2 * np.einsum("...ii->...i", cells.variance_c) + d_t**2 * np.einsum("...ii->...i", cells.variance_t))
    ).sum(axis=(-3, -1))
    mark(reason, ~(variance > ZERO * scale), Reason.ZERO_VARIANCE)
    return PairEstimates(
        control=fit.control,
        treatment=fit.treatment,
        difference=fit.difference,
        difference_variance=variance,
        control_variance=base.sum(axis=-2) + noise_q,
        covariance=cross.sum(axis=-2) + noise_x,
        df=df,
        units=units,
        reason=reason,
    )


def _pair_reasons(moments: Moments, layout: Layout, control: int, treated: NDArray[np.intp]) -> Codes:
    """Return why pairs cannot be compared: what is wrong with either arm, or with a cell."""
    pooled = moments.pooled(axis=-2)
    whole = estimate_arms(moments=pooled, layout=layout).reason
    reason = np.where(whole[..., [control]] != 0, whole[..., [control]], whole[..., treated])
    if moments.shape[-2] > 1:
        small = np.asarray((moments.count < 2).any(axis=-2))
        mark(reason, small[..., [control]] | small[..., treated], Reason.SMALL_STRATUM)
    return reason
