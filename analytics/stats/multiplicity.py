"""Corrections for testing several hypotheses, with intervals that agree with them.

All work on log p-values, so that corrections of extreme p-values do not underflow, and on
the last axis, so that many families are corrected in one call.

An adjusted interval excludes zero exactly when the adjusted p-value is at most alpha.
Each hypothesis gets its own level (`interval_levels`): the level at which its raw p-value
would have been just as far from significance.

References: Holm (1979), Scandinavian Journal of Statistics 6, section 2; Hochberg (1988),
Biometrika 75, section 2; Benjamini and Hochberg (1995), JRSS B 57, equation 1; Benjamini and
Yekutieli (2001), Annals of Statistics 29, theorem 1.3; Benjamini and Yekutieli (2005), JASA
100, definition 1 (intervals after selection).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from analytics.stats.moments import Floats


class Correction(StrEnum):
    """How the p-values of a family are corrected.

    Bonferroni, Šidák, Holm and Holm–Šidák, and Hochberg bound the chance of any false rejection
    (Šidák for independent or positively dependent tests, Hochberg likewise);
    Benjamini–Hochberg bounds the expected share of false ones among the rejections,
    Benjamini–Yekutieli does so under any dependence.
    """

    NONE = "none"
    BONFERRONI = "bonferroni"
    SIDAK = "sidak"
    HOLM = "holm"
    HOLM_SIDAK = "holm_sidak"
    HOCHBERG = "hochberg"
    BENJAMINI_HOCHBERG = "benjamini_hochberg"
    BENJAMINI_YEKUTIELI = "benjamini_yekutieli"


_SINGLE_STEP = {Correction.BONFERRONI, Correction.SIDAK}
_STEP_DOWN = {Correction.HOLM, Correction.HOLM_SIDAK}
_FALSE_DISCOVERY = {Correction.BENJAMINI_HOCHBERG, Correction.BENJAMINI_YEKUTIELI}


@dataclass(frozen=True, kw_only=True, eq=False)
class Adjusted:
    """Corrected p-values of one or more families.

    Attributes:
        log_p_value: Natural logarithm of the corrected p-value; ``nan`` stays ``nan``.
        interval_level: The alpha at which each interval agrees with the correction.
        rejected: Whether the corrected p-value is at most alpha.
    """

    log_p_value: Floats
    interval_level: Floats
    rejected: np.typing.NDArray[np.bool_]


def adjust(*, log_p: Floats, correction: Correction, alpha: float) -> Adjusted:
    """Correct the p-values along the last axis.

    Estimand: none; it bounds the family-wise error rate, or the false discovery rate.
    Assumptions: see `Correction`. Tests that could not be computed (``nan``) do not count.

    Args:
        log_p: Natural logarithms of the p-values; the last axis is the family.
        correction: Method.
        alpha: Level the family is held to.

    >>> p = np.array([0.01, 0.04, 0.03, 0.005, 0.55, 0.6])
    >>> result = adjust(log_p=np.log(p), correction=Correction.HOLM, alpha=0.05)
    >>> np.exp(result.log_p_value).round(6).tolist()
    [0.05, 0.12, 0.12, 0.03, 1.0, 1.0]
    >>> result.rejected.tolist()
    [True, False, False, True, False, False]
    """
    family = np.asarray(log_p, dtype=np.float64)
    if correction is Correction.NONE:
        raw, corrected = family, family
    else:
        raw = _uncapped(family, correction)
        corrected = np.minimum(raw, 0.0)
    threshold = np.log(alpha)
    # Equal up to rounding counts as reached: 5 × 0.01 is 0.05.
    rejected = corrected <= threshold + 1e-12
    return Adjusted(
        log_p_value=corrected,
        interval_level=_interval_levels(family, raw, rejected, correction, alpha),
        rejected=rejected,
    )


def _uncapped(log_p: Floats, correction: Correction) -> Floats:
    """Return corrected log p-values before they are capped at 1."""
    order = np.argsort(log_p, axis=-1, kind="stable")  # nan last
    ascending = np.take_along_axis(log_p, order, axis=-1)
    size = np.isfinite(log_p).sum(axis=-1, keepdims=True)
    rank = np.arange(1, log_p.shape[-1] + 1)
    step = _steps(ascending, rank, size, correction)
    if correction in _STEP_DOWN:
        step = np.fmax.accumulate(step, axis=-1)
    elif correction not in _SINGLE_STEP:
        step = np.flip(np.fmin.accumulate(np.flip(step, axis=-1), axis=-1), axis=-1)
    step = np.where(np.isnan(ascending), np.nan, step)
    result = np.empty_like(log_p)
    np.put_along_axis(result, order, step, axis=-1)
    return result


def _steps(ascending: Floats, rank: Floats, size: Floats, correction: Correction) -> Floats:
    """Return each ordered log p-value times its multiplier."""
    with np.errstate(divide="ignore", invalid="ignore"):
        match correction:
            case Correction.BONFERRONI:
                return ascending + np.log(size)
            case Correction.HOLM | Correction.HOCHBERG:
                return ascending + np.log(np.maximum(size - rank + 1, 1))
            case Correction.SIDAK | Correction.HOLM_SIDAK:
                exponent = size if correction is Correction.SIDAK else np.maximum(size - rank + 1, 1)
                # 1 - (1 - p)^k, without losing small p: k p for the smallest.
                exact = np.log(-np.expm1(exponent * np.log1p(-np.exp(ascending))))
                return np.where(ascending < -300, ascending + np.log(exponent), exact)
            case Correction.BENJAMINI_YEKUTIELI:
                return ascending + np.log(size * _harmonic(rank, size) / rank)
            case _:
                return ascending + np.log(size / rank)


def _harmonic(rank: Floats, size: Floats) -> Floats:
    """Return 1 + 1/2 + … + 1/size."""
    return np.asarray(np.where(rank <= size, 1.0 / rank, 0.0).sum(axis=-1, keepdims=True))


def _interval_levels(
    log_p: Floats,
    raw: Floats,
    rejected: np.typing.NDArray[np.bool_],
    correction: Correction,
    alpha: float,
) -> Floats:
    """Return the level of each interval.

    For false-discovery corrections all intervals share the level of the last rejection,
    ``R alpha / m``: the false-coverage-rate intervals of Benjamini and Yekutieli (2005).
    For the others hypothesis i gets ``alpha p_i / p_adjusted_i``, its own step's level;
    with Bonferroni (``alpha / m`` for all) the intervals hold jointly, with Holm and
    Hochberg each holds for itself and the decisions hold jointly.
    """
    known = np.isfinite(log_p)
    if correction in _FALSE_DISCOVERY:
        size = np.maximum(known.sum(axis=-1, keepdims=True), 1)
        count = np.maximum(rejected.sum(axis=-1, keepdims=True), 1)
        scale: Floats | float = 1.0
        if correction is Correction.BENJAMINI_YEKUTIELI:
            scale = _harmonic(np.arange(1, log_p.shape[-1] + 1), size)
        level = np.broadcast_to(alpha * count / (size * scale), log_p.shape)
    else:
        level = alpha * np.exp(log_p - raw)
    return np.where(known, np.minimum(level, alpha), np.nan)
