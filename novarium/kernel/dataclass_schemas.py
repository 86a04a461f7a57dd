"""JSON schemas of frozen dataclasses, as ``dataclasses.asdict`` writes them. Pure."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from typing import Any

_PLAIN: dict[Any, dict[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
    type(None): {"type": "null"},
}


def schema_of(kind: Any, *, whole: bool = True) -> dict[str, Any]:
    """Return the schema of values of the annotated kind; what has no schema of its own is any value.

    Without ``whole`` a value may lack fields, as one does that an earlier version wrote.

    >>> schema_of(tuple[int, ...])
    {'type': 'array', 'items': {'type': 'integer'}}
    """
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    if is_dataclass(kind):
        return _of_dataclass(kind, whole=whole)
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in {types.UnionType, typing.Union}:
        return {"anyOf": [schema_of(option, whole=whole) for option in inner]}
    if origin in {tuple, list}:
        return _of_sequence(inner, whole=whole)
    if origin in {dict, Mapping}:
        return {"type": "object", "additionalProperties": schema_of(inner[1], whole=whole)}
    return {}


def _of_sequence(inner: tuple[Any, ...], *, whole: bool) -> dict[str, Any]:
    if len(inner) == 1 or (len(inner) == 2 and inner[1] is Ellipsis):
        return {"type": "array", "items": schema_of(inner[0], whole=whole)}
    return {"type": "array", "prefixItems": [schema_of(item, whole=whole) for item in inner], "items": {}}


def _of_dataclass(kind: Any, *, whole: bool) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    return {
        "type": "object",
        **({"required": names} if whole else {}),
        "properties": {name: schema_of(hints[name], whole=whole) for name in names},
    }
