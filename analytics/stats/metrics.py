"""Metric specifications: what is measured, in which role, and which direction is good.

A metric names columns of the moments it is computed from. The convention for callers that
do not care: ``value`` for the outcome (numerator), ``denominator`` for the denominator of
a ratio, and one column per covariate.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from analytics.stats.reasons import StatisticsError


class Role(StrEnum):
    """The family a metric belongs to; corrections for multiplicity never cross families."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    GUARDRAIL = "guardrail"


class Direction(StrEnum):
    """Which way is good."""

    HIGHER = "higher"
    LOWER = "lower"


class MarginScale(StrEnum):
    """What a non-inferiority margin is measured in."""

    ABSOLUTE = "absolute"
    """In units of the metric."""
    RELATIVE = "relative"
    """As a share of the control's true mean; the noise of the control counts."""
    RELATIVE_TO_OBSERVED = "relative_to_observed"
    """As a share of the control's observed mean, taken as if it were known."""


@dataclass(frozen=True, kw_only=True)
class Margin:
    """How much worse than control a guardrail may truly be and still be called safe.

    Attributes:
        size: Positive tolerance; the direction comes from the metric.
        scale: Unit of the tolerance.
    """

    size: float
    scale: MarginScale = MarginScale.RELATIVE

    def __post_init__(self) -> None:
        """Refuse a negative tolerance: the sign belongs to the metric's direction."""
        if not 0 <= self.size < float("inf"):
            raise StatisticsError(f"a margin is zero or positive, not {self.size}")


@dataclass(frozen=True, kw_only=True)
class Covariate:
    """A column that explains part of the outcome and cannot be affected by the variant.

    Attributes:
        column: Column of the moments.
        denominator: For a covariate that is itself a ratio (sessions' clicks before
            exposure over sessions before exposure), the column it is divided by.
        measured: When it was measured. One measured after exposure may carry the
            effect itself and is refused.
    """

    column: str
    denominator: str | None = None
    measured: Literal["before_exposure", "after_exposure"] = "before_exposure"

    def __post_init__(self) -> None:
        """Refuse a covariate that the treatment may have changed."""
        if self.measured != "before_exposure":
            raise StatisticsError(
                f"covariate {self.column!r} is measured after exposure: adjusting for it would "
                "remove part of the effect"
            )


@dataclass(frozen=True, kw_only=True)
class Capping:
    """Limits on a unit's value, so that a few extreme units do not decide the result.

    Either bounds in the metric's units, or a percentile of the pooled arms (never of one
    arm alone: arm-wise caps would bias the difference).

    Attributes:
        lower: Values below become this.
        upper: Values above become this.
        percentile: Cap at this quantile of the pooled units, between 0 and 1.
        ignore_zeros: Take the percentile among units with a non-zero value.
    """

    lower: float | None = None
    upper: float | None = None
    percentile: float | None = None
    ignore_zeros: bool = False

    def __post_init__(self) -> None:
        """Refuse contradictory limits."""
        if self.percentile is not None:
            if not 0 < self.percentile < 1:
                raise StatisticsError("a capping percentile lies between 0 and 1")
            if self.upper is not None:
                raise StatisticsError("cap at a value or at a percentile, not at both")
        if self.lower is not None and self.upper is not None and self.lower >= self.upper:
            raise StatisticsError("the lower cap must be below the upper one")


@dataclass(frozen=True, kw_only=True)
class ConversionWindow:
    """Which events count for a unit: those in ``[start, start + length)`` after exposure.

    Attributes:
        length_hours: Length; None means until the end of the data.
        start_hours: Delay after exposure; negative for a period before it (covariates).
    """

    length_hours: float | None = None
    start_hours: float = 0.0

    def __post_init__(self) -> None:
        """Refuse an empty window."""
        if self.length_hours is not None and self.length_hours <= 0:
            raise StatisticsError("a conversion window has a positive length")

    @property
    def end_hours(self) -> float:
        """End of the window in hours after exposure."""
        return float("inf") if self.length_hours is None else self.start_hours + self.length_hours


@dataclass(frozen=True, kw_only=True)
class Mean:
    """Mean of a unit's value; variance with divisor n - 1; Welch's test."""

    value: str = "value"


class RateTest(StrEnum):
    """How two proportions are compared."""

    WELCH = "welch"
    """Unpooled, as means are; where one arm has no variance at all, the score test steps in."""
    SCORE = "score"
    """The score test of Miettinen and Nurminen throughout; plan it for rare events."""


