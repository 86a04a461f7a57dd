"""Which metrics read an event, and what of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from experiments.events.compatibility import Break
from experiments.models import Metric


@dataclass(frozen=True, slots=True)
class Uses:
    """Metrics that read an event: all of them, those that sum its amount, and those that read a property."""

    metrics: tuple[Metric, ...] = ()
    of_amount: frozenset[str] = frozenset()
    of_properties: dict[str, frozenset[str]] = field(default_factory=dict)

    def of_breaks(self, breaks: Sequence[Break]) -> list[str]:
        """Return the names of the metrics that read what would go or change."""
        found: set[str] = set()
        for each in breaks:
            if each.what == "amount":
                found |= self.of_amount
            elif each.takes_away:
                found |= self.of_properties.get(each.name, frozenset())
        return sorted(found)


def uses_of(event: str) -> Uses:
    """Return what reads the event."""
    metrics = tuple(Metric.objects.filter(Q(numerator_event=event) | Q(denominator_event=event)).order_by("name"))
    amount: set[str] = set()
    properties: dict[str, set[str]] = {}
    for metric in metrics:
        for read in _read(metric, event):
            (properties.setdefault(read, set()) if read else amount).add(metric.name)
    return Uses(metrics, frozenset(amount), {name: frozenset(names) for name, names in properties.items()})


def _read(metric: Metric, event: str) -> Iterator[str]:
    """Yield the properties of the event that the metric reads, and an empty text for its amount."""
    for side in ("numerator", "denominator"):
        if getattr(metric, f"{side}_event") != event:
            continue
        summed = getattr(metric, f"{side}_property", "")
        if summed:
            yield summed
        elif getattr(metric, f"{side}_aggregation") == Metric.Aggregation.SUM:
            yield ""
        for condition in getattr(metric, f"{side}_filters", ()):
            yield condition["property"]
