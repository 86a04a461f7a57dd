"""What the pages of a metric show beside its definition: its versions, and what it measured lately."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from experiments.designs.design import MetricDefinition
from experiments.metrics.metric_authoring import DEFINITION
from experiments.metrics.metric_previews import MetricPreview, preview_of
from experiments.metrics.rules import MetricInput, definition_problems
from experiments.metrics.words import differences, expression, in_words
from experiments.models import Metric
from novarium.portal import numbers


def version_rows(metric: Metric) -> list[dict[str, Any]]:
    """Return the metric's versions, newest first, each with what it changed."""
    versions = list(metric.versions.select_related("author").order_by("number"))
    earlier = [{}, *(version.definition for version in versions)]
    return [
        {
            "version": version,
            "changes": differences(before, version.definition) if before else [],
            "expression": expression(MetricDefinition(key=metric.key, name=metric.name, **version.definition)),
        }
        for version, before in reversed(list(zip(versions, earlier, strict=False)))
    ]


def unsaved(form: forms.Form) -> tuple[MetricDefinition | None, list[str]]:
    """Return the definition that a form would save, or the sentences on why there is none."""
    named = {name: str(form.fields[name].label) for name in form.fields}
    wrong = {name: found for name, found in form.errors.items() if name in DEFINITION}
    if wrong:
        return None, [f"{named[name]}: {' '.join(str(one) for one in found)}" for name, found in wrong.items()]
    plain = {name: form.cleaned_data[name] for name in DEFINITION}
    plain["lookback_days"] = plain["lookback_days"] or 0
    problems = definition_problems(MetricInput(name="", description="", **plain))
    if problems:
        return None, [f"{named.get(name, name)}: {' '.join(found)}" for name, found in problems.items()]
    return MetricDefinition(key="unsaved", name="", **plain), []


def preview_context(definition: MetricDefinition) -> dict[str, Any]:
    """Return what the preview shows of a definition."""
    found = preview_of(definition)
    context: dict[str, Any] = {"preview": found, "words": in_words(definition)}
    if found is None or found.value is None:
        return context
    return {
        **context,
        "value": value_text(definition, found.value),
        "deviation": "" if found.deviation is None else value_text(definition, found.deviation),
        "correlation": "" if found.correlation is None else numbers.number(found.correlation, digits=2),
        "reduction": "" if found.correlation is None else numbers.percent(found.correlation**2, digits=0),
        "figure": _figure(definition, found),
        "days": [
            {"day": numbers.day(day.day), "units": day.units, "value": value_text(definition, day.value)}
            for day in found.daily
        ],
    }


def value_text(definition: MetricDefinition, value: float | None) -> str:
    """Return a value in the metric's unit."""
    match definition.unit:
        case "percent":
            return numbers.percent(value, digits=2)
        case "won":
            return numbers.money(value)
        case "hours":
            return _("%(hours)s h") % {"hours": numbers.number(value, digits=2)}
    return numbers.number(value, digits=3)


def _figure(definition: MetricDefinition, found: MetricPreview) -> dict[str, Any]:
    texts = [value_text(definition, day.value) for day in found.daily]
    units = [numbers.number(day.units) for day in found.daily]
    trace = {
        "x": [day.day.isoformat() for day in found.daily],
        "y": [day.value for day in found.daily],
        "mode": "lines+markers",
        "line": {"width": 2},
        "marker": {"size": 5},
        "meta": {"series": 1},
        "text": [f"{text} · {count} {_('units')}" for text, count in zip(texts, units, strict=True)],
        "hovertemplate": "%{text}<extra></extra>",
    }
    axis = {"tickformat": ".1%"} if definition.unit == "percent" else {}
    layout = {
        "xaxis": {"type": "date", "tickformat": pgettext("Plotly date", "%-d %b")},
        "yaxis": {"rangemode": "tozero", **axis},
        "showlegend": False,
    }
    return {"data": [trace], "layout": layout}