@dataclass(frozen=True, kw_only=True)
class Proportion:
    """Share of units with value 1 (all values 0 or 1); variance p(1 - p).

    Attributes:
        value: Column of zeros and ones.
        test: How arms are compared; a comparison with covariates or strata is always unpooled.
    """

    value: str = "value"
    test: RateTest = RateTest.WELCH


@dataclass(frozen=True, kw_only=True)
class Ratio:
    """Ratio of two sums over units whose denominators vary; delta method."""

    numerator: str = "value"
    denominator: str = "denominator"


@dataclass(frozen=True, kw_only=True)
class Quantile:
    """A quantile of unit values or of events clustered in units.

    Attributes:
        probability: Which quantile, between 0 and 1.
        clustered: Whether the values are events and units (clusters) hold several.
    """

    probability: float
    clustered: bool = False

    def __post_init__(self) -> None:
        """Refuse a quantile that does not exist."""
        if not 0 < self.probability < 1:
            raise StatisticsError("a quantile lies between 0 and 1")


@dataclass(frozen=True, kw_only=True)
class Retention:
    """Share of units active again in a window that starts some days after exposure.

    Only units whose window has ended count (their number is the arm's n), otherwise the
    newest units would be called lost before they had the chance to return.

    Attributes:
        from_day: First day after exposure that counts (7 for "day-7 retention").
        days: Length of the window in days.
        value: Column of zeros and ones.
    """

    from_day: int
    days: int = 1
    value: str = "value"

    def __post_init__(self) -> None:
        """Refuse a window at or before exposure."""
        if self.from_day < 1 or self.days < 1:
            raise StatisticsError("retention starts at least one day after exposure")

    @property
    def window(self) -> ConversionWindow:
        """The window in hours after exposure."""
        return ConversionWindow(start_hours=24.0 * self.from_day, length_hours=24.0 * self.days)


@dataclass(frozen=True, kw_only=True)
class FunnelStep:
    """Share of units that reach a step of a funnel among those that reached an earlier one.

    A ratio of two 0/1 columns, analysed by the delta method over all units. With an
    earlier step as the base the share is conditional on something the variant may change:
    a variant that lets more undecided visitors through lowers it without doing harm. Prefer
    the share of all units (a `Proportion`) for a decision.

    Attributes:
        reached: Column that is 1 when the step was reached.
        base: Column that is 1 when the earlier step was reached.
    """

    reached: str = "value"
    base: str = "denominator"


Measure = Mean | Proportion | Ratio | Quantile | Retention | FunnelStep


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One metric of an analysis plan.

    Attributes:
        name: Key of its moments in `ExperimentMoments.metrics`.
        measure: What is estimated and from which columns.
        role: Family for the correction of multiplicity.
        better: Which direction is good; decides on harm, never on signs of estimates.
        covariates: Pre-exposure columns for variance reduction (CUPED).
        margin: Tolerance of a guardrail.
        capping: How unit values were capped (applied when moments are made).
        window: Which events count (applied when moments are made).
    """

    name: str
    measure: Measure = Mean()
    role: Role = Role.SECONDARY
    better: Direction = Direction.HIGHER
    covariates: tuple[Covariate, ...] = ()
    margin: Margin | None = None
    capping: Capping | None = None
    window: ConversionWindow | None = None

    def __post_init__(self) -> None:
        """Refuse combinations that have no meaning."""
        if isinstance(self.measure, Quantile) and self.covariates:
            raise StatisticsError("variance reduction is not defined for quantiles")
        if self.window is not None and isinstance(self.measure, Retention):
            raise StatisticsError("retention brings its own window")

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the moments this metric needs, outcome first."""
        names = [*measure_columns(self.measure)]
        for covariate in self.covariates:
            names.append(covariate.column)
            if covariate.denominator is not None:
                names.append(covariate.denominator)
        return tuple(dict.fromkeys(names))


def measure_columns(measure: Measure) -> tuple[str, ...]:
    """Return the outcome columns of a measure: numerator, then denominator if it has one.

    >>> measure_columns(Ratio(numerator="clicks", denominator="views"))
    ('clicks', 'views')
    """
    match measure:
        case Mean(value=value) | Proportion(value=value) | Retention(value=value):
            return (value,)
        case Ratio(numerator=top, denominator=bottom) | FunnelStep(reached=top, base=bottom):
            return (top, bottom)
        case Quantile():
            return ()
