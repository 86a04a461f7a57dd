"""Declared parameters of a feature: check a declaration, and check a value against it. Pure.

A declaration is a JSON object with ``name``, ``type``, ``label`` and ``default``, and by type:
``text`` has ``max_length``; ``integer`` and ``number`` have ``min`` and ``max``; ``choice`` has ``choices``, a list of
[value, label]; ``boolean`` has nothing more.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from novarium.kernel.errors import Invalid

Declaration = Mapping[str, Any]
Value = dict[str, Any]


def defaults(declared: Sequence[Declaration]) -> Value:
    """Return the value in which every parameter has its default."""
    return {item["name"]: item["default"] for item in declared}


def validate(value: object, *, declared: Sequence[Declaration]) -> Value:
    """Return the value with exactly the declared parameters, in declared order.

    Raises:
        Invalid: naming each unknown, missing or out-of-limits parameter in ``fields``.
    """
    if not isinstance(value, Mapping):
        raise Invalid(_("The value must be an object of parameters."))
    known = {item["name"]: item for item in declared}
    problems: dict[str, list[str]] = {
        str(name): [_("The feature has no such parameter.")] for name in value if name not in known
    }
    clean: Value = {}
    for name, item in known.items():
        if name not in value:
            problems[name] = [_("This parameter is missing.")]
            continue
        problem, clean[name] = _CHECKS[item["type"]](value[name], item)
        if problem:
            problems[name] = [problem]
    if problems:
        raise Invalid(_("Some parameters are not right."), fields=problems)
    return clean


def _text(value: object, item: Declaration) -> tuple[str, object]:
    if not isinstance(value, str):
        return _("This must be a text."), value
    text = unicodedata.normalize("NFC", value).strip()
    if not text:
        return _("This must not be empty."), text
    if len(text) > item["max_length"]:
        return _("At most %(n)d characters.") % {"n": item["max_length"]}, text
    if any(unicodedata.category(character) in {"Cc", "Cs", "Cn", "Co"} for character in text):
        return _("This has a character that cannot be shown."), text
    return "", text


def _number(value: object, item: Declaration) -> tuple[str, object]:
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124 - NaN
        return _("This must be a number."), value
    if not item["min"] <= value <= item["max"]:
        return _("From %(low)s to %(high)s.") % {"low": item["min"], "high": item["max"]}, value
    return "", value


def _integer(value: object, item: Declaration) -> tuple[str, object]:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, float):
        return _("This must be a whole number."), value
    return _number(value, item)


def _boolean(value: object, item: Declaration) -> tuple[str, object]:
    return ("" if isinstance(value, bool) else _("This must be yes or no.")), value


def _choice(value: object, item: Declaration) -> tuple[str, object]:
    allowed = [choice for choice, _label in item["choices"]]
    return ("" if value in allowed else _("Choose one of the given values.")), value


_CHECKS: dict[str, Callable[[object, Declaration], tuple[str, object]]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "choice": _choice,
}
