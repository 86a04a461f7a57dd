"""What differs between two states of an object, field by field. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

DEEPEST = 4


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs; a side on which there is none is None.

    Attributes:
        path: Names from the outside in; empty for a value that has no fields.
    """

    path: tuple[str, ...]
    before: Any
    after: Any


def difference(before: Any, after: Any) -> list[Change]:
    """Return what differs between two JSON values, in the order of the later one.

    Objects are compared field by field, and so are lists of objects that have a ``key``; everything else as a whole.

    >>> difference({"a": 1, "b": {"c": 2, "d": 3}}, {"a": 1, "b": {"c": 2, "d": 4}})
    [Change(path=('b', 'd'), before=3, after=4)]
    >>> [change.path for change in difference([{"key": "x", "n": 1}], [{"key": "x", "n": 2}, {"key": "y", "n": 1}])]
    [('x', 'n'), ('y', 'n')]
    >>> difference(None, {"name": "New"})
    [Change(path=('name',), before=None, after='New')]
    """
    earlier, later = _leaves(before), _leaves(after)
    paths = dict.fromkeys([*later, *earlier])
    return [
        Change(path, earlier.get(path), later.get(path))
        for path in paths
        if not _same(earlier.get(path), later.get(path))
    ]


def _leaves(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    fields = _fields(value) if len(path) < DEEPEST else None
    if fields is None:
        is_nothing = value is None or value in ({}, [])
        return {} if is_nothing and not path else {path: value}
    found: dict[tuple[str, ...], Any] = {}
    for name, inner in fields.items():
        found |= _leaves(inner, (*path, name))
    return found


def _fields(value: Any) -> dict[str, Any] | None:
    """Return an object's fields, or a list's objects by their keys; None for what is one value."""
    if isinstance(value, dict) and value:
        return value
    if isinstance(value, list) and value and all(isinstance(item, dict) and "key" in item for item in value):
        by_key = {str(item["key"]): {name: part for name, part in item.items() if name != "key"} for item in value}
        return by_key if len(by_key) == len(value) and all(by_key.values()) else None
    return None


def _same(one: Any, other: Any) -> bool:
    """Whether two JSON values are equal; True is not 1."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
