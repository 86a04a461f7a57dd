"""The audience's builder: rows of attribute, operator and value in groups, or the condition as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from experiments.audiences.audience import type_of
from experiments.audiences.rows import Group, Join, Row, build, parse
from experiments.catalogue.attributes import CRM_TARGETS, Attribute
from experiments.forms.fields import EMPTY_CHOICE
from novarium.kernel.json_field import StorableJSONField

MOST_GROUPS, MOST_ROWS = 6, 12
LONGEST_VALUE = 500
Known = Mapping[str, Attribute]

_IS: dict[str, str | Promise] = {"is": _("is"), "is_not": _("is not")}
_ONE_OF: dict[str, str | Promise] = {"is": _("is one of"), "is_not": _("is none of")}
_ORDER: dict[str, str | Promise] = {
    "at_least": _("is at least"),
    "at_most": _("is at most"),
    "above": _("is above"),
    "below": _("is below"),
}
_INCLUDES: dict[str, str | Promise] = {"includes": _("includes one of"), "includes_none": _("includes none of")}
_KNOWN: dict[str, str | Promise] = {"known": _("is known"), "unknown": _("is unknown")}
OPERATORS: dict[str, dict[str, str | Promise]] = {
    "choice": _ONE_OF | _KNOWN,
    "text": _ONE_OF | {"like": _("matches the pattern")} | _KNOWN,
    "number": _ORDER | _IS | _KNOWN,
    "boolean": {"is": _("is")} | _KNOWN,
    "list": _INCLUDES | _KNOWN,
}
JOINS = (("all", _("all of these hold")), ("any", _("any of these holds")))


def operators_of(attribute: Attribute) -> dict[str, str | Promise]:
    """Return the operators' labels; of the CRM lists a unit is always known to be on some or none."""
    return _INCLUDES if attribute.key == CRM_TARGETS.key else OPERATORS[attribute.type]


class RowForm(forms.Form):
    """One row; which operators and values it offers follows from its attribute."""

    attribute = forms.ChoiceField(label=_("Attribute"))
    operator = forms.ChoiceField(label=_("Operator"))

    def __init__(self, data: Any = None, *, known: Known, chosen: str, prefix: str, initial: Any = None) -> None:
        super().__init__(data, prefix=prefix, initial=initial)
        self.known = known.get(chosen)
        choices = [("", EMPTY_CHOICE), *((key, item.label) for key, item in known.items())]
        self.fields["attribute"] = forms.ChoiceField(label=_("Attribute"), choices=choices)
        offered = operators_of(self.known) if self.known else OPERATORS["text"]
        self.fields["operator"] = forms.ChoiceField(label=_("Operator"), choices=list(offered.items()))
        operator = self["operator"].value()
        if self.known and operator not in {"known", "unknown"}:
            self.fields["value"] = _value_field(self.known, prefix)

    @property
    def attribute_field(self) -> forms.BoundField:
        """The choice of the attribute."""
        return self["attribute"]

    @property
    def operator_field(self) -> forms.BoundField:
        """The choice of the operator."""
        return self["operator"]

    @property
    def value_field(self) -> forms.BoundField | None:
        """The value's editor, None where there is nothing to type."""
        return self["value"] if "value" in self.fields else None

    @property
    def samples(self) -> Sequence[str]:
        """Values that were seen, to choose from while typing."""
        return self.known.samples if self.known and self.known.type in {"text", "list"} else ()

    def clean(self) -> None:
        """Refuse commas with nothing between them."""
        super().clean()
        clean = self.cleaned_data
        if "value" in clean and not _values(clean.get("operator", ""), clean["value"]):
            self.add_error("value", gettext("Write at least one value."))

    def row(self) -> Row:
        """Return the row of a valid form."""
        clean = self.cleaned_data
        return Row(clean["attribute"], clean["operator"], _values(clean["operator"], clean.get("value")))


def _values(operator: str, value: Any) -> tuple[Any, ...]:
    if value is None or operator in {"known", "unknown"}:
        return ()
    if isinstance(value, list):
        return tuple(value)
    return (value,) if operator == "like" or not isinstance(value, str) else tuple(_parted(value))


def _parted(text: str) -> list[str]:
    return list(dict.fromkeys(part for item in text.split(",") if (part := item.strip())))


def _value_field(attribute: Attribute, prefix: str) -> forms.Field:
    label = _("Value")
    if attribute.choices:
        widget = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(label=label, choices=list(attribute.choices.items()), widget=widget)
    if attribute.type == "boolean":
        yes_or_no = [("true", _("yes")), ("false", _("no"))]
        return forms.TypedChoiceField(label=label, choices=yes_or_no, coerce=lambda text: text == "true")
    if attribute.type == "number":
        return _NumberField(label=label)
    words = forms.CharField(label=label, max_length=LONGEST_VALUE, help_text=_("Several with commas between them."))
    words.widget.attrs["list"] = f"{prefix}-samples"
    return words


