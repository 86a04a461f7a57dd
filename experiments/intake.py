"""Event intake: what is accepted is committed before it is acknowledged, and a retry changes nothing."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.db import connections, transaction
from django.utils import timezone
from psycopg.types.json import Jsonb

from experiments.event_ids import time_of
from experiments.event_validation import EventFault, parse
from experiments.models import RejectedEvent
from novarium.kernel import sql

Status = Literal["stored", "duplicate", "rejected"]
STATUSES = ("stored", "duplicate", "rejected")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventInput:
    """Something a unit did; ``amount`` in won."""

    event_id: uuid.UUID
    name: str
    unit_id: str
    occurred_at: datetime
    amount: Decimal | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExposureInput:
    """A unit saw a variant; only the first time of each counts."""

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
    _ensure_partitions(events, using)
    with connections[using].cursor() as cursor:
        columns = _event_columns(events) | _exposure_columns(exposures)
        cursor.execute(sql.load("experiments/sql/insert_events_and_exposures.sql"), columns)
        return int(cursor.rowcount)


def receive(payloads: Sequence[object], *, using: str = "default") -> list[Receipt]:
    """Validate, store or reject each payload; return a receipt for each, in order.

    An id is stored once, whatever time comes with it and whoever sends it at the same moment: the table of events
    cannot see to that (its key holds the time, by which it is partitioned), so ids are claimed in a table of their own.
    """
    now = timezone.now()
    parsed: list[EventInput | EventFault] = []
    for payload in payloads:
        try:
            parsed.append(EventInput(**parse(payload, now=now)))
        except EventFault as fault:
            parsed.append(fault)
    events = [item for item in parsed if isinstance(item, EventInput)]
    first = {event.event_id: event for event in reversed(events)}
    _ensure_partitions(first.values(), using)  # committed before the batch, which would hold up those that follow
    with transaction.atomic(using=using):
        fresh = _claim(sorted(first), using)
        record(events=[event for event_id, event in first.items() if event_id in fresh], using=using)
        RejectedEvent.objects.using(using).bulk_create(
            RejectedEvent(payload=item.payload, reason=item.reason, detail=str(item))
            for item in parsed
            if isinstance(item, EventFault)
        )
    return [_receipt(item, fresh) for item in parsed]


def _receipt(item: EventInput | EventFault, fresh: set[uuid.UUID]) -> Receipt:
    if isinstance(item, EventFault):
        return Receipt(event_id=item.event_id, status="rejected", reason=item.reason, detail=str(item))
    if item.event_id in fresh:
        fresh.discard(item.event_id)  # the same id twice in one batch: the second is a duplicate
        return Receipt(event_id=str(item.event_id), status="stored")
    return Receipt(event_id=str(item.event_id), status="duplicate")


def _claim(ids: Sequence[uuid.UUID], using: str) -> set[uuid.UUID]:
    """Return those of the ids that were never stored; they are taken as soon as the transaction commits."""
    columns = {"event_ids": list(ids), "id_times": [time_of(event_id) for event_id in ids]}
    return {row["event_id"] for row in sql.rows("experiments/sql/claim_event_ids.sql", columns, using=using)}


def _event_columns(events: Sequence[EventInput]) -> dict[str, list[Any]]:
    return {
        "event_ids": [event.event_id for event in events],
        "times": [event.occurred_at for event in events],
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
        "exposed_times": [item.exposed_at for item in exposures],
    }


_partitions: set[tuple[str, date]] = set()


def _ensure_partitions(events: Iterable[EventInput], using: str) -> None:
    for day in {event.occurred_at.astimezone(UTC).date() for event in events}:
        _ensure_partition(day, using)


def _ensure_partition(day: date, using: str) -> None:
    """Make the day's partition; remember it once that is committed."""
    known = (str(connections[using].settings_dict["NAME"]), day)
    if known in _partitions:
        return
    with connections[using].cursor() as cursor:
        cursor.execute("select experiment.ensure_event_partition(%s)", [day])
    transaction.on_commit(lambda: _partitions.add(known), using=using)
