"""Which units a rule is for: JSON conditions on their attributes, as the public GrowthBook SDKs read them. Pure.

A condition is an object of attribute paths (``"address.city"``) with a value to equal or an object of operators, and of
``$and``, ``$or``, ``$nor`` and ``$not`` over further conditions; all its entries must hold. ``check`` names what is
wrong with one, ``compile`` makes a fast predicate of it, ``matches`` asks once.

Where the SDKs in JavaScript and Python differ, the rules are JavaScript's: ``true`` is not 1, and a missing attribute
is null. A text of more than 256 characters matches no regular expression, so that none can keep a server busy.

Source: the "build your own SDK" page of the GrowthBook documentation, section on conditions.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from experiments.audiences.condition_check import check

__all__ = ["check", "compile", "kind", "matches", "version_key"]

LONGEST_TEXT = 256  # that a regular expression is tried on

Test = Callable[[Any], bool]


def matches(condition: Mapping[str, Any], attributes: Mapping[str, Any]) -> bool:
    """Whether the attributes satisfy the condition; an empty condition holds for everybody.

    >>> matches({"city": {"$in": ["Seoul", "Busan"]}, "age": {"$gte": 20}}, {"city": "Seoul", "age": 31})
    True
    """
    return compile(condition)(attributes)


def compile(condition: Mapping[str, Any]) -> Test:  # noqa: A001 - as in re.compile
    """Return a predicate of attributes.

    Raises:
        ValueError: the condition is malformed; ``check`` says where.
    """
    try:
        return _all([_entry(key, value) for key, value in condition.items()])
    except (KeyError, TypeError, AttributeError, re.error) as error:
        raise ValueError(f"malformed condition: {error!r}") from error


def _all(tests: Sequence[Test]) -> Test:
    if len(tests) == 1:
        return tests[0]
    return lambda value: all(test(value) for test in tests)


def _any(tests: Sequence[Test]) -> Test:
    return lambda value: any(test(value) for test in tests)


def _no(test: Test) -> Test:
    return lambda value: not test(value)


def _entry(key: str, value: Any) -> Test:
    if key in _GROUPS:
        return _GROUPS[key](value)
    test, path = _value(value), key.split(".")
    if len(path) == 1:
        return lambda attributes: test(attributes.get(key) if isinstance(attributes, Mapping) else _at(attributes, key))
    return lambda attributes: test(_walk(attributes, path))


_GROUPS: dict[str, Callable[[Any], Test]] = {
    "$and": lambda items: _all([compile(item) for item in items]),
    "$or": lambda items: _any([compile(item) for item in items]),
    "$nor": lambda items: _no(_any([compile(item) for item in items])),
    "$not": lambda item: _no(compile(item)),
}


def _walk(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        value = _at(value, name)
    return value


def _at(value: Any, name: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, list):
        if name == "length":
            return len(value)
        if name.isascii() and name.isdigit() and str(int(name[:9])) == name and int(name) < len(value):
            return value[int(name)]
    return None


def _value(wanted: Any) -> Test:
    """Return the test of one attribute's value."""
    if isinstance(wanted, Mapping) and all(name.startswith("$") for name in wanted):
        return _all([_OPERATORS[name](operand) for name, operand in wanted.items()])
    return lambda value: _equal(wanted, value)


def kind(value: Any) -> str:
    """Return the JSON type of a value, as ``$type`` names it."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, str):
        return "string"
    return "object" if isinstance(value, Mapping) else "array"


def _equal(one: Any, other: Any) -> bool:
    """Compare whole JSON values; 1 equals 1.0, but not true."""
    if kind(one) != kind(other):
        return False
    if isinstance(one, Mapping):
        return list(one) == list(other) and all(_equal(one[name], other[name]) for name in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_equal, one, other))
    return bool(one == other)


def _same(one: Any, other: Any) -> bool:
    """Compare as JavaScript's ``===`` does: two objects or lists are never the same."""
    return kind(one) == kind(other) and not isinstance(one, Mapping | list) and bool(one == other)


def _in(items: Sequence[Any], *, fold: bool = False) -> Test:
    wanted = {(kind(item), _folded(item, fold=fold)) for item in items if not isinstance(item, Mapping | list)}

    def test(value: Any) -> bool:
        if isinstance(value, list):
            return any(test(item) for item in value if not isinstance(item, list))
        return not isinstance(value, Mapping) and (kind(value), _folded(value, fold=fold)) in wanted

    return test


