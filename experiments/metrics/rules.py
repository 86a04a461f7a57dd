"""What makes a metric's definition meaningful, given the known events: the rules by field, each with its sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.catalogue.events import EventKind
from experiments.events import event_catalogue
from experiments.metrics.filters import NAME, OPERATORS
from experiments.models import Metric

Type, Aggregation, Unit = Metric.Type, Metric.Aggregation, Metric.Unit

DIVIDED = frozenset({Type.RATIO, Type.FUNNEL})
CAPPED = frozenset({Type.MEAN, Type.RATIO})
SHARES = frozenset({Type.PROPORTION, Type.RETENTION, Type.FUNNEL})
REACHED = frozenset({Aggregation.EXISTS, Aggregation.ONCE, Aggregation.REPEAT})
AMOUNT = "amount"
LONGEST_WINDOW_HOURS = 24 * 366
LONGEST_LOOKBACK_DAYS = 90
LAST_DAY = 180
MOST_FILTERS = 10

# By type: how a unit's events may become its numerator, and the sentence that says so.
NUMERATORS: dict[str, tuple[frozenset[str], str | Promise]] = {
    Type.PROPORTION: (REACHED, gettext_lazy("A proportion counts units with at least one event, or one, or two.")),
    Type.MEAN: (
        frozenset({Aggregation.COUNT, Aggregation.SUM}),
        gettext_lazy("A mean counts or sums; at least one makes a proportion, and hours a quantile or a ratio."),
    ),
    Type.RATIO: (frozenset(Aggregation), ""),
    Type.QUANTILE: (
        frozenset({Aggregation.COUNT, Aggregation.SUM, Aggregation.HOURS}),
        gettext_lazy("A quantile needs numbers: a count, a sum or hours."),
    ),
    Type.RETENTION: (frozenset({Aggregation.EXISTS}), gettext_lazy("A return is at least one event.")),
    Type.FUNNEL: (REACHED, gettext_lazy("A step of a funnel is reached or not: count no events here.")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricInput:
    """A metric as an analyst typed it; see ``experiments.models.Metric`` for the meaning.

    Filters are in their JSON form: objects with ``property``, ``operator`` and ``value``.
    """

    name: str
    description: str
    type: str
    numerator_event: str
    numerator_aggregation: str
    numerator_property: str = ""
    numerator_filters: Sequence[Mapping[str, Any]] = ()
    denominator_event: str = ""
    denominator_aggregation: str = ""
    denominator_property: str = ""
    denominator_filters: Sequence[Mapping[str, Any]] = ()
    window_hours: float | None = None
    cap_value: float | None = None
    cap_percentile: float | None = None
    lookback_days: int = 0
    quantile: float | None = None
    from_day: int | None = None
    to_day: int | None = None
    direction: str
    unit: str
    owner_id: int | None = None


Finding = tuple[str, str]


def definition_problems(given: MetricInput) -> dict[str, list[str]]:
    """Return what is wrong with a definition: sentences by field; empty where nothing is."""
    problems: dict[str, list[str]] = {}
    for check in _CHECKS:
        for name, sentence in check(given):
            problems.setdefault(name, []).append(sentence)
    return problems


def _check_choices(given: MetricInput) -> Iterator[Finding]:
    if given.type not in Type.values:
        yield "type", _("Choose a type.")
    if given.direction not in Metric.Direction.values:
        yield "direction", _("Say which way is better.")
    if given.unit not in Unit.values:
        yield "unit", _("Choose how values are written.")


def _check_sides(given: MetricInput) -> Iterator[Finding]:
    yield from _check_side("numerator", given.numerator_event, given.numerator_aggregation, given.numerator_property)
    if given.type in DIVIDED:
        yield from _check_side(
            "denominator", given.denominator_event, given.denominator_aggregation, given.denominator_property
        )
    elif given.denominator_event or given.denominator_aggregation or given.denominator_filters:
        yield "denominator_event", _("Only a ratio or a funnel step has a denominator.")


def _check_side(side: str, event: str, aggregation: str, summed: str) -> Iterator[Finding]:
    kind = event_catalogue.kinds().get(event)
    if kind is None:
        yield f"{side}_event", _("Choose a known event.")
    elif aggregation == Aggregation.SUM and not _has_number(kind, summed):
        yield f"{side}_aggregation", _nothing_to_sum(event, summed)
    if aggregation not in Aggregation.values:
        yield f"{side}_aggregation", _("Choose how a unit's events become a number.")
    elif summed and aggregation != Aggregation.SUM:
        yield f"{side}_property", _("Only a sum needs to know what is summed.")


def _nothing_to_sum(event: str, summed: str) -> str:
    if summed:
        return _("%(event)s carries no number %(name)s to sum.") % {"event": event, "name": summed}
    return _("%(event)s carries no amount to sum.") % {"event": event}


def _check_aggregations(given: MetricInput) -> Iterator[Finding]:
    allowed, sentence = NUMERATORS.get(given.type, (frozenset(Aggregation), ""))
    if given.numerator_aggregation in Aggregation.values and given.numerator_aggregation not in allowed:
        yield "numerator_aggregation", str(sentence)
    if given.type == Type.FUNNEL and given.denominator_aggregation not in REACHED:
        yield "denominator_aggregation", str(NUMERATORS[Type.FUNNEL][1])
    if given.type == Type.RATIO and given.denominator_aggregation == Aggregation.HOURS:
        yield "denominator_aggregation", _("Nothing is divided by hours.")


def _check_unit(given: MetricInput) -> Iterator[Finding]:
    if given.type == Type.PROPORTION and given.unit != Unit.PERCENT:
        yield "unit", _("A proportion is written in per cent.")
    elif given.type in SHARES and given.unit != Unit.PERCENT:
        yield "unit", _("A share of units is written in per cent.")


def _check_window(given: MetricInput) -> Iterator[Finding]:
    if given.window_hours is None:
        return
    if given.type == Type.RETENTION:
        yield "window_hours", _("Retention brings its own window: the days.")
    elif not 0 < given.window_hours <= LONGEST_WINDOW_HOURS:
        yield "window_hours", _("A window is above zero and at most a year.")


def _check_cap(given: MetricInput) -> Iterator[Finding]:
    caps = {"cap_value": given.cap_value, "cap_percentile": given.cap_percentile}
    typed = {name: cap for name, cap in caps.items() if cap is not None}
    if typed and given.type not in CAPPED:
        yield next(iter(typed)), _("Only a mean or the numerator of a ratio is capped.")
    elif len(typed) == 2:
        yield "cap_percentile", _("Cap at a value or at a percentile, not at both.")
    elif given.cap_value is not None and not 0 < given.cap_value < math.inf:
        yield "cap_value", _("A cap is above zero.")
    elif given.cap_percentile is not None and not 0 < given.cap_percentile < 1:
        yield "cap_percentile", _("A percentile lies between 0 and 100.")


def _check_lookback(given: MetricInput) -> Iterator[Finding]:
    if given.lookback_days == 0:
        return
    if given.type == Type.QUANTILE or given.numerator_aggregation == Aggregation.HOURS:
        yield "lookback_days", _("CUPED does not apply to quantiles and to hours: set 0.")
    elif not 0 < given.lookback_days <= LONGEST_LOOKBACK_DAYS:
        yield "lookback_days", _("From 0 to %(n)d days.") % {"n": LONGEST_LOOKBACK_DAYS}


def _check_quantile(given: MetricInput) -> Iterator[Finding]:
    if given.type != Type.QUANTILE:
        if given.quantile is not None:
            yield "quantile", _("Only a quantile has a probability.")
    elif given.quantile is None or not 0 < given.quantile < 1:
        yield "quantile", _("Type which quantile: 50% is the median.")


def _check_days(given: MetricInput) -> Iterator[Finding]:
    if given.type != Type.RETENTION:
        for name in ("from_day", "to_day"):
            if getattr(given, name) is not None:
                yield name, _("Only retention has days.")
        return
    if given.from_day is None or not 1 <= given.from_day <= LAST_DAY:
        yield "from_day", _("From day 1 to %(n)d after the first exposure.") % {"n": LAST_DAY}
    elif given.to_day is None or not given.from_day <= given.to_day <= LAST_DAY:
        yield "to_day", _("From the first day on, at most %(n)d.") % {"n": LAST_DAY}


def _check_filters(given: MetricInput) -> Iterator[Finding]:
    sides = {
        "numerator_filters": (given.numerator_event, given.numerator_filters),
        "denominator_filters": (given.denominator_event, given.denominator_filters),
    }
    for name, (event, filters) in sides.items():
        if not isinstance(filters, list | tuple) or len(filters) > MOST_FILTERS:
            yield name, _("At most %(n)d filters, in a list.") % {"n": MOST_FILTERS}
            continue
        for item in filters:
            sentence = filter_problem(item, event)
            if sentence:
                yield name, sentence


def filter_problem(item: Any, event: str) -> str:
    """Return what is wrong with a filter of an event's properties, as a sentence; empty where nothing is."""
    if not isinstance(item, Mapping) or set(item) != {"property", "operator", "value"}:
        return _("A filter has a property, an operator and a value.")
    name, operator, value = item["property"], item["operator"], item["value"]
    if not isinstance(name, str) or not NAME.fullmatch(name):
        return _("A filter begins with the name of a property.")
    if operator not in OPERATORS:
        return _("A filter compares by one of %(operators)s.") % {"operators": " ".join(OPERATORS)}
    known = property_types(event)
    if known and name not in known:
        names = ", ".join(sorted(known))
        return _("%(event)s has no property %(name)s; it has: %(names)s.") % {
            "event": event,
            "name": name,
            "names": names,
        }
    return _value_problem(name, operator, value, known.get(name))


