"""Keep anything that was sent as JSON that Postgres can hold. Pure."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from hashlib import sha256

MOST_TEXT = 10_000
MOST_JSON = 100_000
MAX_DEPTH = 32
_HARMFUL = ("\\u0000", "\\ud", "\\uD", "NaN", "Infinity")


def storable(payload: object) -> object:
    """Return the payload itself, or its text where it holds what jsonb cannot, or is too deep or too long."""
    text = json.dumps(_shallow(payload, MAX_DEPTH), default=str, allow_nan=True)
    if payload is not None and len(text) <= MOST_JSON and not any(part in text for part in _HARMFUL):
        return _shallow(payload, MAX_DEPTH)
    return unreadable(text)


def unreadable(text: str) -> dict[str, str]:
    """Return a text that is no JSON as what is kept of it."""
    return {"unreadable": text.replace("\\", "\\\\").replace("\0", "\\0")[:MOST_TEXT]}


def digest_of(payload: object) -> uuid.UUID:
    """Return what is the same for the same stored payload, so that a retry keeps it once."""
    text = json.dumps(payload, sort_keys=True, default=str, separators=(",", ":"))
    return uuid.UUID(bytes=sha256(text.encode("utf-8", "surrogatepass")).digest()[:16])


def _shallow(value: object, depth: int) -> object:
    """Return the value with what is nested too deep cut off."""
    if isinstance(value, Mapping):
        return {str(name): _shallow(item, depth - 1) for name, item in value.items()} if depth else "…"
    if isinstance(value, list):
        return [_shallow(item, depth - 1) for item in value] if depth else "…"
    return value
