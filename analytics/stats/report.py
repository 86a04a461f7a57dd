"""What an analysis returns.

The `Report` holds arrays (metric × segment × treatment) so that hundreds of comparisons
cost one pass, and hands out single rows with names, units and reasons for a page.
In arrays ``nan`` marks what does not exist and a code says why; in rows it is ``None``
beside a `Reason`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from analytics.stats.beliefs import Belief, Beliefs, belief_at
from analytics.stats.distributions import SMALLEST_P
from analytics.stats.estimands import Effects
from analytics.stats.experiment import ExperimentMoments
from analytics.stats.guardrails import GuardrailTests, GuardrailVerdict
from analytics.stats.layout import ArmEstimates
from analytics.stats.metrics import Metric
from analytics.stats.moments import Floats
from analytics.stats.multiplicity import Correction
from analytics.stats.plan import AnalysisPlan
from analytics.stats.reasons import Reason, StatisticsError, reason_of
from analytics.stats.trust import MultipleExposures, SampleRatioTest


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A confidence interval; one-sided tests have an infinite end."""

    lower: float
    upper: float

    @property
    def excludes_zero(self) -> bool:
        """Whether zero lies outside."""
        return self.lower > 0 or self.upper < 0


@dataclass(frozen=True, kw_only=True)
class ArmResult:
    """One arm of one metric in one segment.

    Attributes:
        arm: Name.
        units: Units behind the estimate.
        value: Mean, rate, ratio or quantile as observed (not adjusted).
        standard_error: Standard error of ``value``.
        reason: Why ``value`` or its error is absent.
    """

    arm: str
    units: int
    value: float | None
    standard_error: float | None
    reason: Reason | None


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One treatment against control, on one metric in one segment.

    Attributes:
        metric: The metric's specification.
        segment: Name of the segment.
        control: Control arm as observed.
        treatment: Treatment arm as observed.
        adjusted_control: Control's mean after variance reduction (else as observed).
        adjusted_treatment: Treatment's mean after variance reduction.
        difference: Treatment minus control.
        standard_error: Standard error of the difference.
        statistic: Difference over its standard error.
        df: Degrees of freedom; None for a score test.
        interval: Interval of the difference at the plan's alpha.
        lift: Difference over the absolute value of the control's mean.
        lift_standard_error: Delta-method standard error of the lift.
        lift_interval: Fieller's interval; excludes zero exactly when ``interval`` does.
        p_value: Of the difference, and so of the lift. Never 0: see ``log_p_value``.
        log_p_value: Natural logarithm of the exact p-value.
        correction: Correction applied in the metric's family.
        adjusted_p_value: p-value corrected within the family.
        log_adjusted_p_value: Its natural logarithm.
        adjusted_interval: Interval of the difference agreeing with the adjusted p-value.
        adjusted_lift_interval: The same for the lift; None where control cannot be told
            from zero at the adjusted level.
        significant: Whether the adjusted p-value is at most the plan's alpha.
        variance_reduction: Share of the variance removed by adjustment; None without it.
        guardrail: Verdict, for a metric with a margin.
        belief: Bayesian reading, where the plan has a prior.
        uses_score: Whether test and intervals are the score test's: a proportion planned so, or
            one of whose arms has no variance. ``standard_error`` is then that under "no
            difference", and intervals are not symmetric.
        reason: Why the comparison could not be computed.
        lift_reason: Why there is no lift although there is a difference.
    """

    metric: Metric
    segment: str
    control: ArmResult
    treatment: ArmResult
    adjusted_control: float | None
    adjusted_treatment: float | None
    difference: float | None
    standard_error: float | None
    statistic: float | None
    df: float | None
    interval: Interval | None
    lift: float | None
    lift_standard_error: float | None
    lift_interval: Interval | None
    p_value: float | None
    log_p_value: float | None
    correction: Correction
    adjusted_p_value: float | None
    log_adjusted_p_value: float | None
    adjusted_interval: Interval | None
    adjusted_lift_interval: Interval | None
    significant: bool | None
    variance_reduction: float | None
    guardrail: GuardrailVerdict | None
    belief: Belief | None
    uses_score: bool
    reason: Reason | None
    lift_reason: Reason | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Corrected:
    """Results after correction for multiplicity, arrays (metric, segment, treatment).

    Attributes:
        log_p_value: Logarithms of the corrected p-values.
        alpha: Level at which each interval agrees with its corrected p-value.
        significant: Whether the corrected p-value is at most the plan's alpha.
        critical: Half-widths of the intervals in standard errors.
        lower: Lower ends of the differences' intervals.
        upper: Upper ends.
        lift_lower: Lower ends of the lifts' intervals.
        lift_upper: Upper ends.
    """

    log_p_value: Floats
    alpha: Floats
    significant: np.typing.NDArray[np.bool_]
    critical: Floats
    lower: Floats
    upper: Floats
    lift_lower: Floats
    lift_upper: Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class Report:
    """Results of `analyse`.

    Attributes:
        plan: The plan that was followed.
        moments: The data it was followed on.
        treatments: Names of the arms compared with control.
        arms: Observed values, arrays (metric, segment, arm).
        effects: Differences and lifts at the plan's alpha, before correction; arrays
            (metric, segment, treatment), as all that follow.
        corrected: The same after correction.
        guardrails: Non-inferiority tests; reason ``no_margin`` for metrics without one.
        scored: Comparisons by the score test of proportions.
        beliefs: Posteriors, where the plan has a prior.
        variance_reduction: Share of variance removed, ``nan`` without adjustment.
        slopes: Per metric, theta of each covariate (segment, treatment, covariate).
        sample_ratio: Test of the allocation.
        multiple_exposures: Share of units seen in more than one arm, where known.
        reason: ``single_arm`` when there is nothing to compare.
    """

    plan: AnalysisPlan
    moments: ExperimentMoments
    treatments: tuple[str, ...]
    arms: ArmEstimates
    effects: Effects
    corrected: Corrected
    guardrails: GuardrailTests
    scored: np.typing.NDArray[np.bool_]
    beliefs: Beliefs | None
    variance_reduction: Floats
    slopes: tuple[Floats, ...]
    sample_ratio: SampleRatioTest
    multiple_exposures: MultipleExposures | None
    reason: Reason | None

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of metrics, segments and treatments."""
        return (len(self.plan.metrics), len(self.moments.segments), len(self.treatments))

    def rows(self) -> Iterator[Comparison]:
        """Yield every comparison: metrics in plan order, then segments, then treatments."""
        for index in np.ndindex(self.shape):
            yield self._row(index)

    def row(self, *, metric: str, treatment: str | None = None, segment: str | None = None) -> Comparison:
        """Return one comparison by name; treatment and segment may be left out when single."""
        return self._row(self.position(metric=metric, treatment=treatment, segment=segment))

    def position(
        self, *, metric: str, treatment: str | None = None, segment: str | None = None
    ) -> tuple[int, int, int]:
        """Return where a comparison stands in the arrays."""
        return (
            _position("metric", [m.name for m in self.plan.metrics], metric),
            _position("segment", self.moments.segments, segment),
            _position("treatment", self.treatments, treatment),
        )

    def arm(self, *, metric: str, arm: str, segment: str | None = None) -> ArmResult:
        """Return one arm's observed value by name."""
        return self._arm(
            _position("metric", [m.name for m in self.plan.metrics], metric),
            _position("segment", self.moments.segments, segment),
            arm,
        )

    def _arm(self, metric: int, segment: int, arm: str) -> ArmResult:
        at = (metric, segment, _position("arm", self.moments.arms, arm))
        variance = _number(self.arms.variance[at])
        return ArmResult(
            arm=arm,
            units=int(self.arms.units[at]),
            value=_number(self.arms.value[at]),
            standard_error=None if variance is None else float(np.sqrt(variance)),
            reason=reason_of(int(self.arms.reason[at])),
        )

    def _row(self, at: tuple[int, ...]) -> Comparison:
        metric, segment, treatment = at
        effects, corrected = self.effects, self.corrected
        reason = reason_of(int(effects.reason[at]))
        log_adjusted = _number(corrected.log_p_value[at])
        return Comparison(
            metric=self.plan.metrics[metric],
            segment=self.moments.segments[segment],
            control=self._arm(metric, segment, self.plan.control),
            treatment=self._arm(metric, segment, self.treatments[treatment]),
            adjusted_control=_number(effects.control[at]),
            adjusted_treatment=_number(effects.treatment[at]),
            difference=_number(effects.difference[at]),
            standard_error=_number(effects.standard_error[at]),
            statistic=_number(effects.statistic[at]),
            df=None if self.scored[at] else _number(effects.df[at]),
            interval=_interval(effects.lower[at], effects.upper[at]),
            lift=_number(effects.lift[at]),
            lift_standard_error=_number(effects.lift_standard_error[at]),
            lift_interval=_interval(effects.lift_lower[at], effects.lift_upper[at]),
            p_value=_number(effects.p_value[at]),
            log_p_value=_number(effects.log_p_value[at]),
            correction=self.plan.corrections[self.plan.metrics[metric].role],
            adjusted_p_value=None if log_adjusted is None else max(float(np.exp(log_adjusted)), SMALLEST_P),
            log_adjusted_p_value=log_adjusted,
            adjusted_interval=_interval(corrected.lower[at], corrected.upper[at]),
            adjusted_lift_interval=_interval(corrected.lift_lower[at], corrected.lift_upper[at]),
            significant=None if reason else bool(corrected.significant[at]),
            variance_reduction=_number(self.variance_reduction[at]),
            guardrail=self.guardrails.verdict(at),
            belief=None if self.beliefs is None else belief_at(self.beliefs, at),
            uses_score=bool(self.scored[at]),
            reason=reason,
            lift_reason=None if reason else reason_of(int(effects.lift_reason[at])),
        )


def _number(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)


def _interval(lower: np.float64, upper: np.float64) -> Interval | None:
    if np.isnan(lower) or np.isnan(upper):
        return None
    return Interval(lower=float(lower), upper=float(upper))


def _position(kind: str, names: Sequence[str], name: str | None) -> int:
    if name is None:
        if len(names) != 1:
            raise StatisticsError(f"name the {kind}: one of {list(names)}")
        return 0
    if name not in names:
        raise StatisticsError(f"no {kind} {name!r} among {list(names)}")
    return list(names).index(name)
