"""Where the statistics of planning plug in: analytics registers a planner, the builder asks it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from experiments.designs.design import MetricDefinition

# ``looks`` of a plan: how often the results are read while it runs. 1 is once, at the end.
AT_ANY_TIME = 0
ONCE = 1


class Follows(StrEnum):
    """Which of the three that hang together follows from the other two."""

    WEEKS = "weeks"
    MDE = "mde"
    POWER = "power"


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A metric as recent history shows it, per unit that reached the feature's page.

    Attributes:
        value: The metric's value.
        deviation: Standard deviation between units; for a ratio that of one unit's contribution (delta method).
        units: Units behind the numbers.
        new_units: Units first seen on each day of the history, oldest first.
        days: Days over which the value was measured.
        lookback_days: Days before a unit's first view in which its earlier behaviour was looked for.
        returning: Share of the units that were seen in the look-back; None where it was not looked at.
        correlation: Of a unit's value with its value in the look-back, over all units; who was not seen before has
            nothing there. None where it cannot be computed.
        returning_correlation: The same over the returning units only.
    """

    value: float
    deviation: float
    units: int
    new_units: tuple[int, ...]
    days: int = 14
    lookback_days: int = 14
    returning: float | None = None
    correlation: float | None = None
    returning_correlation: float | None = None

    @property
    def daily_units(self) -> int:
        """New units per day on average, rounded."""
        return round(sum(self.new_units) / len(self.new_units)) if self.new_units else 0

    @property
    def saved_variance(self) -> float:
        """Share of the variance that CUPED takes away."""
        return (self.correlation or 0.0) ** 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanQuestion:
    """What is to be planned.

    Attributes:
        deviation: Standard deviation between units; None for a proportion, whose deviation follows from the baseline.
        mde: Relative effect to be found, above zero; the metric's direction gives it its sign. Not looked at where it
            follows.
        power: Not looked at where it follows, but then used for the MDE of other numbers of units.
        weights: Share of each arm, control first; arms without units left out.
        coverage: Share of the units that take part, once the ramp is over.
        daily_units: New units per day before coverage; None leaves the duration out.
        new_units: New units of each day of the history, whose fall the plan follows; empty for an even flow.
        ramp: Share of ``coverage`` that is let in on each of the first days; empty without a ramp.
        looks: How often the results are read: ``ONCE``, at so many looks, or ``AT_ANY_TIME``.
        correlation: Of the metric with its CUPED covariate; 0 without CUPED.
        follows: What is answered; the other two are given.
        weeks: Given where it does not follow.
        typed_units: Units in all that somebody plans by hand; the answer says what they give.
    """

    metric: MetricDefinition
    baseline: float
    deviation: float | None
    mde: float
    alpha: float
    power: float
    weights: tuple[float, ...]
    coverage: float
    daily_units: int | None
    new_units: tuple[int, ...] = ()
    ramp: tuple[float, ...] = ()
    looks: int = ONCE
    correlation: float = 0.0
    follows: Follows = Follows.WEEKS
    weeks: int | None = None
    typed_units: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardrailQuestion:
    """A guardrail that the plan should be able to call safe; ``margin`` is relative to the control."""

    metric: MetricDefinition
    margin: float
    baseline: float
    deviation: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardrailPower:
    """What the planned units say about a guardrail that the treatment leaves alone.

    Attributes:
        power: Chance of the verdict "safe"; None where it cannot be computed.
        total: Units in all with which it reaches the plan's power; None where no number does.
        smallest_margin: The margin that the planned units could clear with the plan's power.
    """

    metric: MetricDefinition
    margin: float
    power: float | None
    total: int | None
    smallest_margin: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MdePoint:
    """How many units in all an effect of this size needs, and in how many whole weeks they come (None: a year)."""

    mde: float
    total: int
    weeks: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPoint:
    """What is reached when the experiment ends after this day; ``mde`` is the smallest relative effect found."""

    day: int
    units: int
    power: float
    mde: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The answer; ``reason`` is a sentence where there is no number, and ``reason_days`` where there are no days.

    Attributes:
        per_arm: Units of each arm, in the order of the question's weights.
        total: Units in all arms together; with looks the largest number, if it never stops early.
        mde: The effect planned for, or that follows.
        power: Power at ``total``.
        days: Whole weeks until the units have come; None without ``daily_units`` or beyond a year.
        first_day: Day on which enough units have come, before rounding up to weeks.
        average_units: Units at the stop on average if the effect is there; equal to ``total`` when read once.
        inflation: ``total`` as a multiple of what reading once would need.
        curve: Units by effect.
        daily: Power and effect by day.
        arriving: Units that take part up to the end of each day.
        known_days: Days of ``arriving`` that are recorded; later ones are foretold.
        typed_power: Power with the question's ``typed_units``.
    """

    per_arm: tuple[int, ...] = ()
    total: int | None = None
    mde: float | None = None
    power: float | None = None
    days: int | None = None
    first_day: int | None = None
    average_units: int | None = None
    inflation: float = 1.0
    curve: tuple[MdePoint, ...] = ()
    daily: tuple[DayPoint, ...] = ()
    arriving: tuple[int, ...] = ()
    known_days: int = 0
    typed_power: float | None = None
    reason: str = ""
    reason_days: str = ""

    @property
    def weeks(self) -> int:
        """Whole weeks of the days."""
        return (self.days or 0) // 7

    def after_week(self, week: int) -> DayPoint | None:
        """Return what is reached at the end of a week, where the chart reaches that far."""
        return next((point for point in self.daily if point.day == 7 * week), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sketch:
    """A plan in short, to be set beside others.

    Attributes:
        mde: What is found in the weeks of the plan it is set beside.
    """

    total: int | None
    average_units: int | None
    days: int | None
    mde: float | None


class Planner(Protocol):
    """Who knows the statistics and the history."""

    def plan(self, question: PlanQuestion) -> Plan:
        """Answer how many units and days the question needs, or what can be found in given weeks."""
        ...

    def sketch(self, question: PlanQuestion, *, days: int | None) -> Sketch:
        """Answer in short, and what is found in so many days."""
        ...

    def guardrails(
        self, question: PlanQuestion, guardrails: Sequence[GuardrailQuestion], *, total: int
    ) -> tuple[GuardrailPower, ...]:
        """Answer what so many units say about each guardrail."""
        ...

    def baseline(
        self, metric: MetricDefinition, *, surface: str, condition: Mapping[str, Any] = ...
    ) -> Baseline | None:
        """Return the metric as recent history shows it among the units that meet the condition, or None."""
        ...


@dataclass(slots=True)
class _Registry:
    planner: Planner | None = field(default=None)


_registry = _Registry()


def register(planner: Planner) -> None:
    """Make this the planner; called from ``AppConfig.ready``."""
    _registry.planner = planner


def plan_for(question: PlanQuestion) -> Plan | None:
    """Return the planner's answer, or None where none is installed."""
    return _registry.planner.plan(question) if _registry.planner else None


def sketch_for(question: PlanQuestion, *, days: int | None) -> Sketch | None:
    """Return the planner's answer in short, or None where none is installed."""
    return _registry.planner.sketch(question, days=days) if _registry.planner else None


def guardrails_for(
    question: PlanQuestion, guardrails: Sequence[GuardrailQuestion], *, total: int
) -> tuple[GuardrailPower, ...]:
    """Return what so many units say about each guardrail; nothing where no planner is installed."""
    return _registry.planner.guardrails(question, guardrails, total=total) if _registry.planner else ()


def baseline_for(
    metric: MetricDefinition, *, surface: str, condition: Mapping[str, Any] | None = None
) -> Baseline | None:
    """Return the metric as recent history shows it, or None where nobody knows."""
    if _registry.planner is None:
        return None
    return _registry.planner.baseline(metric, surface=surface, condition=condition or {})
