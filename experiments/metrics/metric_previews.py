"""Where the measuring of a metric on recent events plugs in: analytics registers it, the metric's pages ask it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from experiments.designs.design import MetricDefinition


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewDay:
    """The metric of the units first seen on a day; ``value`` is None where it does not exist."""

    day: date
    units: int
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPreview:
    """A definition measured on the last days, per unit from its first page view on, as an exposure would count.

    Attributes:
        days: How many days were looked at.
        units: Units behind the value; of a quantile of hours, those that have the event.
        value: None where ``reason`` says why.
        deviation: Standard deviation of a unit's contribution: the value's standard error is it over √units.
        reason: Name of the reason from the statistics; None where there is a value.
        correlation: Between a unit's numerator and what CUPED would adjust by; None without a look-back.
        daily: By the day on which units were first seen, oldest first.
    """

    days: int
    units: int
    value: float | None
    deviation: float | None
    reason: str | None
    correlation: float | None
    daily: tuple[PreviewDay, ...]


class Previewer(Protocol):
    """Who can measure."""

    def preview(self, definition: MetricDefinition) -> MetricPreview:
        """Return the definition as the last days show it."""
        ...


_previewer: Previewer | None = None


def register(previewer: Previewer) -> None:
    """Make this the previewer; called from ``AppConfig.ready``."""
    global _previewer  # noqa: PLW0603 - the one previewer of the process
    _previewer = previewer


def preview_of(definition: MetricDefinition) -> MetricPreview | None:
    """Return the definition as the last days show it, or None where nobody can tell."""
    return _previewer.preview(definition) if _previewer else None