def _folded(value: Any, *, fold: bool) -> Any:
    return value.lower() if fold and isinstance(value, str) else value


def _contains_all(items: Sequence[Any], *, fold: bool = False) -> Test:
    def item_test(wanted: Any) -> Test:
        if fold and isinstance(wanted, str):
            return lambda value: isinstance(value, str) and value.lower() == wanted.lower()
        return _value(wanted)

    tests = [item_test(item) for item in items]
    return lambda value: isinstance(value, list) and all(any(test(item) for item in value) for test in tests)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any], Test]:
    def build(wanted: Any) -> Test:
        sort, key = kind(wanted), _units(wanted)
        if sort not in {"number", "string"}:
            return lambda _value: False
        return lambda value: kind(value) == sort and compare(_units(value), key)

    return build


def _units(value: Any) -> Any:
    """Return what a value is ordered by; texts by their UTF-16 code units."""
    return value.encode("utf-16-be", "surrogatepass") if isinstance(value, str) else value


def _version(compare: Callable[[str, str], bool], *, otherwise: bool = False) -> Callable[[Any], Test]:
    def build(wanted: Any) -> Test:
        sort, key = kind(wanted), version_key(wanted)
        if sort not in {"number", "string"}:
            return lambda _value: otherwise
        return lambda value: compare(version_key(value), key) if kind(value) == sort else otherwise

    return build


@lru_cache(maxsize=1024)
def _version_text(text: str) -> str:
    parts = re.split(r"[-.]", re.sub(r"^v|\+.*$", "", text))
    if len(parts) == 3:
        parts.append("~")  # after every pre-release of the same number
    return "-".join(part.rjust(5) if part.isdigit() else part for part in parts)


def version_key(value: Any) -> str:
    """Return a text by which semantic versions sort.

    >>> version_key("1.9.0") < version_key("v1.10.0-beta") < version_key("1.10.0+build7")
    True
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(int(value)) if math.isfinite(value) and value == int(value) else repr(value)
    return _version_text(value if isinstance(value, str) and value else "0")


def _regex(flags: int = 0) -> Callable[[Any], Test]:
    def build(pattern: Any) -> Test:
        search = re.compile(pattern, flags).search
        return lambda value: isinstance(value, str) and len(value) <= LONGEST_TEXT and search(value) is not None

    return build


def _element(condition: Mapping[str, Any]) -> Test:
    on_value = all(name.startswith("$") for name in condition) and not _GROUPS_OF_CONDITIONS & set(condition)
    test = _value(condition) if on_value else compile(condition)
    return lambda value: isinstance(value, list) and any(test(item) for item in value if item is not None)


_GROUPS_OF_CONDITIONS = frozenset({"$and", "$or", "$nor"})


def _size(wanted: Any) -> Test:
    test = _value(wanted)
    return lambda value: isinstance(value, list) and test(len(value))


def _exists(wanted: Any) -> Test:
    return lambda value: (value is not None) == bool(wanted)


_OPERATORS: dict[str, Callable[[Any], Test]] = {
    "$eq": lambda wanted: lambda value: _same(wanted, value),
    "$ne": lambda wanted: lambda value: not _same(wanted, value),
    "$lt": _ordered(operator.lt),
    "$lte": _ordered(operator.le),
    "$gt": _ordered(operator.gt),
    "$gte": _ordered(operator.ge),
    "$veq": _version(operator.eq),
    "$vne": _version(operator.ne, otherwise=True),
    "$vlt": _version(operator.lt),
    "$vlte": _version(operator.le),
    "$vgt": _version(operator.gt),
    "$vgte": _version(operator.ge),
    "$in": _in,
    "$nin": lambda items: _no(_in(items)),
    "$ini": lambda items: _in(items, fold=True),
    "$nini": lambda items: _no(_in(items, fold=True)),
    "$all": _contains_all,
    "$alli": lambda items: _contains_all(items, fold=True),
    "$regex": _regex(),
    "$regexi": _regex(re.IGNORECASE),
    "$notRegex": lambda pattern: _no(_regex()(pattern)),
    "$notRegexi": lambda pattern: _no(_regex(re.IGNORECASE)(pattern)),
    "$elemMatch": _element,
    "$size": _size,
    "$exists": _exists,
    "$type": lambda wanted: lambda value: kind(value) == wanted,
    "$not": lambda wanted: _no(_value(wanted)),
}