def _value_problem(name: str, operator: str, value: Any, kind: type | None) -> str:
    if operator in {">", "<"}:
        return (
            ""
            if _is_number(value)
            else _("%(name)s %(operator)s needs a number.") % {"name": name, "operator": operator}
        )
    values = list(value) if operator == "in" and isinstance(value, list | tuple) else [value]
    if operator == "in" and (not isinstance(value, list | tuple) or not values):
        return _("Type the values of %(name)s, separated by commas.") % {"name": name}
    if not all(isinstance(one, str | bool) or _is_number(one) for one in values):
        return _("A value is a text, a number, true or false.")
    if kind and not all(_fits(one, kind) for one in values):
        return (
            _("%(name)s is a number: compare it with a number.") % {"name": name}
            if kind is not str
            else _("%(name)s is a text: compare it with a text.") % {"name": name}
        )
    return ""


def property_types(event: str) -> dict[str, type]:
    """Return an event's declared properties with their types, its amount among them; empty for an unknown event."""
    kind = event_catalogue.kinds().get(event)
    if kind is None:
        return {}
    declared = {item.name: item.python_type for item in kind.properties}
    return {**declared, **({AMOUNT: int} if kind.amount else {})}


def _has_number(kind: EventKind, summed: str) -> bool:
    if not summed:
        return kind.amount
    found = kind.property_named(summed)
    return found is not None and found.python_type in {int, float}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _fits(value: Any, kind: type) -> bool:
    if kind in {int, float}:
        return _is_number(value)
    return isinstance(value, kind)


_CHECKS: tuple[Callable[[MetricInput], Iterator[Finding]], ...] = (
    _check_choices,
    _check_sides,
    _check_aggregations,
    _check_unit,
    _check_window,
    _check_cap,
    _check_lookback,
    _check_quantile,
    _check_days,
    _check_filters,
)
