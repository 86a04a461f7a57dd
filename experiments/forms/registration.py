"""A new feature of another product, as a form."""

from __future__ import annotations

import json
from typing import Any, cast

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from experiments.models import Feature
from novarium.portal.access import teams_for
from novarium.portal.models import Team, User
from novarium.portal.roles import Action

LONGEST_TEXT = 2000
LARGEST = 1_000_000_000
YES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


class RegistrationForm(forms.Form):
    """What programs will ask for, and the value that everybody gets until somebody tests or changes it."""

    name = forms.CharField(label=_("Name"), max_length=80)
    key = forms.SlugField(
        label=_("Key"),
        max_length=60,
        required=False,
        help_text=_("What programs ask for. Left empty it is made from the name; it stays."),
    )
    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), empty_label=None)
    description = forms.CharField(
        label=_("Description"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    value_type = forms.ChoiceField(label=_("Type of the value"), choices=Feature.ValueType.choices, initial="boolean")
    value = forms.CharField(
        label=_("First value"),
        max_length=LONGEST_TEXT,
        required=False,
        help_text=_("true or false for yes or no; a number; or the text. For an object, declare parameters instead."),
    )
    parameters = forms.CharField(
        label=_("Parameters of an object"),
        max_length=20_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        help_text=_(
            'A JSON list, such as [{"name": "color", "type": "text", "label": "Colour", "default": "blue",'
            ' "max_length": 20}].'
        ),
    )

    def __init__(self, data: Any = None, *, person: User) -> None:
        super().__init__(data)
        teams = [team.pk for team in teams_for(person, Action.DESIGN)]
        cast("forms.ModelChoiceField[Team]", self.fields["team"]).queryset = Team.objects.filter(pk__in=teams)

    def clean_key(self) -> str:
        """Return the key that was typed or one made from the name; each is used once."""
        key = self.cleaned_data["key"] or slugify(self.cleaned_data.get("name", ""))[:60].strip("-")
        if key in {"", "new"}:  # "new" is the address of this form
            raise forms.ValidationError(_now("Type a key of letters, digits and hyphens."))
        if Feature.objects.filter(key=key).exists():
            raise forms.ValidationError(_now("There is a feature with this key already."))
        return str(key)

    def clean(self) -> dict[str, Any]:
        """Make the declarations that the type and the first value lead to."""
        clean = super().clean() or self.cleaned_data
        declare = {
            Feature.ValueType.OBJECT: self._object,
            Feature.ValueType.BOOLEAN: self._boolean,
            Feature.ValueType.STRING: self._string,
            Feature.ValueType.INTEGER: self._integer,
            Feature.ValueType.FLOAT: self._float,
        }.get(clean.get("value_type", ""))
        if declare:
            clean["declared"] = declare(clean)
        return clean

    def feature(self) -> Feature:
        """Return the feature, not saved yet."""
        clean = self.cleaned_data
        names = ("name", "key", "team", "description", "value_type")
        return Feature(
            **{name: clean[name] for name in names},
            surface=Feature.Surface.EXTERNAL,
            component="app",
            parameters=clean["declared"],
        )

    def _object(self, clean: dict[str, Any]) -> Any:
        try:
            return json.loads(clean.get("parameters") or "null")
        except (ValueError, RecursionError):
            self.add_error("parameters", _now("This is no JSON."))
            return None

    def _boolean(self, clean: dict[str, Any]) -> Any:
        typed = clean.get("value", "").strip().lower()
        if typed not in YES:
            self.add_error("value", _now("Type true or false."))
        return _one("boolean", YES.get(typed, False))

    def _string(self, clean: dict[str, Any]) -> Any:
        if not clean.get("value"):
            self.add_error("value", _now("Type the text that everybody gets first."))
        return _one("text", clean.get("value", ""), max_length=LONGEST_TEXT)

    def _integer(self, clean: dict[str, Any]) -> Any:
        try:
            number = int(clean.get("value", ""))
        except ValueError:
            self.add_error("value", _now("Type a whole number."))
            return None
        return _one("integer", number, min=-LARGEST, max=LARGEST)

    def _float(self, clean: dict[str, Any]) -> Any:
        try:
            number = float(clean.get("value", ""))
        except ValueError:
            self.add_error("value", _now("Type a number."))
            return None
        return _one("number", number, min=-LARGEST, max=LARGEST)


def _one(kind: str, default: Any, **limits: Any) -> list[dict[str, Any]]:
    return [{"name": "value", "type": kind, "label": "Value", "default": default, **limits}]
