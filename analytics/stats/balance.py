"""Balance before exposure: an A/A test on what the variant cannot have changed.

Reference: Morgan and Rubin (2012), "Rerandomization to improve covariate balance in
experiments", Annals of Statistics 40(2), section 2 (Mahalanobis distance of means).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.stats.adjustment import mean_pairs
from analytics.stats.designs import FixedHorizon
from analytics.stats.distributions import SMALLEST_P
from analytics.stats.estimands import compare
from analytics.stats.moments import Floats, Moments
from analytics.stats.multiplicity import Correction, adjust
from analytics.stats.reasons import Reason, StatisticsError, reason_of
from analytics.stats.trust import log_chi_square_tail


@dataclass(frozen=True, kw_only=True)
class CovariateBalance:
    """One pre-exposure column in one treatment against control.

    Attributes:
        treatment: Name of the arm.
        column: Name of the covariate.
        difference: Treatment minus control before exposure.
        standardised_difference: Difference over the pooled standard deviation.
        p_value: Of no difference.
        adjusted_p_value: Corrected (Holm) for all columns and treatments.
        imbalanced: Whether the corrected p-value is at most alpha.
        reason: Why there is no test.
    """

    treatment: str
    column: str
    difference: float | None
    standardised_difference: float | None
    p_value: float | None
    adjusted_p_value: float | None
    imbalanced: bool | None
    reason: Reason | None


@dataclass(frozen=True, kw_only=True)
class PreExposureBalance:
    """Balance of all pre-exposure columns.

    Attributes:
        covariates: One entry per treatment and column.
        joint_p_value: Per treatment, of all columns' means being equal; None where it
            cannot be computed.
        imbalanced: Whether any single column is imbalanced.
    """

    covariates: tuple[CovariateBalance, ...]
    joint_p_value: dict[str, float | None]
    imbalanced: bool


def pre_exposure_balance(
    *, moments: Moments, arms: tuple[str, ...], control: str, alpha: float = 0.001
) -> PreExposureBalance:
    """Test whether the arms were alike before exposure.

    Estimand: differences in pre-exposure means, which randomisation makes zero.
    Formula: Welch's test per column, Holm over all of them; jointly
    ``d' (S_t / n_t + S_c / n_c)^-1 d`` against chi-square with one degree of freedom per
    column (Morgan and Rubin 2012, section 2). Assumptions: many units.

    Args:
        moments: Moments of pre-exposure columns, shape ``(arm,)``.
        arms: Names of the arms.
        control: Name of the control.
        alpha: Level over all columns and treatments together.

    >>> rng = np.random.default_rng(5)
    >>> moments = Moments.from_groups(
    ...     group=np.arange(2000) % 2, groups=2, visits=rng.poisson(3, 2000), spend=rng.exponential(9, 2000))
    >>> result = pre_exposure_balance(moments=moments, arms=("A", "B"), control="A")
    >>> result.imbalanced, len(result.covariates)
    (False, 2)
    """
    if moments.shape != (len(arms),) or control not in arms:
        raise StatisticsError("balance needs one group of moments per arm, control among them")
    position = arms.index(control)
    treatments = tuple(arm for arm in arms if arm != control)
    tests = [
        compare(
            pairs=mean_pairs(moments=moments.select(column), control=position),
            design=FixedHorizon(),
            alpha=alpha,
        )
        for column in moments.columns
    ]
    log_p = np.stack([test.log_p_value for test in tests], axis=-1)
    corrected = adjust(log_p=log_p.reshape(-1), correction=Correction.HOLM, alpha=alpha)
    log_adjusted = corrected.log_p_value.reshape(log_p.shape)
    spread = _pooled_deviation(moments, position)
    entries = []
    for t, treatment in enumerate(treatments):
        for c, column in enumerate(moments.columns):
            test = tests[c]
            known = not np.isnan(log_p[t, c])
            entries.append(
                CovariateBalance(
                    treatment=treatment,
                    column=column,
                    difference=float(test.difference[t]) if known else None,
                    standardised_difference=float(test.difference[t] / spread[t, c]) if known else None,
                    p_value=float(test.p_value[t]) if known else None,
                    adjusted_p_value=max(float(np.exp(log_adjusted[t, c])), SMALLEST_P) if known else None,
                    imbalanced=bool(log_adjusted[t, c] <= np.log(alpha)) if known else None,
                    reason=reason_of(int(test.reason[t])),
                )
            )
    return PreExposureBalance(
        covariates=tuple(entries),
        joint_p_value=dict(zip(treatments, _joint_p_values(moments, position), strict=True)),
        imbalanced=any(entry.imbalanced for entry in entries),
    )


def _pooled_deviation(moments: Moments, control: int) -> Floats:
    """Return sqrt of the mean of both arms' variances, shape (treatment, column)."""
    variance = np.einsum("...ii->...i", moments.covariance())
    return np.asarray(np.sqrt((np.delete(variance, control, axis=0) + variance[control]) / 2))


def _joint_p_values(moments: Moments, control: int) -> list[float | None]:
    results: list[float | None] = []
    for arm in range(moments.shape[0]):
        if arm == control:
            continue
        if min(moments.count[arm], moments.count[control]) <= len(moments.columns):
            results.append(None)
            continue
        covariance = moments.covariance()
        matrix = covariance[arm] / moments.count[arm] + covariance[control] / moments.count[control]
        difference = moments.mean[arm] - moments.mean[control]
        scale = np.sqrt(np.diag(matrix))
        if not (np.isfinite(scale).all() and (scale > 0).all()):
            results.append(None)
            continue
        correlation = matrix / np.outer(scale, scale)
        rank = int(np.linalg.matrix_rank(correlation, tol=1e-10, hermitian=True))
        standard = difference / scale
        distance = standard @ np.linalg.pinv(correlation, rcond=1e-10, hermitian=True) @ standard
        results.append(max(float(np.exp(log_chi_square_tail(float(distance), rank))), SMALLEST_P))
    return results
