"""Audit entries and revisions as items of a timeline."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.models import Experiment
from novarium.portal import numbers
from novarium.portal.models import AuditEntry

TITLES: dict[str, str | Promise] = {
    "experiment.create": gettext_lazy("Draft created"),
    "experiment.hypothesis": gettext_lazy("Hypothesis changed"),
    "experiment.variants": gettext_lazy("Variants changed"),
    "experiment.guardrails": gettext_lazy("Guardrails changed"),
    "experiment.plan": gettext_lazy("Plan changed"),
    "experiment.traffic": gettext_lazy("Traffic changed"),
    "experiment.seed": gettext_lazy("Another seed drawn"),
    "experiment.schedule": gettext_lazy("Scheduled end changed"),
    "experiment.review_request": gettext_lazy("Review asked for"),
    "experiment.approve": gettext_lazy("Design approved"),
    "experiment.request_changes": gettext_lazy("Changes asked for"),
    "experiment.launch": gettext_lazy("Launched"),
    "experiment.ramp": gettext_lazy("Coverage raised"),
    "experiment.weights": gettext_lazy("Weights raised"),
    "experiment.pause": gettext_lazy("Paused"),
    "experiment.resume": gettext_lazy("Resumed"),
    "experiment.stop": gettext_lazy("Stopped"),
    "experiment.decide": gettext_lazy("Decided"),
    "experiment.reset": gettext_lazy("Reset for another run"),
}
OTHER_LABELS: dict[str, str | Promise] = {
    "run": gettext_lazy("run"),
    "hash": gettext_lazy("hash of the snapshot"),
    "phase": gettext_lazy("phase"),
    "weights": gettext_lazy("weights"),
    "verdict": gettext_lazy("verdict"),
    "design": gettext_lazy("hash of the design"),
}
LONGEST = 60
_TONES = {
    "experiment.approve": "good",
    "experiment.request_changes": "warn",
    "experiment.launch": "accent",
    "experiment.ramp": "accent",
    "experiment.weights": "accent",
    "experiment.pause": "warn",
    "experiment.resume": "accent",
    "experiment.stop": "warn",
    "experiment.decide": "good",
}


def experiment_timeline(entries: Iterable[AuditEntry]) -> list[dict[str, Any]]:
    """Return the entries for the timeline component."""
    return [
        {
            "title": TITLES.get(entry.action, entry.action),
            "at": entry.at,
            "by": entry.actor or _("the system"),
            "text": entry.note or _changes(entry),
            "tone": _TONES.get(entry.action, "neutral"),
        }
        for entry in entries
    ]


def _changes(entry: AuditEntry) -> str:
    """Return which fields changed and how, where both sides are objects."""
    before, after = entry.before, entry.after
    if isinstance(before, list) and isinstance(after, list):
        return ", ".join(f"{arm['name']} {numbers.number(Decimal(str(arm['weight'])))}%" for arm in after)
    if not isinstance(after, dict):
        return ""
    earlier = before if isinstance(before, dict) else {}
    changes = [_change(name, earlier.get(name), value) for name, value in after.items() if earlier.get(name) != value]
    return "; ".join(changes)


def _change(name: str, before: Any, after: Any) -> str:
    label = _label(name)
    if before in (None, ""):
        return f"{label}: {_value(name, after)}"
    return f"{label}: {_value(name, before)} → {_value(name, after)}"


def _label(name: str) -> str:
    """Return a column's name as people read it; names that are no column stay."""
    columns = {column.name: column for column in Experiment._meta.fields}
    return str(columns[name].verbose_name if name in columns else OTHER_LABELS.get(name, name))


def _value(name: str, value: Any) -> str:
    """Return a status by its word, and anything else as it is, shortened."""
    if name == "status" and value in Experiment.Status:
        return str(Experiment.Status(value).label)
    return _short(value)


def _short(value: Any) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return numbers.number(value)
    text = str(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
