"""Can the data be trusted? Sample ratio, multiple exposures, balance before exposure.

Nothing else on a results page means much before these pass.

References: Fabijan et al. (2019), "Diagnosing sample ratio mismatch in online controlled
experiments", KDD, section 2; Lindon and Malek (2022), "Anytime-valid inference for
multinomial count data", NeurIPS, section 3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analytics.stats.distributions import SMALLEST_P
from analytics.stats.moments import Floats
from analytics.stats.multiplicity import Correction, adjust
from analytics.stats.reasons import Reason, StatisticsError


@dataclass(frozen=True, kw_only=True)
class SampleRatioTest:
    """Pearson's chi-square test of the observed allocation against the planned one.

    Attributes:
        observed: Units per arm.
        expected: Units expected under the plan.
        statistic: Chi-square.
        df: Arms with a positive weight, minus one.
        p_value: Never 0; see ``log_p_value``.
        log_p_value: Natural logarithm of p.
        mismatch: Whether p is below the level, or units are in an arm planned to have none.
        unplanned_units: Units in arms with weight zero.
        reason: Why there is no test.
    """

    observed: tuple[int, ...]
    expected: tuple[float, ...] | None
    statistic: float | None
    df: int | None
    p_value: float | None
    log_p_value: float | None
    mismatch: bool | None
    unplanned_units: int
    reason: Reason | None


def sample_ratio(*, observed: Sequence[int], weights: Sequence[float] | None, alpha: float = 0.001) -> SampleRatioTest:
    """Test whether units were allocated as planned.

    Estimand: the allocation probabilities. Formula: ``sum (o - e)² / e`` over the arms with
    a positive weight, against chi-square with that many degrees of freedom less one. An arm
    of weight zero adds no degree of freedom, and its units are no part of the total: they
    are counted as unplanned (a peer keeps both, and so finds p = 0.61 where it is 0.32).
    Assumptions: independent units; an expected five units in every arm.

    >>> result = sample_ratio(observed=[5000, 5100, 0], weights=[0.5, 0.5, 0.0])
    >>> round(result.p_value, 6), result.df, result.mismatch
    (0.319718, 1, False)
    """
    counts = np.asarray(observed, dtype=np.float64)
    if weights is None:
        return _no_ratio(observed, reason=Reason.NO_WEIGHTS)
    shares = _shares(weights, size=len(counts))
    planned = shares > 0
    total = counts[planned].sum()
    unplanned = int(counts[~planned].sum())
    if planned.sum() < 2:
        return _no_ratio(observed, reason=Reason.NO_WEIGHTS, unplanned=unplanned)
    expected = total * shares
    if total == 0:
        return _no_ratio(observed, reason=Reason.NO_UNITS, unplanned=unplanned)
    if expected[planned].min() < 5:
        return _no_ratio(observed, reason=Reason.TOO_FEW_UNITS, unplanned=unplanned)
    statistic = float((((counts - expected)[planned]) ** 2 / expected[planned]).sum())
    df = int(planned.sum()) - 1
    log_p = float(log_chi_square_tail(statistic, df))
    return SampleRatioTest(
        observed=tuple(int(c) for c in observed),
        expected=tuple(expected.tolist()),
        statistic=statistic,
        df=df,
        p_value=max(float(np.exp(log_p)), SMALLEST_P),
        log_p_value=log_p,
        mismatch=bool(log_p < np.log(alpha)) or unplanned > 0,
        unplanned_units=unplanned,
        reason=None,
    )


@dataclass(frozen=True, kw_only=True)
class SequentialSampleRatio:
    """Sample-ratio test that may be looked at after every batch of units.

    Attributes:
        p_values: Smallest p-value so far at each look; valid at all of them together.
        log_p_values: Their natural logarithms.
        detected_at: First look (from 0) at which the level was reached; None so far.
        mismatch: Whether it was reached.
        reason: Why there is no test.
    """

    p_values: tuple[float, ...]
    log_p_values: tuple[float, ...]
    detected_at: int | None
    mismatch: bool | None
    reason: Reason | None


def sequential_sample_ratio(
    *,
    cumulative: ArrayLike,
    weights: Sequence[float],
    alpha: float = 0.001,
    concentration: float = 10_000.0,
) -> SequentialSampleRatio:
    """Test the allocation at every look, with one error level over all looks.

    Estimand: as `sample_ratio`. Formula: the Bayes factor of a Dirichlet alternative with
    mean at the planned shares against the plan; its inverse, at its smallest so far, is an
    always-valid p-value (Lindon and Malek 2022, section 3).
    Assumptions: independent units. ``concentration`` is how close to the plan mismatches
    are expected: larger finds small ones with many units, smaller finds gross ones early.

    Args:
        cumulative: Units so far, shape (looks, arms).
        weights: Planned allocation.
        alpha: Level over all looks together.
        concentration: Sum of the Dirichlet parameters.

    >>> result = sequential_sample_ratio(
    ...     cumulative=[[500, 510], [1000, 1100], [10000, 11000]], weights=[1, 1])
    >>> result.detected_at, [round(p, 3) for p in result.p_values]
    (2, [1.0, 0.728, 0.0])
    """
    counts = np.atleast_2d(np.asarray(cumulative, dtype=np.float64))
    shares = _shares(weights, size=counts.shape[1])
    planned = shares > 0
    if planned.sum() < 2:
        return SequentialSampleRatio(
            p_values=(), log_p_values=(), detected_at=None, mismatch=None, reason=Reason.NO_WEIGHTS
        )
    if (np.diff(counts, axis=0) < 0).any():
        raise StatisticsError("cumulative counts cannot fall")
    shares, kept = shares[planned], counts[:, planned]
    prior = concentration * shares
    log_bayes = (
        special.gammaln(prior + kept).sum(axis=1)
        - special.gammaln(prior).sum()
        - special.gammaln(concentration + kept.sum(axis=1))
        + special.gammaln(concentration)
        - (kept * np.log(shares)).sum(axis=1)
    )
    log_p = np.minimum.accumulate(np.minimum(-log_bayes, 0.0))
    reached = np.flatnonzero(log_p <= np.log(alpha))
    return SequentialSampleRatio(
        p_values=tuple(np.maximum(np.exp(log_p), SMALLEST_P).tolist()),
        log_p_values=tuple(log_p.tolist()),
        detected_at=int(reached[0]) if reached.size else None,
        mismatch=bool(reached.size),
        reason=None,
    )


@dataclass(frozen=True, kw_only=True)
class MismatchSource:
    """One value of one dimension as a possible source of a sample-ratio mismatch.

    Attributes:
        dimension: Name, such as ``browser``.
        value: Value, such as ``Safari``.
        observed: Units per arm with that value.
        excess: Observed minus expected units per arm.
        p_value: Sample-ratio test within the value.
        adjusted_p_value: Corrected (Holm) for all values of all dimensions.
        p_value_without: Sample-ratio test of all other units of the dimension.
        explains: Whether the value is mismatched and the rest is not.
    """

    dimension: str
    value: str
    observed: tuple[int, ...]
    excess: tuple[float, ...]
    p_value: float
    adjusted_p_value: float
    p_value_without: float | None
    explains: bool


def mismatch_sources(
    *,
    counts: Mapping[str, Mapping[str, Sequence[int]]],
    weights: Sequence[float],
    alpha: float = 0.001,
) -> tuple[MismatchSource, ...]:
    """Return which dimension values drive a mismatch, the most suspicious first.

    A cause such as a redirect that fails in one browser shows as one value whose units are
    mismatched while all others are as planned (Fabijan et al. 2019, section 5). Values that
    cannot be tested (fewer than five expected units) are left out.

    Args:
        counts: Dimension to value to units per arm.
        weights: Planned allocation.
        alpha: Level of the tests.

    >>> sources = mismatch_sources(weights=[1, 1], counts={
    ...     "browser": {"Safari": [1000, 700], "Chrome": [5000, 5010]}})
    >>> sources[0].value, sources[0].explains, sources[1].explains
    ('Safari', True, False)
    """
    found: list[tuple[str, str, SampleRatioTest, SampleRatioTest]] = []
    for dimension, values in counts.items():
        everyone = np.sum([np.asarray(v) for v in values.values()], axis=0)
        for value, units in values.items():
            test = sample_ratio(observed=units, weights=weights, alpha=alpha)
            if test.log_p_value is None:
                continue
            others = (everyone - np.asarray(units)).tolist()
            found.append((dimension, value, test, sample_ratio(observed=others, weights=weights, alpha=alpha)))
    if not found:
        return ()
    log_p = np.array([test.log_p_value for _, _, test, _ in found])
    corrected = adjust(log_p=log_p, correction=Correction.HOLM, alpha=alpha)
    sources = [
        _source(item, log_adjusted=float(corrected.log_p_value[i]), rejected=bool(corrected.rejected[i]))
        for i, item in enumerate(found)
    ]
    order = np.argsort(log_p, kind="stable")
    return tuple(sources[i] for i in order)


@dataclass(frozen=True, kw_only=True)
class MultipleExposures:
    """Share of units that were exposed to more than one arm.

    Attributes:
        units: All exposed units.
        multiple: Those seen in more than one arm.
        share: multiple / units.
        lower: Lower end of the interval of the share.
        upper: Upper end.
        excessive: Whether even the lower end is above the tolerance.
        tolerance: Share that is tolerated.
        reason: Why there is no share.
    """

    units: int
    multiple: int
    share: float | None
    lower: float | None
    upper: float | None
    excessive: bool | None
    tolerance: float
    reason: Reason | None


def multiple_exposures(*, units: int, multiple: int, tolerance: float = 0.01, alpha: float = 0.05) -> MultipleExposures:
    """Judge the share of units that saw more than one arm.

    Estimand: the probability that a unit is exposed to several arms. Interval: Wilson's
    (1927, JASA 22, page 209), right for shares near zero.

    >>> result = multiple_exposures(units=10_000, multiple=150)
    >>> result.share, result.excessive, round(result.lower, 5)
    (0.015, True, 0.0128)
    """
    if not 0 <= multiple <= units:
        raise StatisticsError("multiply exposed units are part of the exposed units")
    if units == 0:
        return MultipleExposures(
            units=0,
            multiple=0,
            share=None,
            lower=None,
            upper=None,
            excessive=None,
            tolerance=tolerance,
            reason=Reason.NO_UNITS,
        )
    z = float(-special.ndtri(alpha / 2))
    share = multiple / units
    centre = (share + z**2 / (2 * units)) / (1 + z**2 / units)
    half = z / (1 + z**2 / units) * float(np.sqrt(share * (1 - share) / units + z**2 / (4 * units**2)))
    lower, upper = max(centre - half, 0.0), min(centre + half, 1.0)
    return MultipleExposures(
        units=units,
        multiple=multiple,
        share=share,
        lower=lower,
        upper=upper,
        excessive=lower > tolerance,
        tolerance=tolerance,
        reason=None,
    )


def log_chi_square_tail(statistic: float, df: int) -> float:
    """Return log P(chi-square > statistic), also where the probability underflows.

    Far out: the incomplete gamma function by its continued fraction (DLMF 8.9.2).

    >>> round(log_chi_square_tail(3.841458820694124, 1), 6), round(log_chi_square_tail(5000.0, 1), 3)
    (-2.995732, -2504.485)
    """
    tail = float(special.chdtrc(df, statistic))
    if tail > 1e-280:
        return float(np.log(tail))
    a, x = df / 2, statistic / 2
    fraction = 0.0
    for k in range(60, 0, -1):
        fraction = k * (k - a) / (x + 2 * k + 1 - a - fraction)
    return float(-x + a * np.log(x) - special.gammaln(a) - np.log(x + 1 - a - fraction))


def _shares(weights: Sequence[float], *, size: int) -> Floats:
    shares = np.asarray(weights, dtype=np.float64)
    if shares.shape != (size,):
        raise StatisticsError(f"{size} arms need {size} weights, not {len(weights)}")
    if (shares < 0).any() or not np.isfinite(shares).all():
        raise StatisticsError("weights are zero or positive")
    total = shares.sum()
    return shares / total if total > 0 else shares


def _no_ratio(observed: Sequence[int], *, reason: Reason, unplanned: int = 0) -> SampleRatioTest:
    return SampleRatioTest(
        observed=tuple(int(c) for c in observed),
        expected=None,
        statistic=None,
        df=None,
        p_value=None,
        log_p_value=None,
        mismatch=True if unplanned else None,
        unplanned_units=unplanned,
        reason=reason,
    )


def _source(
    item: tuple[str, str, SampleRatioTest, SampleRatioTest], *, log_adjusted: float, rejected: bool
) -> MismatchSource:
    dimension, value, test, rest = item
    expected = test.expected or ()
    return MismatchSource(
        dimension=dimension,
        value=value,
        observed=test.observed,
        excess=tuple(o - e for o, e in zip(test.observed, expected, strict=True)),
        p_value=test.p_value or SMALLEST_P,
        adjusted_p_value=max(float(np.exp(log_adjusted)), SMALLEST_P),
        p_value_without=rest.p_value,
        explains=rejected and not rest.mismatch,
    )
