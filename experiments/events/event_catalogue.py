"""The event catalogue and the live runs as intake reads them: held in process memory, a second old at most.

Both change under ``assignment.definitions.changed()``, whose number in Postgres is looked at twice a second: intake
needs Postgres anyhow, and so it needs nothing else.
"""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.db import connections

from experiments.catalogue.events import EVENT_TYPES, EventKind, Property
from experiments.events.validation import LiveArm, LiveRuns, Validator
from novarium.kernel import sql

RECHECK_SECONDS = 0.5
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class EventCatalogue:
    """What may be sent: kinds of events in their newest version, and the runs whose exposures are taken."""

    kinds: Mapping[str, EventKind]
    runs: LiveRuns
    validator: Validator


@dataclass(frozen=True, slots=True)
class _Held:
    number: int
    checked_at: float
    catalogue: EventCatalogue


_lock = threading.Lock()
_held: _Held | None = None


def current(*, using: str = "default") -> EventCatalogue:
    """Return the catalogue as of the last committed change."""
    held = _held
    if held and time.monotonic() - held.checked_at < RECHECK_SECONDS:
        return held.catalogue
    return _renew(using)


def kinds() -> Mapping[str, EventKind]:
    """Return the known events by name, each in its newest version."""
    return current().kinds


def forget() -> None:
    """Drop what this process holds, so that the next reader loads afresh."""
    global _held  # noqa: PLW0603 - the one process-wide holder
    with _lock:
        _held = None


def kind_of(name: str, version: Mapping[str, Any]) -> EventKind:
    """Return an event from the columns of a version: number, carries_amount, properties and description."""
    return EventKind(
        name=name,
        amount=version["carries_amount"],
        properties=tuple(Property(**item) for item in sql.json_value(version["properties"])),
        description=version.get("description", ""),
        version=version["number"],
    )


def _renew(using: str) -> EventCatalogue:
    global _held  # noqa: PLW0603 - the one process-wide holder
    with _lock:
        held = _held
        number = _number(using)
        catalogue = held.catalogue if held and held.number == number else _load(using)
        _held = _Held(number, time.monotonic(), catalogue)
        return catalogue


def _number(using: str) -> int:
    with connections[using].cursor() as cursor:
        cursor.execute("select number from experiment.experiments_definitionversion")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _load(using: str) -> EventCatalogue:
    declared = {
        row["name"]: kind_of(row["name"], row) for row in sql.rows("experiments/sql/event_kinds.sql", using=using)
    }
    # The shop's events are known even where nobody has installed the catalogue.
    kinds = MappingProxyType({**EVENT_TYPES, **declared})
    runs = _live_runs(sql.rows("experiments/sql/live_event_arms.sql", using=using))
    return EventCatalogue(kinds, runs, Validator(kinds, runs))


def _live_runs(rows: list[dict[str, Any]]) -> LiveRuns:
    experiments: dict[str, dict[str, LiveArm]] = defaultdict(dict)
    features: dict[str, dict[str, dict[str, LiveArm]]] = defaultdict(dict)
    for row in rows:
        started = (row["started_at"] - _EPOCH) // timedelta(milliseconds=1)
        experiments[row["experiment"]][row["variant"]] = LiveArm(row["run_id"], row["variant_id"], started)
        features[row["feature"]][row["experiment"]] = experiments[row["experiment"]]
    return LiveRuns(
        experiments=dict(experiments),
        features={key: tuple(found.values()) for key, found in features.items()},
    )
