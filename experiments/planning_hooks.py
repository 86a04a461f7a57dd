"""Where the statistics of planning plug in: analytics registers a planner, the builder asks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from experiments.design import MetricDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A metric as recent history shows it, per unit that reached the feature's page.

    Attributes:
        value: The metric's value.
        deviation: Standard deviation between units; for a ratio that of one unit's contribution (delta method).
        units: Units behind the numbers.
        new_units: Units first seen on each day of the history, oldest first.
    """

    value: float
    deviation: float
    units: int
    new_units: tuple[int, ...]

    @property
    def daily_units(self) -> int:
        """New units per day on average, rounded."""
        return round(sum(self.new_units) / len(self.new_units)) if self.new_units else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanQuestion:
    """What is to be planned.

    Attributes:
        deviation: Standard deviation between units; None for a proportion, whose deviation follows from the baseline.
        mde: Relative effect to be found, above zero; the metric's direction gives it its sign.
        weights: Share of each arm, control first; arms without units left out.
        coverage: Share of the units that take part.
        daily_units: New units per day before coverage; None leaves the duration out.
        new_units: New units of each day of the history, whose fall the plan follows; empty for an even flow.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class MdePoint:
    """How many units in all an effect of this size needs."""

    mde: float
    total: int


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
        total: Units in all arms together.
        power: Power at ``total``.
        days: Whole weeks until the units have come; None without ``daily_units`` or beyond a year.
    """

    per_arm: tuple[int, ...] = ()
    total: int | None = None
    power: float | None = None
    days: int | None = None
    curve: tuple[MdePoint, ...] = ()
    daily: tuple[DayPoint, ...] = ()
    reason: str = ""
    reason_days: str = ""

    @property
    def weeks(self) -> int:
        """Whole weeks of the days."""
        return (self.days or 0) // 7


class Planner(Protocol):
    """Who knows the statistics and the history."""

    def plan(self, question: PlanQuestion) -> Plan:
        """Answer how many units and days the question needs."""
        ...

    def baseline(self, metric: MetricDefinition, *, surface: str) -> Baseline | None:
        """Return the metric as recent history shows it, or None where there is too little."""
        ...


_planner: Planner | None = None


def register(planner: Planner) -> None:
    """Make this the planner; called from ``AppConfig.ready``."""
    global _planner  # noqa: PLW0603 - the one planner of the process
    _planner = planner


def plan_for(question: PlanQuestion) -> Plan | None:
    """Return the planner's answer, or None where none is installed."""
    return _planner.plan(question) if _planner else None


def baseline_for(metric: MetricDefinition, *, surface: str) -> Baseline | None:
    """Return the metric as recent history shows it, or None where nobody knows."""
    return _planner.baseline(metric, surface=surface) if _planner else None
