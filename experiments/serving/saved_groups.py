"""Conditions on CRM lists as the public SDKs read them: ids in saved groups, and ``$inGroup`` in their place. Pure.

A program that evaluates by itself does not know on which lists a unit is. A key that is kept on a server is given the
ids of the lists that its rules name. A key that web pages carry is not: anybody could read in it who left a cart. Its
rules stay as they are, and hold where the program itself says ``crm_targets`` of the unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from experiments.assignment.memberships import Memberships
from experiments.audiences.condition_check import CRM_TARGETS

Condition = Mapping[str, Any]
_NESTED = frozenset({"$and", "$or", "$nor"})


@dataclass(slots=True)
class SavedGroups:
    """The groups that a payload's rules name, gathered while these are written."""

    memberships: Memberships
    groups: dict[str, list[str]] = field(default_factory=dict)

    def condition(self, condition: Condition, *, run_id: int | None = None) -> Condition:
        """Return the condition with groups in place of lists.

        Args:
            run_id: The run whose audience it is, as units that it reached stay on their lists; None for a target.
        """
        parts = [self._entry(name, value, run_id) for name, value in condition.items()]
        return parts[0] if len(parts) == 1 else {"$and": parts} if parts else {}

    def _entry(self, name: str, value: Any, run_id: int | None) -> Condition:
        if name in _NESTED:
            return {name: [self.condition(item, run_id=run_id) for item in value]}
        if name == "$not":
            return {name: self.condition(value, run_id=run_id)}
        if name != CRM_TARGETS:
            return {name: value}
        tests = [
            {"$or" if operator == "$in" else "$nor": [{"id": {"$inGroup": self._group(key, run_id)}} for key in keys]}
            for operator, keys in value.items()
        ]
        return tests[0] if len(tests) == 1 else {"$and": tests}

    def _group(self, key: str, run_id: int | None) -> str:
        kept = self.memberships.kept.get(run_id, {}) if run_id is not None else {}
        name = f"{CRM_TARGETS}:{key}:{run_id}" if kept else f"{CRM_TARGETS}:{key}"
        if name not in self.groups:
            lists = {**self.memberships.lists, **kept}
            self.groups[name] = sorted(unit for unit, keys in lists.items() if key in keys)
        return name


@dataclass(frozen=True, slots=True)
class NoGroups:
    """Leaves conditions as they are, for keys that anybody can read."""

    groups: Mapping[str, list[str]] = field(default_factory=dict)

    def condition(self, condition: Condition, *, run_id: int | None = None) -> Condition:
        """Return the condition."""
        return condition
