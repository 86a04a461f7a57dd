"""Guardrails: is a metric safe, harmed, or undecided?

"Not significant" is no proof of safety: a small experiment finds nothing significant. A
guardrail is safe when a loss as large as the margin is ruled out (non-inferiority).

Reference: Wellek (2010), "Testing Statistical Hypotheses of Equivalence and
Noninferiority", 2nd edition, section 2.1; Schultzberg, Ankargren and Frånberg (2024),
"Risk-aware product decisions in A/B tests with multiple metrics", arXiv 2402.11609,
section 3 (superiority, non-inferiority and deterioration tests together).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special

from analytics.stats.designs import Alternative, Design
from analytics.stats.estimands import PairEstimates, interval_limits, p_from_log
from analytics.stats.metrics import MarginScale
from analytics.stats.moments import Floats
from analytics.stats.planning.tail import noncentral_t_sf
from analytics.stats.reasons import Codes, Reason, mark, no_reasons, reason_of
from analytics.stats.score import RatePairs, difference_statistic, ratio_statistic

# From here on Student's t and the normal distribution give the same power to four digits.
_NORMAL_FROM = 10_000


class Verdict(StrEnum):
    """What a guardrail says."""

    SAFE = "safe"
    HARMED = "harmed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, kw_only=True)
class GuardrailVerdict:
    """Non-inferiority of a treatment; harm is positive in ``worsening``.

    Attributes:
        verdict: Safe: worse by less than the margin. Harmed: worse than control, and a
            loss beyond the margin cannot be ruled out. Undecided: neither is shown.
        margin: Tolerance in units of the metric.
        worsening: Estimated change in the bad direction, in units of the metric.
        worst_case: Upper one-sided bound of the worsening.
        best_case: Lower one-sided bound of the worsening.
        relative_worsening: The worsening as a share of the control's mean; None where
            control cannot be told from zero.
        relative_worst_case: Its upper one-sided bound (Fieller): below a relative margin
            exactly when the verdict is safe.
        relative_best_case: Its lower one-sided bound.
        p_value: Of "worse by the margin or more"; small means safe.
        log_p_value: Natural logarithm of p.
        deterioration_p_value: Of "not worse at all"; small means harmed.
        beyond_margin: Whether even the best case is beyond the margin.
        power: Probability that the test calls a metric safe that did not change at all.
        reason: Why there is no verdict.
    """

    verdict: Verdict | None
    margin: float | None
    worsening: float | None
    worst_case: float | None
    best_case: float | None
    relative_worsening: float | None
    relative_worst_case: float | None
    relative_best_case: float | None
    p_value: float | None
    log_p_value: float | None
    deterioration_p_value: float | None
    beyond_margin: bool | None
    power: float | None
    reason: Reason | None


@dataclass(frozen=True, kw_only=True, eq=False)
class GuardrailTests:
    """Non-inferiority tests for many comparisons; arrays of one shape, ``nan`` where absent.

    Attributes:
        safe: Whether non-inferiority is shown.
        harmed: Whether the metric is worse and not shown to be within the margin.
        margin: Tolerance in units of the metric.
        worsening: Estimated change in the bad direction.
        worst_case: Upper one-sided bound of the worsening.
        best_case: Lower one-sided bound.
        relative_worsening: The worsening as a share of the control's mean.
        relative_worst_case: Its upper one-sided bound.
        relative_best_case: Its lower one-sided bound.
        log_p_value: Of "worse by the margin or more".
        log_deterioration_p_value: Of "not worse at all".
        beyond_margin: Whether a loss beyond the margin is shown.
        power: Probability of "safe" when nothing changed.
        reason: Code where there is no verdict.
    """

    safe: np.typing.NDArray[np.bool_]
    harmed: np.typing.NDArray[np.bool_]
    margin: Floats
    worsening: Floats
    worst_case: Floats
    best_case: Floats
    relative_worsening: Floats
    relative_worst_case: Floats
    relative_best_case: Floats
    log_p_value: Floats
    log_deterioration_p_value: Floats
    beyond_margin: np.typing.NDArray[np.bool_]
    power: Floats
    reason: Codes

    def verdict(self, index: tuple[int, ...]) -> GuardrailVerdict | None:
        """Return one verdict; None for a metric that has no margin."""
        reason = reason_of(int(self.reason[index]))
        if reason is Reason.NO_MARGIN:
            return None
        if reason is not None:
            return GuardrailVerdict(**dict.fromkeys(_FIELDS), reason=reason)
        decided = Verdict.SAFE if self.safe[index] else Verdict.UNDECIDED
        return GuardrailVerdict(
            verdict=Verdict.HARMED if self.harmed[index] else decided,
            margin=float(self.margin[index]),
            worsening=float(self.worsening[index]),
            worst_case=float(self.worst_case[index]),
            best_case=float(self.best_case[index]),
            relative_worsening=_number(self.relative_worsening[index]),
            relative_worst_case=_number(self.relative_worst_case[index]),
            relative_best_case=_number(self.relative_best_case[index]),
            p_value=float(p_from_log(self.log_p_value[index])),
            log_p_value=float(self.log_p_value[index]),
            deterioration_p_value=float(p_from_log(self.log_deterioration_p_value[index])),
            beyond_margin=bool(self.beyond_margin[index]),
            power=float(self.power[index]),
            reason=None,
        )


_FIELDS = (
    "verdict",
    "margin",
    "worsening",
    "worst_case",
    "best_case",
    "relative_worsening",
    "relative_worst_case",
    "relative_best_case",
    "p_value",
    "log_p_value",
    "deterioration_p_value",
    "beyond_margin",
    "power",
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Margins:
    """Margins of many comparisons; arrays that broadcast to the comparisons' shape.

    Attributes:
        size: Tolerances; ``nan`` for metrics without a margin.
        scale: `MarginScale` of each (object array).
        sign: +1 where higher is better, -1 where lower is better.
    """

    size: Floats
    scale: np.typing.NDArray[np.object_]
    sign: Floats


@np.errstate(invalid="ignore", divide="ignore", over="ignore")  # nan marks what does not exist
def non_inferiority(*, pairs: PairEstimates, margins: Margins, design: Design, alpha: float) -> GuardrailTests:
    """Test whether treatments are worse than control by less than a margin.

    Estimand: the worsening ``w = -s (mu_t - mu_c)``, s = 1 where higher is better and -1
    where lower is better. Safe rejects ``w >= margin``; harmed rejects ``w <= 0`` while
    safe is not shown. Both one-sided at alpha.

    Formula: absolute margin: ``(margin - w) / se(d)``. A relative margin r is the linear
    hypothesis ``w >= r |mu_c|``, tested by ``(r |c| - w) / se(r |c| - w)``: control's noise
    is part of the margin's noise. Peers put the observed control mean into the margin as
    if it were known; `MarginScale.RELATIVE_TO_OBSERVED` does the same.

    Power: probability of "safe" at the standard error seen when the true change is zero,
    by the noncentral t distribution (normal beyond 10,000 degrees of freedom).

    Assumptions: as for `compare`; the margin was fixed before the data were seen.

    >>> from analytics.stats.adjustment import mean_pairs
    >>> from analytics.stats.designs import FixedHorizon
    >>> from analytics.stats.moments import Moments
    >>> moments = Moments.from_sums(
    ...     count=[20000, 20100], sums={"y": [200000.0, 200400.0]},
    ...     products={("y", "y"): [2180000.0, 2176000.0]})
    >>> margins = Margins(size=np.array([0.2]), sign=np.array([1.0]),
    ...     scale=np.array([MarginScale.ABSOLUTE], dtype=object))
    >>> result = non_inferiority(
    ...     pairs=mean_pairs(moments=moments), margins=margins, design=FixedHorizon(), alpha=0.05)
    >>> bool(result.safe[0]), float(np.exp(result.log_p_value[0]).round(12))
    (True, 5.978e-09)
    """
    shape = pairs.difference.shape
    if np.isnan(margins.size).all():
        return _unjudged(shape)
    size, sign = np.broadcast_to(margins.size, shape), np.broadcast_to(margins.sign, shape)
    scale = np.broadcast_to(margins.scale, shape)
    reason = pairs.reason.copy()
    reason[np.isnan(size)] = 0
    mark(reason, np.isnan(size), Reason.NO_MARGIN)
    valid = reason == 0
    of_control = scale != MarginScale.ABSOLUTE
    base_sign = np.where(pairs.control < 0, -1.0, 1.0)
    slope = np.where(scale == MarginScale.RELATIVE, size * base_sign, 0.0)
    margin = np.where(of_control, size * np.abs(pairs.control), size)
    worsening = -sign * pairs.difference
    # The slack margin - w is sign * d + slope * c, with c random for a relative margin.
    slack_variance = pairs.difference_variance + 2 * sign * slope * pairs.covariance + slope**2 * pairs.control_variance
    error = np.sqrt(np.where(valid, pairs.difference_variance, np.nan))
    slack_error = np.sqrt(np.where(valid & (slack_variance > 0), slack_variance, np.nan))
    mark(reason, valid & np.isnan(slack_error), Reason.ZERO_VARIANCE)
    slack = (margin - worsening) / slack_error
    if pairs.rates is not None:
        slack = _score_slack(pairs.rates, slack, sign=sign, margin=margin, size=size, scale=scale)
    safe_p = _log_p(design, slack, pairs)
    beyond_p = _log_p(design, -slack, pairs)
    worse_p = _log_p(design, worsening / error, pairs)
    critical = design.critical(alpha=np.full(shape, alpha), df=pairs.df, units=pairs.units, two_sided=False)
    power = _power(margin / slack_error, critical, pairs.df)
    safe = safe_p <= np.log(alpha)
    harmed = ~safe & (worse_p <= np.log(alpha))
    beyond = beyond_p <= np.log(alpha)
    absolute, relative = _bounds(pairs, design, alpha, sign=np.where(valid, sign, np.nan))
    return GuardrailTests(
        safe=safe,
        harmed=harmed,
        beyond_margin=beyond,
        margin=np.where(valid, margin, np.nan),
        worsening=np.where(valid, worsening, np.nan),
        worst_case=absolute.worst,
        best_case=absolute.best,
        relative_worsening=relative.worsening,
        relative_worst_case=relative.worst,
        relative_best_case=relative.best,
        log_p_value=safe_p,
        log_deterioration_p_value=worse_p,
        power=power,
        reason=reason,
    )


def _unjudged(shape: tuple[int, ...]) -> GuardrailTests:
    """Return tests of metrics of which none has a margin."""
    reason = no_reasons(shape)
    mark(reason, np.ones(shape, dtype=np.bool_), Reason.NO_MARGIN)
    no, absent = np.zeros(shape, dtype=np.bool_), np.full(shape, np.nan)
    return GuardrailTests(
        safe=no,
        harmed=no,
        beyond_margin=no,
        margin=absent,
        worsening=absent,
        worst_case=absent,
        best_case=absent,
        relative_worsening=absent,
        relative_worst_case=absent,
        relative_best_case=absent,
        log_p_value=absent,
        log_deterioration_p_value=absent,
        power=absent,
        reason=reason,
    )


def _score_slack(
    rates: RatePairs,
    slack: Floats,
    *,
    sign: Floats,
    margin: Floats,
    size: Floats,
    scale: np.typing.NDArray[np.object_],
) -> Floats:
    """Return the statistics of the slack, those of chosen pairs by the score test at the margin.

    A relative margin is a hypothesis about the ratio of the rates (Farrington and Manning 1990).
    """
    at = rates.chosen
    counts, toward = rates.only_chosen(), sign[at]
    of_difference = difference_statistic(counts=counts, difference=-toward * margin[at])
    of_ratio = ratio_statistic(counts=counts, ratio=1 - toward * size[at])
    result = slack.copy()
    result[at] = toward * np.where(scale[at] == MarginScale.RELATIVE, of_ratio, of_difference)
    return result


@dataclass(frozen=True, kw_only=True, eq=False)
class _Bounds:
    worsening: Floats
    worst: Floats
    best: Floats


def _bounds(pairs: PairEstimates, design: Design, alpha: float, *, sign: Floats) -> tuple[_Bounds, _Bounds]:
    """Return the worsening with its one-sided bounds, absolute and as a share of control."""
    levels = np.full(sign.shape, alpha)
    low = interval_limits(pairs=pairs, design=design, alpha=levels, alternative=Alternative.GREATER)
    high = interval_limits(pairs=pairs, design=design, alpha=levels, alternative=Alternative.LESS)
    lower, upper = low.lift_lower, high.lift_upper
    bounded = np.isfinite(lower) & np.isfinite(upper)
    lift = np.where(bounded, pairs.difference / np.abs(pairs.control), np.nan)
    up = sign > 0
    absolute = _Bounds(
        worsening=-sign * pairs.difference,
        worst=-sign * np.where(up, low.lower, high.upper),
        best=-sign * np.where(up, high.upper, low.lower),
    )
    return absolute, _Bounds(
        worsening=-sign * lift,
        worst=-sign * np.where(up, lower, upper),
        best=-sign * np.where(up, upper, lower),
    )


def _number(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)


def _log_p(design: Design, statistic: Floats, pairs: PairEstimates) -> Floats:
    return design.log_p_value(statistic=statistic, df=pairs.df, units=pairs.units, two_sided=False)


def _power(shift: Floats, critical: Floats, df: Floats) -> Floats:
    """Return P(T > critical) for a t statistic whose mean is shifted by ``shift``."""
    power = np.asarray(special.ndtr(shift - critical))
    small = np.isfinite(shift) & (df < _NORMAL_FROM)
    if small.any():
        power[small] = noncentral_t_sf(x=critical[small], df=df[small], noncentrality=shift[small])
    return power
