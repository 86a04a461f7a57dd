"""A feature's targeted values as forms, one a value."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from experiments.assignment import conditions
from experiments.forms.parameters import ParameterForm
from experiments.models import Feature

EMPTY_ROWS = 1
MOST_ROWS = 25


class SwitchForm(forms.Form):
    """On or off; ``expected`` is the serving version that the person saw."""

    enabled = forms.BooleanField(required=False, widget=forms.HiddenInput)
    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2_000_000_000)
    note = forms.CharField(label=_("Note"), max_length=300, required=False)


class TargetsForm(forms.Form):
    """How many rows there are, which serving version the person saw, and why it changes."""

    expected = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2_000_000_000)
    rows = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=MOST_ROWS)
    reason = forms.CharField(
        label=_("Note"), max_length=300, required=False, help_text=_("Why; it stands in the audit log.")
    )


class TargetForm(ParameterForm):
    """One targeted value; a row without a condition is left out."""

    condition = forms.CharField(
        label=_("Condition"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=_(
            'JSON over attributes, such as {"email": {"$regex": "@example.com$"}}. Empty: this row is left out.'
        ),
    )
    note = forms.CharField(label=_("For whom"), required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, use_required_attribute=False, **kwargs)

    def is_used(self) -> bool:
        """Whether a condition was typed."""
        return bool(str(self["condition"].value() or "").strip())

    def clean_condition(self) -> Any:
        """Return the condition, checked."""
        try:
            condition = json.loads(self.cleaned_data["condition"])
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_now("This is no JSON.")) from error
        if problems := conditions.check(condition):
            raise forms.ValidationError(problems)
        return condition

    def target(self) -> dict[str, Any]:
        """Return the targeted value."""
        clean = self.cleaned_data
        return {"condition": clean["condition"], "value": self.value(), "note": clean["note"]}


def shown_rows(feature: Feature, live: Mapping[str, Any]) -> list[TargetForm]:
    """Return the stored targeted values and an empty row, which begins with the live value."""
    rows: Sequence[Mapping[str, Any]] = [*feature.targets, *[{}] * EMPTY_ROWS]
    return [
        TargetForm(
            declared=feature.parameters,
            value=row.get("value", live),
            prefix=f"t{number}",
            initial={
                "condition": json.dumps(row["condition"], ensure_ascii=False) if row else "",
                "note": row.get("note", ""),
            },
        )
        for number, row in enumerate(rows)
    ]


def typed_rows(feature: Feature, data: Any, count: int) -> list[TargetForm]:
    """Return the rows as they were typed."""
    return [TargetForm(data, declared=feature.parameters, prefix=f"t{number}") for number in range(count)]
