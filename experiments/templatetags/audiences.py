"""Audiences in templates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from experiments.audiences.audience import attributes
from experiments.audiences.panel import Panel, panel_of
from experiments.audiences.words import describe
from experiments.models import Experiment

register = template.Library()


@register.simple_tag(takes_context=True)
def audience_of(context: template.Context, experiment: Experiment) -> Panel:
    """Return the audience's panel: the one of the page, or that of the draft as it is saved."""
    given = context.get("audience")
    return given if isinstance(given, Panel) else panel_of(experiment.condition)


@register.simple_tag
def audience_words(condition: Mapping[str, Any]) -> str:
    """Say whom a condition is for."""
    return describe(condition, attributes()) if condition else describe({}, {})
