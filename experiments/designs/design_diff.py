"""What differs between two designs, as people read it. Pure but for the translations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from novarium.portal import numbers

_LABELS: dict[str, str | Promise] = {
    "name": gettext_lazy("Name"),
    "feature": gettext_lazy("Feature"),
    "who": gettext_lazy("For whom"),
    "what": gettext_lazy("Change"),
    "why": gettext_lazy("Because"),
    "expected_impact": gettext_lazy("Expected impact"),
    "oec": gettext_lazy("OEC"),
    "guardrails": gettext_lazy("Guardrail"),
    "variants": gettext_lazy("Variant"),
    "baseline": gettext_lazy("Baseline"),
    "mde": gettext_lazy("MDE"),
    "alpha": gettext_lazy("Alpha"),
    "power": gettext_lazy("Power"),
    "coverage": gettext_lazy("Coverage"),
    "planned_units": gettext_lazy("Planned units"),
    "planned_days": gettext_lazy("Planned days"),
    "baseline_deviation": gettext_lazy("Standard deviation"),
    "daily_units": gettext_lazy("New units per day"),
    "looks": gettext_lazy("Looks at the results"),
    "cuped_correlation": gettext_lazy("CUPED correlation"),
    "condition": gettext_lazy("Audience"),
    "slot": gettext_lazy("Layer"),
    "keeps_holdout": gettext_lazy("Global holdout"),
    "ramp": gettext_lazy("Ramp"),
    "ramp_automatic": gettext_lazy("Ramp goes on by itself"),
    "seed": gettext_lazy("Seed"),
    "run_number": gettext_lazy("Run"),
    "starts_at": gettext_lazy("Scheduled start"),
    "ends_at": gettext_lazy("Scheduled end"),
}
_NAMED = {"variants", "guardrails"}
_UNSAID = {"id", "position"}


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs; a side is empty where it is not there."""

    label: str
    before: str
    after: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """Return what differs, in the order of the designs."""
    old, new = dict(_flat(before)), dict(_flat(after))
    paths = [*old, *(path for path in new if path not in old)]
    return [
        Difference(_label(path), _text(old.get(path)), _text(new.get(path)))
        for path in paths
        if old.get(path) != new.get(path)
    ]


def _flat(value: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, item in value.items():
        if not path and name in _NAMED:
            for key, part in _by_key(name, item).items():
                yield from _flat(part, (name, key))
        elif isinstance(item, Mapping) and item:
            yield from _flat(item, (*path, name))
        elif path[:1] != ("variants",) or len(path) != 2 or name not in _UNSAID:
            yield (*path, name), item


def _by_key(name: str, items: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    if name == "guardrails":
        return {item["metric"]["key"]: item for item in items}
    return {item["key"]: item for item in items}


def _label(path: tuple[str, ...]) -> str:
    head = str(_LABELS.get(path[0], path[0]))
    return " · ".join([head, *(part for part in path[1:] if part not in {"value", "metric"})])


def _text(value: Any) -> str:
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, int | float):
        return numbers.number(value)
    if isinstance(value, list):
        return "; ".join(_text(item) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(item)}" for name, item in value.items())
    return str(value)