class _NumberField(forms.FloatField):
    """A number; a whole one cleans to an integer."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs |= {"step": "any", "inputmode": "decimal"}

    def clean(self, value: Any) -> Any:
        number = super().clean(value)
        return int(number) if number is not None and number.is_integer() else number


@dataclass(slots=True)
class GroupForms:
    """A group's join and rows; number 0 is the outer one."""

    number: int
    join: Join
    rows: list[RowForm]

    @property
    def may_grow(self) -> bool:
        """Whether one more row may be added."""
        return len(self.rows) < MOST_ROWS

    @property
    def joins(self) -> list[tuple[str, str | Promise, bool]]:
        """The joins to choose from: name, label, whether it is chosen."""
        return [(name, label, name == self.join) for name, label in JOINS]

    def is_valid(self) -> bool:
        """Whether each row is right."""
        return not [row for row in self.rows if not row.is_valid()]

    def group(self) -> Group:
        """Return the group of valid rows."""
        return Group(self.join, tuple(row.row() for row in self.rows))


@dataclass(slots=True)
class AudienceForms:
    """The whole builder: groups of rows, or a JSON text.

    Attributes:
        text: The condition as JSON where it is edited so; None where there are rows.
        only_json: Rows cannot say the condition.
    """

    groups: list[GroupForms] = field(default_factory=list)
    text: str | None = None
    only_json: bool = False
    problems: list[str] = field(default_factory=list)

    @property
    def may_grow(self) -> bool:
        """Whether one more group may be added."""
        return len(self.groups) <= MOST_GROUPS

    @property
    def inner(self) -> list[GroupForms]:
        """The groups within the outer one."""
        return self.groups[1:]

    @property
    def is_json(self) -> bool:
        """Whether the condition is edited as JSON."""
        return self.text is not None

    def condition(self) -> Any:
        """Return the condition, or None where it cannot be read; the forms then say why."""
        if self.text is not None:
            return self._typed_json()
        if [group for group in self.groups if not group.is_valid()]:
            return None
        outer, *inner = (group.group() for group in self.groups)
        return build(replace(outer, groups=tuple(inner)))

    def _typed_json(self) -> Any:
        if not (self.text or "").strip():
            return {}
        try:
            return StorableJSONField().clean(self.text)
        except forms.ValidationError as error:
            self.problems.extend(error.messages)
            return None


def saved(condition: Mapping[str, Any], known: Known, *, as_json: bool = False) -> AudienceForms:
    """Return the builder as a condition stands: rows, or JSON where rows cannot say it or it is asked for."""
    lists = {key for key, item in known.items() if item.type == "list"}
    group = parse(condition, lists=lists)
    if group is not None:
        known = with_unlisted(known, group)
        if not (_is_small(group) and all(_fits(row, known[row.attribute]) for row in group.all_rows())):
            group = None
    if as_json or group is None:
        text = json.dumps(condition, ensure_ascii=False, indent=2) if condition else ""
        return AudienceForms(text=text, only_json=group is None)
    groups = [group, *group.groups]
    return AudienceForms([_unsent(number, item.join, item.rows, known) for number, item in enumerate(groups)])


def _is_small(group: Group) -> bool:
    return len(group.groups) <= MOST_GROUPS and all(len(item.rows) <= MOST_ROWS for item in (group, *group.groups))


def with_unlisted(known: Known, group: Group) -> dict[str, Attribute]:
    """Return the known attributes and those that only the condition names; their types follow from the values."""
    found = dict(known)
    for row in group.all_rows():
        if row.attribute not in found:
            kind = type_of(row.values[0]) if row.values else "text"
            found[row.attribute] = Attribute(key=row.attribute, label=row.attribute, type=kind)
    return found


def _fits(row: Row, attribute: Attribute) -> bool:
    """Whether the row's form can show it and would give it back."""
    if row.operator not in operators_of(attribute):
        return False
    if attribute.type == "boolean":
        return all(isinstance(value, bool) for value in row.values) and len(row.values) < 2
    if attribute.type == "number":
        return all(type_of(value) == "number" for value in row.values) and len(row.values) < 2
    texts = [value for value in row.values if isinstance(value, str)]
    if len(texts) < len(row.values):
        return False
    if attribute.choices:
        return set(texts) <= set(attribute.choices)
    return row.operator == "like" or _parted(", ".join(texts)) == texts


def _unsent(number: int, join: Join, rows: Sequence[Row], known: Known) -> GroupForms:
    forms_ = []
    for place, row in enumerate(rows):
        initial = {"attribute": row.attribute, "operator": row.operator, "value": _shown(row, known[row.attribute])}
        prefix = f"g{number}-{place}"
        forms_.append(RowForm(known=known, chosen=row.attribute, prefix=prefix, initial=initial))
    return GroupForms(number, join, forms_)


def _shown(row: Row, attribute: Attribute) -> Any:
    if attribute.choices:
        return list(row.values)
    if attribute.type == "boolean":
        return "true" if row.values == (True,) else "false"
    if attribute.type == "number":
        return row.values[0] if row.values else None
    return ", ".join(map(str, row.values))


def unlisted(forms_: AudienceForms, known: Known) -> list[str]:
    """Return the rows' attributes that only the condition names, with their types, for the page to send back."""
    rows = (row for group in forms_.groups for row in group.rows if row.known and row.known.key not in known)
    return list(dict.fromkeys(f"{row.known.key}:{row.known.type}" for row in rows if row.known))


def first_problem(forms_: AudienceForms) -> str:
    """Return what keeps the rows from being counted."""
    return forms_.problems[0] if forms_.problems else gettext("Complete the rows, and the count appears here.")
