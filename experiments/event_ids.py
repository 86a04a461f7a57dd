"""Time-ordered event ids (UUID version 7, RFC 9562). Pure."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime

_LAST_MILLISECOND = 253_402_300_799_000  # of the year 9999


def new_event_id(at: datetime, *, random_bits: int | None = None) -> uuid.UUID:
    """Return a UUIDv7 with the time in milliseconds; ``random_bits`` (74 of them) makes it repeatable."""
    milliseconds = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    random = secrets.randbits(74) if random_bits is None else random_bits & ((1 << 74) - 1)
    value = milliseconds << 80 | 7 << 76 | (random >> 62) << 64 | 2 << 62 | random & ((1 << 62) - 1)
    return uuid.UUID(int=value)


def time_of(event_id: uuid.UUID) -> datetime | None:
    """Return the time in a UUIDv7, else None; its 48 bits reach beyond the calendar, and that is no time either."""
    milliseconds = event_id.int >> 80
    if event_id.version != 7 or milliseconds > _LAST_MILLISECOND:
        return None
    return datetime.fromtimestamp(milliseconds / 1000, tz=UTC)
