"""Event intake: what is accepted is committed before it is acknowledged, and a retry changes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal

from django.db import connections
from django.utils import timezone
from psycopg.types.json import Jsonb

from experiments.events import event_catalogue
from experiments.events.partitions import ensure_days
from experiments.events.store import Batch, Fresh, store
from experiments.events.validation import EventFault, ParsedEvent, ParsedExposure, time_bounds
from novarium.kernel import sql

Status = Literal["stored", "duplicate", "rejected"]
STATUSES = ("stored", "duplicate", "rejected")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

Judged = ParsedEvent | ParsedExposure | EventFault


@dataclass(frozen=True, slots=True, kw_only=True)
class EventInput:
    """Something a unit did; ``amount`` in won. Its time is kept to the millisecond."""

    event_id: uuid.UUID
    name: str
    unit_id: str
    occurred_at: datetime
    amount: Decimal | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureInput:
    """A unit saw a variant; only the first time of each counts, kept to the millisecond as those of events are."""

    run_id: int
    variant_id: int
    unit_id: str
    exposed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What became of one received event; ``reason`` and ``detail`` where it was rejected."""

    event_id: str
    status: Status
    reason: str = ""
    detail: str = ""


def record(*, events: Sequence[EventInput], exposures: Sequence[ExposureInput] = (), using: str = "shop") -> int:
    """Store events and exposures of our own shop in one statement; return how many events were new."""
    if not events and not exposures:
        return 0
    ensure_days({(event.occurred_at - _EPOCH).days for event in events}, using=using)
    with connections[using].cursor() as cursor:
        columns = _event_columns(events) | _exposure_columns(exposures)
        cursor.execute(sql.load("experiments/sql/insert_events_and_exposures.sql"), columns)
        return int(cursor.rowcount)


def receive(payloads: Sequence[object], *, using: str = "default") -> list[Receipt]:
    """Validate, store or reject each payload; return a receipt for each, in order."""
    judged = judge(payloads, using=using)
    return list(receipts(judged, keep(judged, using=using)))


def judge(payloads: Iterable[object], *, using: str = "default") -> list[Judged]:
    """Check each payload; one that is refused already (a ``EventFault``) stays so."""
    parse = event_catalogue.current(using=using).validator.parse
    earliest, latest = time_bounds(timezone.now())
    judged: list[Judged] = []
    for payload in payloads:
        if isinstance(payload, EventFault):
            judged.append(payload)
            continue
        try:
            judged.append(parse(payload, earliest=earliest, latest=latest))
        except EventFault as fault:
            judged.append(fault)
    return judged


def keep(judged: Sequence[Judged], *, using: str = "default") -> Fresh:
    """Store what was accepted, and keep what was refused, in one transaction; return what was new."""
    events: dict[bytes, ParsedEvent] = {}
    exposures: dict[tuple[int, str, int], ParsedExposure] = {}
    faults = []
    for item in judged:
        if isinstance(item, ParsedEvent):
            events.setdefault(item.id, item)  # the same id twice in one batch: the first counts
        elif isinstance(item, ParsedExposure):
            exposures.setdefault(item.key, item)
        else:
            faults.append(item)
    return store(Batch([events[raw] for raw in sorted(events)], list(exposures.values()), faults), using=using)


def receipts(judged: Sequence[Judged], fresh: Fresh) -> Iterable[Receipt]:
    """Yield a receipt for each, in order; of the same id twice in a batch the second is a duplicate."""
    ids, exposures = set(fresh.ids), set(fresh.exposures)
    for item in judged:
        if isinstance(item, EventFault):
            yield Receipt(event_id=item.event_id, status="rejected", reason=item.reason, detail=str(item))
        elif isinstance(item, ParsedEvent):
            yield Receipt(event_id=item.event_id, status="stored" if item.id in ids else "duplicate")
            ids.discard(item.id)
        else:
            yield Receipt(event_id=item.event_id, status="stored" if item.key in exposures else "duplicate")
            exposures.discard(item.key)


def _event_columns(events: Sequence[EventInput]) -> dict[str, list[Any]]:
    return {
        "event_ids": [event.event_id for event in events],
        "times": [_to_the_millisecond(event.occurred_at) for event in events],
        "names": [event.name for event in events],
        "units": [event.unit_id for event in events],
        "amounts": [event.amount for event in events],
        "properties": [Jsonb(dict(event.properties)) for event in events],
    }


def _exposure_columns(exposures: Sequence[ExposureInput]) -> dict[str, list[Any]]:
    return {
        "exposed_runs": [item.run_id for item in exposures],
        "exposed_units": [item.unit_id for item in exposures],
        "exposed_variants": [item.variant_id for item in exposures],
        "exposed_times": [_to_the_millisecond(item.exposed_at) for item in exposures],
    }


def _to_the_millisecond(at: datetime) -> datetime:
    """Return the time as a UUIDv7 holds it, so that the events' key follows from the id; see ``event_store``."""
    return at - timedelta(microseconds=at.microsecond % 1000)
