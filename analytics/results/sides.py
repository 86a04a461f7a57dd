"""From metric definitions to what ``unit_values.sql`` reads: sources of events, and what becomes of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from experiments.public import MetricDefinition, MetricFilter, json_path

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Events of one name from ``opens`` to ``closes`` after the first exposure, that hold the filters' path."""

    name: str
    path: str | None
    variables: str | None
    property: str | None
    opens: timedelta
    closes: timedelta | None
    exposed_before: datetime | None


@dataclass(slots=True)
class _Sides:
    """Sources, each once, and parts: (source, metric, side, aggregation), counted from 1 as Postgres does."""

    sources: dict[_Source, int] = field(default_factory=dict)
    parts: list[tuple[int, int, str, str]] = field(default_factory=list)

    def add(self, metric: int, side: str, aggregation: str, source: _Source) -> None:
        number = self.sources.setdefault(source, len(self.sources) + 1)
        self.parts.append((number, metric, side, aggregation))


def parameters(
    metrics: Sequence[MetricDefinition], *, until: datetime, pauses: Sequence[tuple[datetime, datetime | None]]
) -> dict[str, Any]:
    """Return what ``unit_values.sql`` and its readers bind.

    Args:
        metrics: In the order that gives them their numbers, from 1.
        until: End of the data: the stop, or now.
        pauses: When nobody was shown a variant; events of these times do not count.
    """
    sides = _Sides()
    for number, metric in enumerate(metrics, start=1):
        _add(sides, number, metric, until)
    sources, parts = list(sides.sources), sides.parts
    return {
        "names": sorted({source.name for source in sources}),
        "source_names": [source.name for source in sources],
        "source_paths": [source.path for source in sources],
        "source_variables": [source.variables for source in sources],
        "source_properties": [source.property for source in sources],
        "source_opens": [source.opens for source in sources],
        "source_closes": [source.closes for source in sources],
        "source_exposed_before": [source.exposed_before for source in sources],
        "part_sources": [part[0] for part in parts],
        "part_metrics": [part[1] for part in parts],
        "part_sides": [part[2] for part in parts],
        "part_aggregations": [part[3] for part in parts],
        "filtered": any(source.path is not None for source in sources),
        "propertied": any(source.property is not None for source in sources),
        "windowed": any(source.opens or source.closes is not None for source in sources),
        "timed": any(part[3] == "hours" for part in parts),
        "paused": bool(pauses),
        "pauses": multirange(pauses),
        "capped": any(metric.cap_value is not None for metric in metrics),
        "caps": _floats(metric.cap_value for metric in metrics),
        "fixed_caps": _floats(metric.cap_value for metric in metrics),
        "percentiles": _floats(metric.cap_percentile for metric in metrics),
        "funnelled": any(metric.type == "funnel" for metric in metrics),
        "funnels": [metric.type == "funnel" for metric in metrics],
        "adjusted": numbers_of(metric.lookback_days > 0 for metric in metrics),
        "quantiles": numbers_of(metric.type == "quantile" for metric in metrics),
        "due_metrics": numbers_of(metric.type == "retention" for metric in metrics),
        "due_before": [mature_before(metric, until) for metric in metrics if metric.type == "retention"],
    }


def numbers_of(chosen: Iterable[bool]) -> list[int]:
    """Return the numbers, from 1, of what is chosen."""
    return [number for number, is_chosen in enumerate(chosen, start=1) if is_chosen]


def _floats(values: Iterable[float | None]) -> list[float | None]:
    """Return floats of what may be ints: a snapshot's JSON writes 30000.0 either way, an array is of one kind."""
    return [None if value is None else float(value) for value in values]


def longest_lookback(metrics: Sequence[MetricDefinition]) -> timedelta:
    """Return how long before the first exposure events are of interest."""
    return DAY * max((metric.lookback_days for metric in metrics), default=0)


def mature_before(metric: MetricDefinition, until: datetime) -> datetime:
    """Return by when a unit must have been exposed for its days of return to be over."""
    return until - DAY * ((metric.to_day or 0) + 1)


def multirange(pauses: Sequence[tuple[datetime, datetime | None]]) -> str:
    """Return stretches of time as Postgres writes a multirange.

    >>> multirange([])
    '{}'
    """
    return "{" + ",".join(f"[{start.isoformat()},{end.isoformat() if end else ''})" for start, end in pauses) + "}"


def _add(sides: _Sides, number: int, metric: MetricDefinition, until: datetime) -> None:
    opens, closes = _window(metric)
    exposed_before = mature_before(metric, until) if metric.type == "retention" else None
    for side, before, name, aggregation, summed, filters in (
        ("x", "u", metric.numerator_event, metric.numerator_aggregation, metric.numerator_property,
         metric.numerator_filters),
        ("y", "v", metric.denominator_event, metric.denominator_aggregation, metric.denominator_property,
         metric.denominator_filters),
    ):  # fmt: skip
        if not name:
            continue
        events = _events(name, summed, filters, exposed_before)
        sides.add(number, side, aggregation, _Source(**events, opens=opens, closes=closes))
        if metric.lookback_days:
            earlier = _Source(**events, opens=-DAY * metric.lookback_days, closes=timedelta())
            sides.add(number, before, aggregation, earlier)


def _events(
    name: str, summed: str, filters: tuple[MetricFilter, ...], exposed_before: datetime | None
) -> dict[str, Any]:
    path, variables = json_path(filters)
    return {
        "name": name,
        "path": path,
        "variables": variables,
        "property": summed or None,
        "exposed_before": exposed_before,
    }


def _window(metric: MetricDefinition) -> tuple[timedelta, timedelta | None]:
    """Return from when to when after the first exposure events count."""
    if metric.type == "retention":
        return DAY * (metric.from_day or 0), DAY * ((metric.to_day or 0) + 1)
    return timedelta(), timedelta(hours=metric.window_hours) if metric.window_hours else None
