"""The audit log as CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.utils import timezone

from novarium.kernel.spreadsheet import cells
from novarium.portal.audit_words import action_label
from novarium.portal.models import AuditEntry

HEAD = ("at", "person", "team", "action", "meaning", "object type", "object", "note", "before", "after")


class _Line:
    """What the csv module writes to: hands each line through."""

    def write(self, line: str) -> str:
        return line


def lines(entries: Iterable[AuditEntry]) -> Iterator[str]:
    """Return the CSV's lines, the head first; before and after are JSON."""
    writer = csv.writer(_Line())
    yield writer.writerow(HEAD)
    for entry in entries:
        yield writer.writerow(cells(_row(entry)))


def _row(entry: AuditEntry) -> tuple[object, ...]:
    return (
        timezone.localtime(entry.at).isoformat(timespec="seconds"),
        entry.actor.get_username() if entry.actor else "",
        entry.team.key if entry.team else "",
        entry.action,
        action_label(entry.action),
        entry.object_type,
        entry.object_key,
        entry.note,
        _json(entry.before),
        _json(entry.after),
    )


def _json(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
