"""Audit entries of an experiment as items of its history."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from experiments.models import Experiment
from novarium.portal import numbers
from novarium.portal.audit_words import action_label, field_label
from novarium.portal.difference import Change, difference
from novarium.portal.models import AuditEntry

LONGEST = 60
ENOUGH_OF_A_HASH = 12  # to tell two apart; the audit log has the whole
MOST = 6
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
    """Return each entry with its title, its note or a sentence of what changed, and the entry itself."""
    return [
        {
            "title": action_label(entry.action),
            "at": entry.at,
            "by": entry.actor or _("the system"),
            "text": entry.note or _sentence(entry),
            "tone": _TONES.get(entry.action, "neutral"),
            "entry": entry,
        }
        for entry in entries
    ]


def _sentence(entry: AuditEntry) -> str:
    """Return the first changes in a line."""
    changes = difference(entry.before, entry.after)
    words = [_words(entry.object_type, change) for change in changes[:MOST]]
    return "; ".join([*words, "…"] if len(changes) > MOST else words)


def _words(object_type: str, change: Change) -> str:
    label = field_label(object_type, change.path)
    name = change.path[-1] if change.path else ""
    if change.before in (None, ""):
        return f"{label}: {_value(name, change.after)}"
    return f"{label}: {_value(name, change.before)} → {_value(name, change.after)}"


def _value(name: str, value: Any) -> str:
    """Return a status by its word, and anything else as it is, shortened."""
    if value is None or value == "":
        return str(numbers.NOTHING)
    if name == "status" and value in Experiment.Status:
        label: str | Promise = Experiment.Status(value).label
        return str(label)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return numbers.number(value)
    text = str(value)
    if name.endswith("hash"):
        return text[:ENOUGH_OF_A_HASH]
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
