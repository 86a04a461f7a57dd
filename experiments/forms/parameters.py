"""A form made from a feature's declared parameters: text, number, choice, yes or no, colour swatches."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext

Declaration = Mapping[str, Any]
PREFIX = "p_"
SWATCHES = frozenset({"color", "theme"})


class Swatches(forms.RadioSelect):
    """A choice of colours, each shown beside its name."""

    option_template_name = "experiments/forms/swatch.html"


class ParameterForm(forms.Form):
    """One value of a feature; a field's name is the parameter's with ``p_`` before it."""

    def __init__(
        self,
        data: Any = None,
        *,
        declared: Sequence[Declaration],
        value: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        known = value or {}
        initial = {PREFIX + item["name"]: _shown(known.get(item["name"]), item) for item in declared}
        super().__init__(data, initial={**initial, **kwargs.pop("initial", {})}, **kwargs)
        self.declared = declared
        for item in declared:
            self.fields[PREFIX + item["name"]] = field_for(item)

    def parameter_fields(self) -> list[forms.BoundField]:
        """Return the parameters' fields in declared order."""
        return [self[PREFIX + item["name"]] for item in self.declared]

    def value(self) -> dict[str, Any]:
        """Return the typed value; a text that is a message id's translation becomes the id again."""
        return {item["name"]: _stored(self.cleaned_data[PREFIX + item["name"]], item) for item in self.declared}

    def typed_value(self) -> tuple[dict[str, Any], list[str]]:
        """Return the value as it stands in the form, saved or not, and sentences on what is wrong with it."""
        value: dict[str, Any] = {}
        faults: list[str] = []
        for item, bound in zip(self.declared, self.parameter_fields(), strict=True):
            try:
                value[item["name"]] = _stored(bound.field.clean(bound.value()), item)
            except forms.ValidationError as error:
                faults += [f"{bound.label}: {sentence}" for sentence in error.messages]
        return value, faults


def field_for(item: Declaration) -> forms.Field:
    """Return the form field of a declared parameter."""
    return _FIELDS[item["type"]](item, gettext(item["label"]))


def _text(item: Declaration, label: str) -> forms.Field:
    return forms.CharField(label=label, max_length=item["max_length"])


def _integer(item: Declaration, label: str) -> forms.Field:
    limits = {"min_value": item["min"], "max_value": item["max"]}
    help_text = gettext("From %(low)s to %(high)s.") % {"low": item["min"], "high": item["max"]}
    return forms.IntegerField(label=label, help_text=help_text, **limits)


def _number(item: Declaration, label: str) -> forms.Field:
    return forms.FloatField(label=label, min_value=item["min"], max_value=item["max"])


def _boolean(_item: Declaration, label: str) -> forms.Field:
    return forms.BooleanField(label=label, required=False)


def _choice(item: Declaration, label: str) -> forms.Field:
    choices = [(value, gettext(text)) for value, text in item["choices"]]
    if item["name"] in SWATCHES:
        return forms.ChoiceField(label=label, choices=choices, widget=Swatches)
    return forms.ChoiceField(label=label, choices=choices)


_FIELDS: dict[str, Callable[[Declaration, str], forms.Field]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "choice": _choice,
}


def _shown(value: Any, item: Declaration) -> Any:
    return gettext(value) if item["type"] == "text" and value else value


def _stored(value: Any, item: Declaration) -> Any:
    is_default = item["type"] == "text" and value == gettext(item["default"])
    return item["default"] if is_default else value
