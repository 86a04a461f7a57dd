"""Store a batch of accepted events, each id once, whatever its time and whoever sends it at the same moment.

The table of events is partitioned by time, so its key is (id, time) and cannot see to that alone. Three kinds of id:

*timed*: a UUIDv7 whose time is the event's. The key follows from the id, so the key decides, at no extra cost.
*other*: any other UUID. It is claimed in a table of its own (``ReceivedEventId``) in the batch's transaction.
*shifted*: a UUIDv7 with another time than the event's. It is claimed too; and since somebody may send the same id with
its own time, it stands for a moment at that key, which makes one of the two wait for the other.

A timed event is never claimed; so, once stored, the claims are looked at: had a shifted one with this id been first, it
would be seen, for it left its key only by its commit.

Nearly every batch is new as a whole. So it is tried at first by a plain COPY into the tables, which is several times
cheaper than any insert that looks for conflicts; where one key is taken, Postgres refuses the whole, nothing is left,
and the batch goes the careful way. All ways take keys in the order of the ids, so that two senders of the same events
wait for each other in one direction only; should they deadlock all the same, the loser tries again.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db import DatabaseError, OperationalError, connections, transaction
from django.utils import timezone
from psycopg.errors import DeadlockDetected, UniqueViolation

from experiments.audiences.units import UnitInput, note_units
from experiments.events.partitions import ensure_days
from experiments.events.rows import event_rows, id_rows
from experiments.events.unreadable import digest_of
from experiments.events.validation import EventFault, ParsedEvent, ParsedExposure, time_bounds
from experiments.models import RejectedEvent
from novarium.kernel import sql

ATTEMPTS = 4
WORTH_COPYING = 8  # below, one careful insert has fewer round trips
COPY_EVENTS = (
    "copy experiment.experiments_event (event_id, occurred_at, name, unit_id, amount, properties) "
    "from stdin (format binary)"
)
COPY_IDS = "copy experiment.experiments_receivedeventid (event_id) from stdin (format binary)"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400_000

ExposureKey = tuple[int, str, int]


@dataclass(frozen=True)
class Batch:
    """What was accepted of a batch, each id once and in order; and what was refused."""

    events: Sequence[ParsedEvent]
    exposures: Sequence[ParsedExposure] = ()
    faults: Sequence[EventFault] = ()

    @cached_property
    def timed(self) -> list[ParsedEvent]:
        """Return the events whose id is a UUIDv7 of their own time."""
        return [event for event in self.events if event.id_time == event.at]

    @cached_property
    def claimed(self) -> list[ParsedEvent]:
        """Return the events whose ids must be claimed."""
        return [event for event in self.events if event.id_time != event.at]

    @cached_property
    def shifted(self) -> list[ParsedEvent]:
        """Return the events whose id is a UUIDv7 of another time."""
        return [event for event in self.claimed if event.id_time is not None]


@dataclass(frozen=True, slots=True)
class Fresh:
    """What a batch added: ids of events, and keys of exposures."""

    ids: set[bytes] = field(default_factory=set)
    exposures: set[ExposureKey] = field(default_factory=set)


class _Taken(Exception):
    """Somebody sent an id of the batch before."""


def store(batch: Batch, *, using: str = "default") -> Fresh:
    """Store the batch in one transaction; return what was new. What was refused is kept, too, each payload once."""
    ensure_days({event.at // _DAY for event in batch.events}, using=using)
    if len(batch.events) >= WORTH_COPYING and not batch.shifted:
        try:
            with transaction.atomic(using=using):
                _copy(batch, using)
                return Fresh({event.id for event in batch.events}, _store_others(batch, None, using))
        except _Taken:
            pass
        except DatabaseError as error:
            if not isinstance(error.__cause__, UniqueViolation | DeadlockDetected):
                raise
    return _store_carefully(batch, using)


def _copy(batch: Batch, using: str) -> None:
    if batch.claimed:
        _copy_in(COPY_IDS, id_rows(event.id for event in batch.claimed), using)
    _copy_in(COPY_EVENTS, event_rows(batch.events), using)
    if batch.timed:
        ends = {"first": uuid.UUID(bytes=batch.timed[0].id), "last": uuid.UUID(bytes=batch.timed[-1].id)}
        if sql.rows("experiments/sql/claims_between_event_ids.sql", ends, using=using) and _claims(batch.timed, using):
            raise _Taken


def _copy_in(statement: str, rows: bytes, using: str) -> None:
    connection = connections[using]
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        copy.write(rows)


def _store_carefully(batch: Batch, using: str) -> Fresh:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic(using=using):
                ids = _insert_new(batch, using)
                return Fresh(ids, _store_others(batch, ids, using))
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected) or attempt == ATTEMPTS:
                raise
    raise AssertionError("unreachable")


def _insert_new(batch: Batch, using: str) -> set[bytes]:
    claimed = _claim(batch.claimed, using)
    claimed -= _stored_at_their_ids_time([event for event in batch.shifted if event.id in claimed], using)
    timed = {event.id for event in batch.timed}
    stored = _insert([event for event in batch.events if event.id in timed or event.id in claimed], using)
    late = [event for event in batch.timed if event.id in stored]
    taken = _claims(late, using)
    _delete([(event.id, event.at) for event in late if event.id in taken], using)
    return stored - taken


def _insert(events: Sequence[ParsedEvent], using: str) -> set[bytes]:
    if not events:
        return set()
    columns = {
        "event_ids": _uuids(events),
        "times": [_moment(event.at) for event in events],
        "names": [event.name for event in events],
        "units": [event.unit_id for event in events],
        "amounts": [None if event.cents is None else Decimal(event.cents).scaleb(-2) for event in events],
        "properties": [event.properties.decode() for event in events],
    }
    return _ids("experiments/sql/insert_events.sql", columns, using)


def _claim(events: Sequence[ParsedEvent], using: str) -> set[bytes]:
    """Return the ids that nobody claimed before; they are taken as soon as the transaction commits."""
    return _ids("experiments/sql/claim_event_ids.sql", {"event_ids": _uuids(events)}, using) if events else set()


def _claims(events: Sequence[ParsedEvent], using: str) -> set[bytes]:
    return _ids("experiments/sql/claimed_event_ids.sql", {"event_ids": _uuids(events)}, using) if events else set()


def _stored_at_their_ids_time(events: Sequence[ParsedEvent], using: str) -> set[bytes]:
    """Return those of the shifted events that somebody stored with the time of their id."""
    if not events:
        return set()
    keys = [(event.id, event.id_time or 0) for event in events]
    earliest, latest = time_bounds(timezone.now())
    near = [key for key in keys if earliest - _DAY <= key[1] <= latest + _DAY]
    known = set(near)
    ensure_days({at // _DAY for _id, at in near}, using=using)
    held = _ids("experiments/sql/hold_event_keys.sql", _key_columns(near, "id_times"), using) if near else set()
    _delete([key for key in near if key[0] in held], using)
    # Nobody can store an event of such a time any more, so it is enough to look.
    far = [key for key in keys if key not in known]
    found = _ids("experiments/sql/events_with_keys.sql", _key_columns(far, "times"), using) if far else set()
    return found | ({raw for raw, _at in near} - held)


def _delete(keys: Sequence[tuple[bytes, int]], using: str) -> None:
    if keys:
        columns = _key_columns(keys, "times")
        bounds = {"from": min(columns["times"]), "to": max(columns["times"])}  # so that few partitions are looked at
        sql.execute("experiments/sql/delete_events.sql", {**columns, **bounds}, using=using)


def _store_others(batch: Batch, ids: set[bytes] | None, using: str) -> set[ExposureKey]:
    """Store exposures, what is said of units, and what was refused; ``ids`` are the new events (None: all)."""
    keys = _expose(batch.exposures, using)
    said = [event for event in batch.events if event.attributes and (ids is None or event.id in ids)]
    seen = [exposure for exposure in batch.exposures if exposure.attributes and exposure.key in keys]
    if said or seen:
        note_units(_units([*said, *seen]), using=using)
    if batch.faults:
        _keep(batch.faults, using)
    return keys


def _expose(exposures: Sequence[ParsedExposure], using: str) -> set[ExposureKey]:
    if not exposures:
        return set()
    columns = {
        "runs": [item.run_id for item in exposures],
        "units": [item.unit_id for item in exposures],
        "variants": [item.variant_id for item in exposures],
        "times": [_moment(item.at) for item in exposures],
    }
    rows = sql.rows("experiments/sql/insert_exposures.sql", columns, using=using)
    return {(row["run_id"], row["unit_id"], row["variant_id"]) for row in rows}


def _units(items: Iterable[ParsedEvent | ParsedExposure]) -> list[UnitInput]:
    """Return each unit once, with what was said last of each attribute."""
    told: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for item in sorted(items, key=lambda item: item.at):
        before = told[item.unit_id][1] if item.unit_id in told else {}
        told[item.unit_id] = item.at, {**before, **(item.attributes or {})}
    return [
        UnitInput(unit_id=unit, attributes=attributes, seen_at=_moment(at)) for unit, (at, attributes) in told.items()
    ]


def _keep(faults: Sequence[EventFault], using: str) -> None:
    kept = {digest_of(fault.payload): fault for fault in faults}
    RejectedEvent.objects.using(using).bulk_create(
        (
            RejectedEvent(payload=fault.payload, reason=fault.reason, detail=str(fault), digest=digest)
            for digest, fault in sorted(kept.items())
        ),
        ignore_conflicts=True,
    )


def _ids(path: str, columns: Mapping[str, Any], using: str) -> set[bytes]:
    return {row["event_id"].bytes for row in sql.rows(path, dict(columns), using=using)}


def _uuids(events: Iterable[ParsedEvent]) -> list[uuid.UUID]:
    return [uuid.UUID(bytes=event.id) for event in events]


def _key_columns(keys: Sequence[tuple[bytes, int]], times: str) -> dict[str, Any]:
    return {"event_ids": [uuid.UUID(bytes=raw) for raw, _at in keys], times: [_moment(at) for _raw, at in keys]}


def _moment(milliseconds: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=milliseconds)
