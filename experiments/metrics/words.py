"""A metric's definition in words and as an expression over events. Pure but for the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.designs.design import MetricDefinition, MetricFilter
from experiments.metrics.filters import as_text
from experiments.models import Metric
from novarium.portal import numbers

Aggregation = Metric.Aggregation

_SIDES: dict[str, str | Promise] = {
    Aggregation.SUM: gettext_lazy("the amounts of %(event)s events"),
    Aggregation.COUNT: gettext_lazy("the number of %(event)s events"),
    Aggregation.EXISTS: gettext_lazy("the number of units with a %(event)s event"),
    Aggregation.ONCE: gettext_lazy("the number of units with exactly one %(event)s event"),
    Aggregation.REPEAT: gettext_lazy("the number of units with at least two %(event)s events"),
    Aggregation.HOURS: gettext_lazy("the hours from the first exposure to the first %(event)s event"),
}
_SHARES: dict[str, str | Promise] = {
    Aggregation.EXISTS: gettext_lazy(
        "The share of exposed units with at least one %(event)s event after their first exposure."
    ),
    Aggregation.ONCE: gettext_lazy(
        "The share of exposed units with exactly one %(event)s event after their first exposure."
    ),
    Aggregation.REPEAT: gettext_lazy(
        "The share of exposed units with at least two %(event)s events after their first exposure."
    ),
}
_STEPS: dict[str, str | Promise] = {
    Aggregation.EXISTS: gettext_lazy("at least one %(event)s event"),
    Aggregation.ONCE: gettext_lazy("exactly one %(event)s event"),
    Aggregation.REPEAT: gettext_lazy("at least two %(event)s events"),
}

LABELS: dict[str, str | Promise] = {
    **{
        name: getattr(Metric._meta.get_field(name), "verbose_name", name)
        for name in MetricDefinition.__dataclass_fields__
        if name != "key"
    },
    "version": gettext_lazy("version"),
}


def expression(metric: Metric | MetricDefinition) -> str:
    """Return the definition in a compact notation, such as ``Σ sum(purchase.amount) / Σ count(purchase)``."""
    top = _side(metric, "numerator")
    if metric.type in {Metric.Type.RATIO, Metric.Type.FUNNEL}:
        return f"Σ {top} / Σ {_side(metric, 'denominator')}"
    if metric.type == Metric.Type.QUANTILE:
        return f"P{(metric.quantile or 0) * 100:g} of {top}"
    if metric.type == Metric.Type.RETENTION:
        return f"Σ {top} on days {metric.from_day}–{metric.to_day} / units"
    return f"Σ {top} / units"


def _side(metric: Metric | MetricDefinition, side: str) -> str:
    event, aggregation = getattr(metric, f"{side}_event"), getattr(metric, f"{side}_aggregation")
    summed = f".{getattr(metric, f'{side}_property') or 'amount'}" if aggregation == Aggregation.SUM else ""
    filters = _filters(getattr(metric, f"{side}_filters"))
    conditions = f"[{', '.join(as_text(item) for item in filters)}]" if filters else ""
    return f"{aggregation}({event}{summed}{conditions})"


def _filters(given: Sequence[Any]) -> list[MetricFilter]:
    return [item if isinstance(item, MetricFilter) else MetricFilter(**item) for item in given]


def in_words(metric: Metric | MetricDefinition) -> str:
    """Return what is measured, in sentences."""
    return " ".join([_measured(metric), *_limits(metric)])


def _measured(metric: Metric | MetricDefinition) -> str:
    events = {"event": metric.numerator_event, "other": metric.denominator_event}
    match metric.type:
        case Metric.Type.RATIO:
            below = str(_SIDES[metric.denominator_aggregation]) % {"event": metric.denominator_event}
            return _("%(top)s of all exposed units together, divided by %(below)s of all together.") % {
                "top": _capitalised(str(_SIDES[metric.numerator_aggregation]) % events),
                "below": below,
            }
        case Metric.Type.PROPORTION:
            return str(_SHARES[metric.numerator_aggregation]) % events
        case Metric.Type.FUNNEL:
            return _("Of the units with %(base)s after their first exposure, the share with %(step)s.") % {
                "base": str(_STEPS[metric.denominator_aggregation]) % {"event": metric.denominator_event},
                "step": str(_STEPS[metric.numerator_aggregation]) % events,
            }
        case Metric.Type.RETENTION:
            return _(
                "The share of units with a %(event)s event from day %(first)d to day %(last)d after their first "
                "exposure, among those for which these days are over."
            ) % {**events, "first": metric.from_day or 0, "last": metric.to_day or 0}
        case Metric.Type.QUANTILE:
            return _quantile(metric) % {**events, "share": numbers.percent(metric.quantile, digits=0)}
        case _:
            top = str(_SIDES[metric.numerator_aggregation]) % events
            return _("%(top)s after the first exposure, on average per exposed unit.") % {"top": _capitalised(top)}


def _quantile(metric: Metric | MetricDefinition) -> str:
    if metric.numerator_aggregation == Aggregation.HOURS:
        return _(
            "The hours from the first exposure to the first %(event)s event within which %(share)s of the units that "
            "have one had it."
        )
    if metric.numerator_aggregation == Aggregation.SUM:
        return _("The sum of %(event)s events that %(share)s of the exposed units do not exceed.")
    return _("The number of %(event)s events that %(share)s of the exposed units do not exceed.")


def _limits(metric: Metric | MetricDefinition) -> list[str]:
    """Return a sentence for each of filters, window, cap and look-back that there is."""
    found = _conditions(metric)
    if metric.window_hours:
        hours = numbers.number(metric.window_hours)
        found.append(_("Only the first %(hours)s hours after the exposure count.") % {"hours": hours})
    if metric.cap_value:
        found.append(_("A unit counts as %(cap)s at most.") % {"cap": numbers.number(metric.cap_value)})
    if metric.cap_percentile:
        share = f"{numbers.number(metric.cap_percentile * 100)}%"
        found.append(_("A unit counts at most as the %(share)s quantile of all units above zero.") % {"share": share})
    if metric.lookback_days:
        found.append(
            _("CUPED takes out what the same events of the %(days)d days before the exposure explain.")
            % {"days": metric.lookback_days}
        )
    return found


def _conditions(metric: Metric | MetricDefinition) -> list[str]:
    top, below = (
        "; ".join(as_text(item) for item in _filters(given))
        for given in (metric.numerator_filters, metric.denominator_filters)
    )
    if not metric.denominator_event or top == below:
        return [_("Only events with %(conditions)s count.") % {"conditions": top}] if top else []
    sentences = (
        (top, _("Of the numerator's events only those with %(conditions)s count.")),
        (below, _("Of the denominator's events only those with %(conditions)s count.")),
    )
    return [sentence % {"conditions": conditions} for conditions, sentence in sentences if conditions]


def differences(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return what differs between two versions of a definition: label, earlier and later value."""
    return [
        (str(LABELS.get(name, name)), _value(name, before.get(name)), _value(name, after[name]))
        for name in after
        if before.get(name) != after[name]
    ]


def _value(name: str, value: Any) -> str:
    if value in (None, "", [], 0):
        return numbers.NOTHING
    if isinstance(value, list):
        return ", ".join(as_text(item) for item in _filters(value))
    choices = Metric._meta.get_field(name).flatchoices  # type: ignore[union-attr]  # none of these is a relation
    if choices:
        return str(dict(choices).get(value, value))
    return numbers.number(value) if isinstance(value, int | float) else str(value)


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]
