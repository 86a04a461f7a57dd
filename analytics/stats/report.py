"""What an analysis returns.

The `Report` holds arrays (metric × segment × comparison) so that hundreds of comparisons
cost one pass, and hands out single rows with names, units and reasons for a page.
In arrays ``nan`` marks what does not exist and a code says why; in rows it is ``None``
beside a `Reason`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from analytics.stats.estimands import Effects
from analytics.stats.guardrails import GuardrailTests, GuardrailVerdict
from analytics.stats.metrics import Metric
from analytics.stats.moments import Floats, Moments
from analytics.stats.multiplicity import Correction
from analytics.stats.plan import AnalysisPlan
from analytics.stats.quantiles import QuantileSummary
from analytics.stats.reasons import Codes, Reason, StatisticsError, reason_of
from analytics.stats.trust import MultipleExposures, SampleRatioTest


@dataclass(frozen=True, kw_only=True, eq=False)
class ExperimentMoments:
    """The data of an experiment, reduced to moments.

    Attributes:
        arms: Names of the arms, in the order of the last batch axis.
        metrics: Per metric, moments of shape ``(arm,)``, ``(segment, arm)`` or
            ``(segment, stratum, arm)``; for a quantile metric a `QuantileSummary`.
        segments: Names of the segments.
        strata: Names of the strata, when the moments have that axis.
        exposed: Units exposed per arm, for the sample-ratio test.
        multiply_exposed: Units seen in more than one arm (and left out of the moments).
    """

    arms: tuple[str, ...]
    metrics: Mapping[str, Moments | QuantileSummary]
    segments: tuple[str, ...] = ("all",)
    strata: tuple[str, ...] = ()
    exposed: tuple[int, ...] | None = None
    multiply_exposed: int | None = None

    def __post_init__(self) -> None:
        """Check that the axes match the names."""
        if len(set(self.arms)) != len(self.arms):
            raise StatisticsError(f"arm names repeat: {self.arms}")
        arms, segments, strata = len(self.arms), len(self.segments), len(self.strata)
        allowed = {(arms,): segments == 1 and not strata, (segments, arms): not strata,
                   (segments, strata, arms): strata > 0}
        for name, part in self.metrics.items():
            if not allowed.get(part.shape, False):
                raise StatisticsError(
                    f"metric {name!r} has shape {part.shape}; expected (segment, [stratum,] arm) "
                    f"= ({segments}, {f'{strata}, ' if strata else ''}{arms})"
                )
        if self.exposed is not None and len(self.exposed) != arms:
            raise StatisticsError("one number of exposed units per arm is needed")


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
    units: float
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
        df: Degrees of freedom.
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
        adjusted_lift_interval: Interval of the lift agreeing with the adjusted p-value.
        significant: Whether the adjusted p-value is at most the plan's alpha.
        variance_reduction: Share of the variance removed by adjustment; None without it.
        guardrail: Verdict, for a guardrail with a margin.
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
    reason: Reason | None
    lift_reason: Reason | None


@dataclass(frozen=True, kw_only=True, eq=False)
class ArmTable:
    """Observed values of all arms, arrays of shape (metric, segment, arm)."""

    units: Floats
    value: Floats
    standard_error: Floats
    reason: Codes


@dataclass(frozen=True, kw_only=True, eq=False)
class Corrected:
    """Corrected p-values and intervals, arrays of shape (metric, segment, comparison)."""

    log_p_value: Floats
    p_value: Floats
    lower: Floats
    upper: Floats
    lift_lower: Floats
    lift_upper: Floats


@dataclass(frozen=True, kw_only=True)
class TraceStep:
    """One number of a result and where it comes from.

    Attributes:
        name: Field of the `Comparison` it explains.
        formula: The formula in plain text.
        value: The number; None where it does not exist.
        reference: Paper or handbook with equation.
    """

    name: str
    formula: str
    value: float | None
    reference: str


@dataclass(frozen=True, kw_only=True)
class ArmTrace:
    """The moments of one arm that a comparison used."""

    arm: str
    count: float
    columns: tuple[str, ...]
    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Trace:
    """Where the numbers of a comparison come from.

    Attributes:
        method: Stable name of the method, such as ``welch`` or ``delta_ratio+cuped``.
        design: Name of the design.
        arms: The moments used (empty for quantiles, which have none).
        steps: The numbers in the order they are computed.
    """

    method: str
    design: str
    arms: tuple[ArmTrace, ...]
    steps: tuple[TraceStep, ...]


@dataclass(frozen=True, kw_only=True, eq=False)
class Report:
    """Results of `analyse`.

    Attributes:
        plan: The plan that was followed.
        moments: The data it was followed on.
        arms: Observed values by arm.
        effects: Differences and lifts at the plan's alpha, uncorrected.
        corrected: The same after correction for multiplicity.
        guardrails: Non-inferiority tests; ``nan`` rows for metrics without a margin.
        variance_reduction: Share of variance removed, ``nan`` without adjustment.
        sample_ratio: Test of the allocation.
        multiple_exposures: Share of units seen in more than one arm, where known.
    """

    plan: AnalysisPlan
    moments: ExperimentMoments
    treatments: tuple[str, ...]
    arms: ArmTable
    effects: Effects
    corrected: Corrected
    guardrails: GuardrailTests
    variance_reduction: Floats
    sample_ratio: SampleRatioTest
    multiple_exposures: MultipleExposures | None = None
    _index: Mapping[str, int] = field(default_factory=dict, repr=False)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of metrics, segments and treatments."""
        return (len(self.plan.metrics), len(self.moments.segments), len(self.treatments))

    def rows(self) -> Iterator[Comparison]:
        """Yield every comparison: metrics in plan order, then segments, then treatments."""
        for index in np.ndindex(*self.shape):
            yield self._row(index)

    def row(self, *, metric: str, treatment: str | None = None, segment: str | None = None) -> Comparison:
        """Return one comparison by name; treatment and segment may be left out when single."""
        names = [m.name for m in self.plan.metrics]
        return self._row((
            _position("metric", names, metric),
            _position("segment", self.moments.segments, segment),
            _position("treatment", self.treatments, treatment),
        ))

    def _row(self, index: tuple[int, ...]) -> Comparison:
        raise NotImplementedError
