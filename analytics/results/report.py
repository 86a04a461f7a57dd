"""What the results of a run are: plain frozen values for pages, programs and the archive. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from experiments.public import MetricDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """How many units a variant got.

    Attributes:
        weight: Planned share of the units, 0..1.
        expected: Units that the plan would have given it; None without a sample-ratio test.
    """

    variant: str
    name: str
    weight: float
    units: int
    expected: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleRatio:
    """Chi-square test of the allocation against the weights; ``reason`` where there is none."""

    statistic: float | None
    df: int | None
    p_value: float | None
    mismatch: bool | None
    level: float
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipleExposures:
    """Units that saw several variants; they count in none."""

    units: int
    share: float | None
    excessive: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmValue:
    """A metric in one variant.

    Attributes:
        value: Mean, rate or ratio; None where ``reason`` says why.
        numerator: Sum of the numerator over the units.
        denominator: Sum of the denominator; None unless the metric is a ratio.
    """

    variant: str
    name: str
    units: int
    value: float | None
    standard_error: float | None
    numerator: float
    denominator: float | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardrailResult:
    """Whether a treatment is worse than the control by less than the margin; harm is positive.

    Attributes:
        verdict: ``safe``, ``harmed`` or ``undecided``; None where ``reason`` says why.
        margin: Tolerance in units of the metric.
        worst_case: Upper bound of the worsening at the guardrail's one-sided level.
        p_value: Of "worse by the margin or more"; small means safe.
        power: How likely the test is to call an unchanged metric safe with these units.
    """

    verdict: str | None
    margin: float | None
    worsening: float | None
    worst_case: float | None
    p_value: float | None
    power: float | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceLine:
    """Where one number comes from; intervals have both ``low`` and ``high``, single numbers only ``low``."""

    name: str
    formula: str
    low: float | None
    high: float | None
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ComparisonResult:
    """One treatment against the control on one metric.

    Intervals and p-value are corrected for the number of treatments (Holm for the OEC), so all three agree.

    Attributes:
        lift: Difference over the control's absolute value.
        lift_low: Fieller's interval; excludes zero exactly when ``low``..``high`` does.
        significant: Whether ``p_value`` is at most the design's alpha.
        improved: Whether the significant difference goes the metric's better way.
        reason: Why there is no comparison.
        lift_reason: Why there is no lift although there is a difference.
        variance_reduction: Share of the variance that CUPED or the strata took away; None where nothing was adjusted.
    """

    variant: str
    name: str
    difference: float | None
    low: float | None
    high: float | None
    lift: float | None
    lift_low: float | None
    lift_high: float | None
    p_value: float | None
    unadjusted_p_value: float | None
    standard_error: float | None
    df: float | None
    significant: bool | None
    improved: bool | None
    guardrail: GuardrailResult | None
    reason: str | None
    lift_reason: str | None
    method: str
    trace: tuple[TraceLine, ...]
    variance_reduction: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricResult:
    """A metric of the design in every variant.

    Attributes:
        margin: A guardrail's relative tolerance.
        cap: At which value units were capped; None without a cap.
    """

    definition: MetricDefinition
    role: str
    margin: float | None
    arms: tuple[ArmValue, ...]
    comparisons: tuple[ComparisonResult, ...]
    cap: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesPoint:
    """The OEC's difference for the units first exposed up to the end of a bucket of time."""

    at: datetime
    variant: str
    units: int
    difference: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseResult:
    """A phase of the run.

    Attributes:
        kind: What opened it; see ``experiments.public.PhaseDesign``.
        coverage: Share of units that took part, 0..1; nobody did while it was ``paused``.
        weights: Share of each variant, in the order of the allocation.
        units: First exposed in it, of each variant.
    """

    number: int
    kind: str
    paused: bool
    started_at: datetime
    coverage: float
    weights: tuple[float, ...]
    units: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Planned against reached units.

    Attributes:
        daily_rate: Units per day at the rate of the last day; None unless the run is running.
        days_left: Until the planned units at that rate; None where there is no rate.
    """

    planned: int
    reached: int
    daily_rate: float | None
    days_left: float | None

    @property
    def is_complete(self) -> bool:
        """Whether the planned sample is reached."""
        return self.reached >= self.planned

    @property
    def share(self) -> float:
        """Reached share of the plan, at most 1."""
        return min(self.reached / self.planned, 1.0) if self.planned else 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultReport:
    """Everything the results page says about a run.

    Attributes:
        status: Of the run: ``running``, ``paused``, ``stopped`` or ``decided``.
        corrected_for: Treatments that the OEC's p-values are corrected for (1: no correction).
        bucket: ``second``, ``minute``, ``hour`` or ``day``: the step of ``series``.
        fingerprint: Changes whenever the data do.
        milliseconds: What computing took.
        phases: Of the run, oldest first; empty in reports from before there were any.
        strata: Sets of weights whose effects were combined; 0 where all units were pooled.
        left_out: Units of phases in which a variant had too few to be compared.
    """

    experiment: str
    name: str
    run_id: int
    run_number: int
    status: str
    started_at: datetime
    stopped_at: datetime | None
    alpha: float
    control: str
    units: int
    corrected_for: int
    allocation: tuple[Allocation, ...]
    sample_ratio: SampleRatio
    multiple: MultipleExposures
    progress: Progress
    metrics: tuple[MetricResult, ...]
    bucket: str
    series: tuple[SeriesPoint, ...]
    fingerprint: str
    computed_at: datetime
    milliseconds: float
    phases: tuple[PhaseResult, ...] = ()
    strata: int = 0
    left_out: int = 0

    @property
    def oec(self) -> MetricResult:
        """The metric that decides."""
        return self.metrics[0]

    @property
    def guardrails(self) -> tuple[MetricResult, ...]:
        """The metrics that must not get worse."""
        return self.metrics[1:]
