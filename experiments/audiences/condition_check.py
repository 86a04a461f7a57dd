"""What is wrong with a condition, in sentences: unknown operators, wrong operands, too deep, too large. Pure.

``experiments.assignment.conditions`` describes the language.
"""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from re import _constants as codes  # type: ignore[attr-defined]  # the parse tree's names; typeshed does not list them
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

DEEPEST = 8  # nested conditions and operators
LARGEST = 64 * 1024  # characters of JSON
LONGEST_NAME = 120
LONGEST_PATTERN = 200
MOST_REPEATS, MOST_OPTIONS = 2, 5
CRM_TARGETS = "crm_targets"  # the lists that a unit is on: told by the platform, not by programs
TYPES = ("string", "number", "boolean", "array", "object", "null")

Problems = Iterator[str]


def check(condition: object) -> list[str]:
    """Return sentences on what is wrong with the condition; none where it can be used.

    >>> check({"age": {"$above": 20}})
    ['age: there is no operator $above.']
    """
    if not isinstance(condition, Mapping):
        return ["A condition is an object of attributes."]
    try:
        if len(json.dumps(condition)) > LARGEST:
            return [f"A condition has at most {LARGEST} characters of JSON."]
        return list(_condition(condition, "", DEEPEST))
    except (RecursionError, TypeError, ValueError):
        return ["A condition is plain JSON of a few levels."]


def _condition(condition: object, place: str, depth: int) -> Problems:
    if not isinstance(condition, Mapping):
        yield f"{place or 'A condition'}: this must be an object of attributes."
        return
    if depth == 0:
        yield f"{place}: conditions are nested at most {DEEPEST} levels deep."
        return
    for key, value in condition.items():
        yield from _entry(key, value, f"{place} {key}".strip(), depth)


def _entry(key: str, value: object, here: str, depth: int) -> Problems:
    if key in {"$and", "$or", "$nor"}:
        yield from _group(value, here, depth - 1)
    elif key == "$not":
        yield from _condition(value, here, depth - 1)
    elif key.startswith("$"):
        yield f"{here}: there is no such operator over conditions."
    elif key == CRM_TARGETS:
        yield from _lists(value, here)
    elif not key or len(key) > LONGEST_NAME:
        yield f"An attribute's name has 1 to {LONGEST_NAME} characters."
    else:
        yield from _value(value, here, depth - 1)


def _lists(value: object, place: str) -> Problems:
    """The platform's own lists are asked for by what every form of evaluation can answer."""
    tests = value if isinstance(value, Mapping) else {}
    if not tests or set(tests) - {"$in", "$nin"}:
        yield f"{place}: ask with $in or $nin for keys of CRM rules."
    elif not all(isinstance(keys, list) and keys and all(isinstance(k, str) for k in keys) for keys in tests.values()):
        yield f"{place}: give a list of keys of CRM rules."


def _group(items: object, place: str, depth: int) -> Problems:
    if not isinstance(items, list) or not items:
        yield f"{place}: give a list of conditions."
        return
    for item in items:
        yield from _condition(item, place, depth)


def _value(value: object, place: str, depth: int) -> Problems:
    if depth == 0:
        yield f"{place}: conditions are nested at most {DEEPEST} levels deep."
        return
    if not isinstance(value, Mapping) or not any(name.startswith("$") for name in value):
        return
    for name, operand in value.items():
        if not name.startswith("$"):
            yield f"{place}: operators and names cannot be mixed."
        elif name not in OPERANDS:
            yield f"{place}: there is no operator {name}."
        else:
            yield from OPERANDS[name](operand, f"{place} {name}", depth - 1)


def _scalar(operand: object, place: str, _depth: int) -> Problems:
    if isinstance(operand, Mapping | list):
        yield f"{place}: give a text, a number, true, false or null."


def _ordered(operand: object, place: str, _depth: int) -> Problems:
    if isinstance(operand, bool) or not isinstance(operand, int | float | str):
        yield f"{place}: give a number or a text."


def _list(operand: object, place: str, _depth: int) -> Problems:
    if not isinstance(operand, list) or any(isinstance(item, Mapping | list) for item in operand):
        yield f"{place}: give a list of texts, numbers, true, false or null."


