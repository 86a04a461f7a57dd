"""A metric as a form."""

from __future__ import annotations

import json
import re
from typing import Any, cast

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.designs.design import MetricFilter
from experiments.events import event_catalogue
from experiments.forms.fields import NumberField, ShareField
from experiments.metrics.filters import as_text
from experiments.metrics.rules import AMOUNT, MetricInput, property_types
from experiments.models import Metric
from novarium.portal.access import teams_for
from novarium.portal.models import Team, User
from novarium.portal.roles import Action

NONE = [("", "–")]
_LINE = re.compile(r"\s*(?P<property>[^\s=<>≠!]+)\s*(?P<operator>=|≠|!=|<>|>|<|\bin\b)\s*(?P<value>.*\S)\s*")
_ALIASES = {"!=": "≠", "<>": "≠"}


class FiltersField(forms.CharField):
    """Conditions on an event's properties, one a line, such as ``page = home``; cleans to their JSON form."""

    def __init__(self, *, label: Any) -> None:
        super().__init__(
            label=label,
            required=False,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false", "placeholder": "page = home"}),
            help_text=gettext_lazy("One a line: a property, then =, ≠, in, > or <, then the value. All must hold."),
        )

    def prepare_value(self, value: Any) -> Any:
        """Return stored filters as lines, and what was typed as it was typed."""
        return "\n".join(as_text(MetricFilter(**item)) for item in value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        """Return the filters in their JSON form; the values become numbers where they read like numbers."""
        typed = super().clean(value)
        return [_read(line) for line in typed.splitlines() if line.strip()]


class MetricForm(forms.Form):
    """What is measured, and which way is better."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    key = forms.SlugField(
        label=gettext_lazy("Key"),
        max_length=40,
        required=False,
        help_text=gettext_lazy("Left empty it is made from the name; it stays."),
    )
    team = forms.ModelChoiceField(label=gettext_lazy("Team"), queryset=Team.objects.none(), empty_label=None)
    owner = forms.ModelChoiceField(
        label=gettext_lazy("Owner"),
        queryset=User.objects.none(),
        required=False,
        empty_label=gettext_lazy("Whoever saves it"),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    type = forms.ChoiceField(label=gettext_lazy("Type"), choices=Metric.Type.choices)
    numerator_aggregation = forms.ChoiceField(label=gettext_lazy("Take"), choices=Metric.Aggregation.choices)
    numerator_event = forms.ChoiceField(label=gettext_lazy("of each unit's events"))
    numerator_property = forms.ChoiceField(label=gettext_lazy("Sum of"), required=False)
    numerator_filters = FiltersField(label=gettext_lazy("Only events where"))
    denominator_aggregation = forms.ChoiceField(
        label=gettext_lazy("Divided by"), choices=[*NONE, *Metric.Aggregation.choices], required=False
    )
    denominator_event = forms.ChoiceField(label=gettext_lazy("of the events"), required=False)
    denominator_property = forms.ChoiceField(label=gettext_lazy("Sum of"), required=False)
    denominator_filters = FiltersField(label=gettext_lazy("Only events where"))
    quantile = ShareField(label=gettext_lazy("Quantile"), required=False, help_text=gettext_lazy("50 is the median."))
    from_day = forms.IntegerField(label=gettext_lazy("Returned from day"), required=False)
    to_day = forms.IntegerField(label=gettext_lazy("to day"), required=False)
    window_hours = NumberField(
        label=gettext_lazy("Window"),
        required=False,
        help_text=gettext_lazy("After the first exposure; left empty, until the stop."),
    )
    cap_value = NumberField(
        label=gettext_lazy("Cap at"), required=False, help_text=gettext_lazy("A unit counts as this at most.")
    )
    cap_percentile = ShareField(
        label=gettext_lazy("or at the percentile"),
        required=False,
        help_text=gettext_lazy("Of the units above zero, all variants together."),
    )
    lookback_days = forms.IntegerField(
        label=gettext_lazy("CUPED look-back"),
        required=False,
        help_text=gettext_lazy("Takes out what units did before: narrower intervals. Empty: none."),
    )
    direction = forms.ChoiceField(label=gettext_lazy("Direction"), choices=Metric.Direction.choices)
    unit = forms.ChoiceField(label=gettext_lazy("Written as"), choices=Metric.Unit.choices)
    note = forms.CharField(
        label=gettext_lazy("What changes, and why"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Kept with the version."),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, person: User, metric: Metric | None = None) -> None:
        super().__init__(data, initial=_initial(metric) if metric else None)
        teams = [team.pk for team in teams_for(person, Action.DESIGN)]
        cast("forms.ModelChoiceField[Team]", self.fields["team"]).queryset = Team.objects.filter(pk__in=teams)
        owners = User.objects.filter(memberships__team__in=[metric.team_id] if metric else teams).distinct()
        cast("forms.ModelChoiceField[User]", self.fields["owner"]).queryset = owners.order_by("username")
        self._offer_events(metric)
        if metric:
            for name in ("key", "team"):
                del self.fields[name]
        else:
            del self.fields["note"]

    def _offer_events(self, metric: Metric | None) -> None:
        """Offer the known events and the numbers that they carry, with what the metric has."""
        had = [metric.numerator_event, metric.denominator_event] if metric else []
        known = sorted(event_catalogue.kinds())
        events = [(name, name) for name in dict.fromkeys([*known, *filter(None, had)])]
        sums = {name for event in known for name, kind in property_types(event).items() if kind in {int, float}}
        properties = [("", _("the amount")), *((name, name) for name in sorted(sums - {AMOUNT}))]
        for side in ("numerator", "denominator"):
            optional = NONE if side == "denominator" else []
            cast(forms.ChoiceField, self.fields[f"{side}_event"]).choices = [*optional, *events]
            cast(forms.ChoiceField, self.fields[f"{side}_property"]).choices = properties

    def given(self) -> MetricInput:
        """Return what was typed."""
        clean = dict(self.cleaned_data)
        owner = clean.get("owner")
        names = MetricInput.__dataclass_fields__.keys() - {"owner_id", "lookback_days"}
        return MetricInput(
            **{name: clean[name] for name in names},
            lookback_days=clean["lookback_days"] or 0,
            owner_id=owner.pk if owner else None,
        )

    def chosen_key(self) -> str:
        """Return the key that was typed or one made from the name."""
        return str(self.cleaned_data["key"]) or slugify(self.cleaned_data["name"])[:40].strip("-")


def _initial(metric: Metric) -> dict[str, Any]:
    names = MetricInput.__dataclass_fields__.keys() - {"owner_id"}
    shown = {name: getattr(metric, name) for name in names}
    return {**shown, "lookback_days": metric.lookback_days or None, "owner": metric.owner_id, "version": metric.version}


def _read(line: str) -> dict[str, Any]:
    match = _LINE.fullmatch(line)
    if not match:
        raise forms.ValidationError(
            _("“%(line)s” is no condition. Write a property, then =, ≠, in, > or <, then a value, such as page = home.")
            % {"line": line.strip()}
        )
    operator = _ALIASES.get(match["operator"], match["operator"])
    if operator == "in":
        value: Any = [_value(one.strip()) for one in match["value"].split(",") if one.strip()]
    else:
        value = _value(match["value"])
    return {"property": match["property"], "operator": operator, "value": value}


def _value(text: str) -> Any:
    """Return true, false or a number where the text is one, else the text, without the quotes around it."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    return value if isinstance(value, str | bool | int | float) else text
