"""Check a received event against the event catalogue. Pure."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from experiments.catalogue.events import EVENT_TYPES, MAX_AMOUNT, EventType
from experiments.event_ids import time_of

MAX_AHEAD = timedelta(minutes=5)
MAX_AGE = timedelta(days=90)
MAX_UNIT = 64
MAX_TEXT = 200
SMALLEST_AMOUNT = Decimal("0.01")
_FIELDS = {"event_id", "name", "unit_id", "occurred_at", "amount", "properties"}


class EventFault(Exception):
    """Why an event was refused: ``reason`` is a word for programs, the message a sentence for people."""

    def __init__(self, reason: str, message: str, payload: object) -> None:
        super().__init__(message)
        self.reason = reason
        self.payload = storable(payload)
        found = payload.get("event_id") if isinstance(payload, Mapping) else None
        self.event_id = str(found)[:64].encode("utf-8", "backslashreplace").decode() if found is not None else ""


def parse(payload: object, *, now: datetime) -> dict[str, Any]:
    """Return the event's fields with their types.

    Raises:
        EventFault: naming what is wrong.
    """
    try:
        return _parse(payload, now)
    except _Wrong as wrong:
        raise EventFault(wrong.reason, str(wrong), payload) from None


class _Wrong(Exception):
    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def _parse(payload: object, now: datetime) -> dict[str, Any]:
    if not isinstance(payload, Mapping):
        raise _Wrong("not_an_object", "An event is a JSON object.")
    unknown = sorted(str(name) for name in payload if name not in _FIELDS)
    if unknown:
        raise _Wrong("unknown_field", f"Unknown field: {unknown[0][:40]!r}.")
    kind = EVENT_TYPES.get(str(payload.get("name", "")))
    if kind is None:
        raise _Wrong("unknown_event", f"There is no event named {str(payload.get('name', ''))[:40]!r}.")
    event_id = _event_id(payload.get("event_id"))
    return {
        "event_id": event_id,
        "name": kind.name,
        "unit_id": _unit(payload.get("unit_id")),
        "occurred_at": _time(payload.get("occurred_at"), event_id, now),
        "amount": _amount(payload.get("amount"), kind),
        "properties": _properties(payload.get("properties", {}), kind),
    }


def _event_id(value: object) -> uuid.UUID:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        raise _Wrong("bad_event_id", "event_id must be a UUID.") from None


def _unit(value: object) -> str:
    if not isinstance(value, str) or not value or len(value) > MAX_UNIT or not value.isprintable():
        raise _Wrong("bad_unit_id", f"unit_id must be a text of 1 to {MAX_UNIT} printable characters.")
    return value


def _time(value: object, event_id: uuid.UUID, now: datetime) -> datetime:
    at = time_of(event_id) if value is None else _timestamp(value)
    if at is None:
        raise _Wrong("missing_time", "occurred_at is missing and event_id is no UUIDv7 that carries it.")
    if at > now + MAX_AHEAD:
        raise _Wrong("future_time", "occurred_at lies in the future.")
    if at < now - MAX_AGE:
        raise _Wrong("old_time", f"occurred_at lies more than {MAX_AGE.days} days back.")
    return at


def _timestamp(value: object) -> datetime:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError:
        raise _Wrong("bad_time", "occurred_at must be an ISO 8601 time with its zone.") from None
    if at.tzinfo is None:
        raise _Wrong("bad_time", "occurred_at must be an ISO 8601 time with its zone.")
    return at


def _amount(value: object, kind: EventType) -> Decimal | None:
    if not kind.amount:
        if value is not None:
            raise _Wrong("unexpected_amount", f"A {kind.name} event has no amount.")
        return None
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise _Wrong("bad_amount", "amount must be a number.") from None
    if isinstance(value, bool) or not amount.is_finite():
        raise _Wrong("bad_amount", "amount must be a number.")
    if amount < SMALLEST_AMOUNT:
        raise _Wrong("bad_amount", f"amount must be at least {SMALLEST_AMOUNT}.")
    if amount > MAX_AMOUNT:
        raise _Wrong("absurd_amount", f"amount must not be above {MAX_AMOUNT:,}.")
    return amount.quantize(SMALLEST_AMOUNT)


def _properties(value: object, kind: EventType) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise _Wrong("bad_properties", "properties must be a JSON object.")
    declared = kind.required | kind.optional
    for name in kind.required:
        if name not in value:
            raise _Wrong("missing_property", f"The property {name} is missing.")
    clean: dict[str, Any] = {}
    for name, item in value.items():
        wanted = declared.get(str(name))
        if wanted is None:
            raise _Wrong("unknown_property", f"A {kind.name} event has no property {str(name)[:40]!r}.")
        clean[str(name)] = _property(str(name), item, wanted)
    return clean


def _property(name: str, value: object, wanted: type) -> object:
    if isinstance(value, bool) or not isinstance(value, wanted):
        raise _Wrong("bad_property", f"The property {name} must be a {'text' if wanted is str else 'whole number'}.")
    if isinstance(value, str) and (len(value) > MAX_TEXT or not value.isprintable()):
        raise _Wrong("bad_property", f"The property {name} must have at most {MAX_TEXT} printable characters.")
    if isinstance(value, int) and not 0 <= value <= MAX_AMOUNT:
        raise _Wrong("bad_property", f"The property {name} must be from 0 to {MAX_AMOUNT:,}.")
    return value


def storable(payload: object) -> object:
    """Return the payload as JSON that Postgres can hold: NUL and lone surrogates escaped, NaN as text."""
    text = json.dumps(payload, default=str, allow_nan=True)
    harmful = ("\\u0000", "\\ud", "\\uD", "NaN", "Infinity")
    if payload is not None and not any(part in text for part in harmful):
        return payload
    return {"unreadable": text.replace("\\", "\\\\")[:10_000]}
