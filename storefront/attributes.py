"""What a visitor is told apart by: the attributes that experiments may ask for. Pure."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from experiments.public import segment_of

_TABLET = re.compile(r"iPad|Tablet|PlayBook|Silk(?!.*Mobile)|Android(?!.*Mobi)")
_MOBILE = re.compile(r"Mobi|iPhone|iPod|Opera Mini")


@lru_cache(maxsize=1024)
def device_of(user_agent: str) -> str:
    """Return ``mobile``, ``tablet`` or ``desktop``; what says nothing is taken for a desktop.

    Browsers on phones say "Mobi", as https://developer.mozilla.org/docs/Web/HTTP/Browser_detection_using_the_user_agent
    advises to look for; those on tablets with Android leave it out.

    >>> device_of("Mozilla/5.0 (Linux; Android 14; SM-S918N) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36")
    'mobile'
    """
    if _TABLET.search(user_agent):
        return "tablet"
    return "mobile" if _MOBILE.search(user_agent) else "desktop"


def attributes_of(
    *,
    user_agent: str,
    language: str,
    today: date,
    first_day: date | None,
    city: str,
    orders: int,
    last_order: date | None,
) -> dict[str, Any]:
    """Return a visitor's attributes; what is not known is left out.

    Args:
        first_day: Day of the first visit; None for a visitor whose cookie is older than this note.
        city: Empty where none was chosen.
        orders: Orders so far.
        last_order: Day of the last of them.
    """
    age = None if first_day is None else max((today - first_day).days, 0)
    known: dict[str, Any] = {
        "device": device_of(user_agent),
        "language": language,
        "returning": age is None or age > 0,
        "segment": segment_of(orders=orders, days_since=(today - last_order).days if last_order else 0),
    }
    if age is not None:
        known["signup_age_days"] = age
    if city:
        known["city"] = city
    return known


def mark_of(attributes: Mapping[str, Any]) -> str:
    """Return eight characters by which a change of the attributes is noticed."""
    return f"{zlib.crc32(json.dumps(attributes, sort_keys=True).encode()):08x}"
