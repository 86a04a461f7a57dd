"""What may be said of a unit beside its events: a few scalar attributes. Pure."""

from __future__ import annotations

import math

MAX_ATTRIBUTES = 20
MAX_NAME = 40
MAX_TEXT = 200
MAX_INTEGER = 2**53 - 1


def attribute_fault(value: object) -> str:
    """Return what is wrong with a unit's attributes, or an empty text.

    >>> attribute_fault({"city": "Seoul", "orders": 3, "is_member": True})
    ''
    >>> attribute_fault({"tags": ["a"]})
    "The attribute 'tags' must be a text, a number, true or false."
    """
    if not isinstance(value, dict) or len(value) > MAX_ATTRIBUTES:
        return f"attributes must be a JSON object of at most {MAX_ATTRIBUTES} attributes."
    for name, item in value.items():
        if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME or not name.isprintable():
            return f"The name of an attribute has 1 to {MAX_NAME} printable characters."
        if not _is_scalar(item):
            return f"The attribute {name!r} must be a text, a number, true or false."
    return ""


def _is_scalar(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= MAX_TEXT and value.isprintable()
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, bool) or (isinstance(value, int) and -MAX_INTEGER <= value <= MAX_INTEGER)
