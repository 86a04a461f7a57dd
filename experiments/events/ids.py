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
    milliseconds = milliseconds_of(event_id.bytes)
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, tz=UTC)


def milliseconds_of(raw: bytes) -> int | None:
    """Return the time in the 16 bytes of a UUIDv7, in milliseconds since 1970; else None."""
    if raw[6] >> 4 != 7 or raw[8] >> 6 != 2:
        return None
    milliseconds = int.from_bytes(raw[:6], "big")
    return milliseconds if milliseconds <= _LAST_MILLISECOND else None


def read_event_id(value: object) -> bytes | None:
    """Return the 16 bytes of a UUID as text, in any of its usual spellings; else None.

    No UUID object is made, which would cost as much as all other checks of an event.

    >>> read_event_id("01890a5d-ac96-774b-bcce-b302099a8057").hex()
    '01890a5dac96774bbcceb302099a8057'
    >>> read_event_id("17") is None
    True
    """
    if not isinstance(value, str):
        return None
    digits = value.replace("-", "")
    if len(digits) != 32:
        digits = digits.replace("urn:", "").replace("uuid:", "").strip("{}")
    try:
        raw = bytes.fromhex(digits)
    except ValueError:
        return None
    return raw if len(raw) == 16 and len(digits) == 32 else None  # blanks would have been skipped
