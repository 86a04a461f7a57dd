"""Conditions on an event's properties, as Postgres' JSON path. Pure.

One language for results, previews and planning: a list of filters becomes one path with its values apart from it, both
of which a statement binds as parameters. An event counts where every filter holds:

- ``=`` the property has the value; ``≠`` it has another one, or none;
- ``in`` it has one of the values;
- ``>`` and ``<`` it is a number above or below the value.

``amount`` is the event's own amount.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from experiments.designs.design import MetricFilter

OPERATORS = ("=", "≠", "in", ">", "<")
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,39}")


def json_path(filters: Sequence[MetricFilter]) -> tuple[str | None, str | None]:
    """Return the path and the JSON of its variables for ``jsonb_path_match``; None twice without filters.

    >>> json_path([MetricFilter(property="page", operator="=", value="home")])
    ('($."page" == $v0)', '{"v0": "home"}')
    """
    if not filters:
        return None, None
    path = " && ".join(_predicate(item, f"$v{index}") for index, item in enumerate(filters))
    variables = {f"v{index}": _plain(item.value) for index, item in enumerate(filters)}
    return path, json.dumps(variables, ensure_ascii=False)


def as_text(item: MetricFilter) -> str:
    """Return a filter in one line, as it is also typed.

    >>> as_text(MetricFilter(property="page", operator="in", value=("home", "search")))
    'page in home, search'
    """
    if isinstance(item.value, tuple):
        return f"{item.property} in {', '.join(_typed(one) for one in item.value)}"
    return f"{item.property} {item.operator} {_typed(item.value)}"


def _predicate(item: MetricFilter, variable: str) -> str:
    place = f"$.{json.dumps(item.property)}"
    match item.operator:
        case "≠":
            equal = f"{place} == {variable}"
            # Values of two kinds cannot be compared, so they are not equal either.
            return f"(!({equal}) || ({equal}) is unknown)"
        case "in":
            return f"({place} == {variable}[*])"
        case "=":
            return f"({place} == {variable})"
        case _:
            return f"({place} {item.operator} {variable})"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _typed(value: Any) -> str:
    """Return a value as it is typed: a text that would be read as something else stands in quotes."""
    if not isinstance(value, str):
        return json.dumps(value)
    try:
        json.loads(value)
    except ValueError:
        return value
    return json.dumps(value)