def _values(operand: object, place: str, depth: int) -> Problems:
    if not isinstance(operand, list):
        yield f"{place}: give a list."
        return
    for item in operand:
        yield from _value(item, place, depth)


def _element(operand: object, place: str, depth: int) -> Problems:
    if not isinstance(operand, Mapping):
        yield f"{place}: give an object of operators or attributes."
    elif operand and all(name.startswith("$") for name in operand) and not {"$and", "$or", "$nor"} & set(operand):
        yield from _value(operand, place, depth)
    else:
        yield from _condition(operand, place, depth)


def _flag(operand: object, place: str, _depth: int) -> Problems:
    if not isinstance(operand, bool):
        yield f"{place}: give true or false."


def _type(operand: object, place: str, _depth: int) -> Problems:
    if operand not in TYPES:
        yield f"{place}: give one of {', '.join(TYPES)}."


def _pattern(operand: object, place: str, _depth: int) -> Problems:
    if not isinstance(operand, str) or len(operand) > LONGEST_PATTERN:
        yield f"{place}: give a regular expression of at most {LONGEST_PATTERN} characters."
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # such as [[a], which languages read differently
            tree = parser.parse(operand)
    except (re.error, FutureWarning, DeprecationWarning, OverflowError, RecursionError) as error:
        yield f"{place}: this is no regular expression ({error})."
        return
    if problem := _slowness(tree):
        yield f"{place}: {problem}"


def _slowness(tree: Any) -> str:
    """Return why the expression could take long on some text, or nothing."""
    parts = list(_parts(tree, inside=False))
    if any(code is codes.GROUPREF or code is codes.GROUPREF_EXISTS for code, _argument, _inside in parts):
        return "references to groups cannot be used."
    repeats = [(argument, inside) for code, argument, inside in parts if code in _REPEATS]
    if any(inside for _argument, inside in repeats) or any(
        inside and code is codes.BRANCH for code, _argument, inside in parts
    ):
        return "a repeated group cannot hold repetitions or alternatives."
    options = sum(argument[1] == 1 for argument, _inside in repeats)
    if options > MOST_OPTIONS or len(repeats) - options > MOST_REPEATS:
        return f"at most {MOST_REPEATS} repetitions and {MOST_OPTIONS} optional parts."
    return ""


_REPEATS = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


def _parts(tree: Any, *, inside: bool) -> Iterator[tuple[Any, Any, bool]]:
    """Yield each part of a parsed expression, and whether it is inside a repetition."""
    for code, argument in tree:
        fixed = code in _REPEATS and argument[0] == argument[1]  # {3} has one way to match
        if not fixed:
            yield code, argument, inside
        for child in _children(code, argument):
            yield from _parts(child, inside=inside or (code in _REPEATS and argument[1] > 1))


def _children(code: Any, argument: Any) -> list[Any]:
    if code in _REPEATS:
        return [argument[2]]
    if code is codes.BRANCH:
        return list(argument[1])
    if code in {codes.SUBPATTERN, codes.ASSERT, codes.ASSERT_NOT}:
        return [argument[-1]]
    if code is codes.ATOMIC_GROUP:
        return [argument]
    if code is codes.GROUPREF_EXISTS:
        return [tree for tree in argument[1:] if tree is not None]
    return []


OPERANDS: dict[str, Callable[[object, str, int], Problems]] = {
    **dict.fromkeys(("$eq", "$ne"), _scalar),
    **dict.fromkeys(("$lt", "$lte", "$gt", "$gte", "$veq", "$vne", "$vlt", "$vlte", "$vgt", "$vgte"), _ordered),
    **dict.fromkeys(("$in", "$nin", "$ini", "$nini"), _list),
    **dict.fromkeys(("$all", "$alli"), _values),
    **dict.fromkeys(("$regex", "$regexi", "$notRegex", "$notRegexi"), _pattern),
    **dict.fromkeys(("$not", "$size"), _value),
    "$elemMatch": _element,
    "$exists": _flag,
    "$type": _type,
}
