"""An audience in the reader's words: "Visitors on a phone, in Seoul, who came before"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from experiments.audiences.rows import Group, Row, parse
from experiments.catalogue.attributes import Attribute
from novarium.portal import numbers

_SIGNS = {"at_least": "≥", "above": ">", "at_most": "≤", "below": "<", "like": "~", "is": "=", "is_not": "≠"}


def describe(condition: Mapping[str, Any], known: Mapping[str, Attribute]) -> str:
    """Return whom the condition is for, in a phrase; what rows cannot say is called so."""
    if not condition:
        return _("All visitors")
    lists = {key for key, item in known.items() if item.type == "list"}
    group = parse(condition, lists=lists)
    if group is None:
        return _("Visitors who meet a condition written as JSON")
    return _("Visitors %(who)s") % {"who": _group(group, known)}


def _group(group: Group, known: Mapping[str, Attribute]) -> str:
    parts = [_row(row, known.get(row.attribute)) for row in group.rows]
    parts += [f"({_group(inner, known)})" for inner in group.groups]
    return (pgettext("audience", " or ") if group.join == "any" else pgettext("audience", ", ")).join(parts)


def _row(row: Row, attribute: Attribute | None) -> str:
    phrase = _own_phrase(row, attribute) if attribute and attribute.own else None
    if phrase is not None:
        return phrase
    label = str(attribute.label) if attribute else row.attribute
    values = pgettext("audience", " or ").join(_value(value, attribute) for value in row.values)
    if row.operator in {"known", "unknown"}:
        sentence = _("with %(attribute)s known") if row.operator == "known" else _("with %(attribute)s unknown")
        return sentence % {"attribute": label}
    if row.operator in {"includes", "includes_none"}:
        with_or_without = _("with %(values)s in %(attribute)s"), _("without %(values)s in %(attribute)s")
        sentence = with_or_without[row.operator == "includes_none"]
        return sentence % {"attribute": label, "values": values}
    return _("with %(attribute)s %(sign)s %(values)s") % {
        "attribute": label,
        "sign": _SIGNS[row.operator],
        "values": values,
    }


def _value(value: Any, attribute: Attribute | None) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return numbers.number(value)
    return str(attribute.choices.get(value, value)) if attribute else str(value)


def _own_phrase(row: Row, attribute: Attribute) -> str | None:
    """Return a phrase of its own for what is asked often; None where the general form will do."""
    if attribute.key == "returning" and row.operator == "is" and len(row.values) == 1:
        return _("who came before") if row.values[0] is True else _("who come for the first time")
    if attribute.key == "signup_age_days" and row.operator in _AGES:
        return str(_ages()[row.operator]) % {"days": numbers.number(row.values[0])}  # type: ignore[arg-type]
    phrases = _phrases().get(attribute.key)
    if phrases is None or row.operator not in {"is", "is_not", "includes", "includes_none"}:
        return None
    values = pgettext("audience", " or ").join(_value(value, attribute) for value in row.values)
    within = values.lower() if attribute.key == "device" else values
    return phrases[row.operator in {"is_not", "includes_none"}] % {"values": within}


def _phrases() -> dict[str, tuple[str, str]]:
    return {
        "device": (_("on %(values)s"), _("not on %(values)s")),
        "language": (_("reading %(values)s"), _("not reading %(values)s")),
        "city": (_("in %(values)s"), _("not in %(values)s")),
        "crm_targets": (_("who are CRM targets of %(values)s"), _("who are no CRM targets of %(values)s")),
        "segment": (_("in the segment %(values)s"), _("not in the segment %(values)s")),
    }


_AGES = ("is", "at_least", "above", "at_most", "below")


def _ages() -> dict[str, str]:
    return {
        "is": _("who first came %(days)s days ago"),
        "at_least": _("who first came %(days)s days ago or earlier"),
        "above": _("who first came more than %(days)s days ago"),
        "at_most": _("who first came in the last %(days)s days"),
        "below": _("who first came less than %(days)s days ago"),
    }
