"""A metric as a form."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from experiments.catalogue.events import EVENT_TYPES
from experiments.metric_authoring import MetricInput
from experiments.models import Metric
from novarium.portal.access import teams_for
from novarium.portal.models import Team, User
from novarium.portal.roles import Action

EVENTS = [(name, name) for name in EVENT_TYPES]
NONE = [("", "–")]


class MetricForm(forms.Form):
    """What is measured, and which way is better."""

    name = forms.CharField(label=_("Name"), max_length=80)
    key = forms.SlugField(
        label=_("Key"), max_length=40, required=False, help_text=_("Left empty it is made from the name; it stays.")
    )
    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), empty_label=None)
    description = forms.CharField(
        label=_("Description"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    type = forms.ChoiceField(
        label=_("Type"),
        choices=Metric.Type.choices,
        help_text=_("A proportion of units, a mean per unit, or a ratio of two totals."),
    )
    numerator_aggregation = forms.ChoiceField(label=_("Take"), choices=Metric.Aggregation.choices)
    numerator_event = forms.ChoiceField(label=_("of each unit's events"), choices=EVENTS)
    denominator_aggregation = forms.ChoiceField(
        label=_("Divided by"), choices=[*NONE, *Metric.Aggregation.choices], required=False
    )
    denominator_event = forms.ChoiceField(label=_("of the events"), choices=[*NONE, *EVENTS], required=False)
    direction = forms.ChoiceField(label=_("Direction"), choices=Metric.Direction.choices)
    unit = forms.ChoiceField(label=_("Written as"), choices=Metric.Unit.choices)

    def __init__(self, data: Any = None, *, person: User, metric: Metric | None = None) -> None:
        names = MetricInput.__dataclass_fields__
        super().__init__(data, initial={name: getattr(metric, name) for name in names} if metric else None)
        teams = [team.pk for team in teams_for(person, Action.DESIGN)]
        cast("forms.ModelChoiceField[Team]", self.fields["team"]).queryset = Team.objects.filter(pk__in=teams)
        if metric:
            for name in ("key", "team"):
                del self.fields[name]

    def given(self) -> MetricInput:
        """Return what was typed."""
        return MetricInput(**{name: self.cleaned_data[name] for name in MetricInput.__dataclass_fields__})

    def chosen_key(self) -> str:
        """Return the key that was typed or one made from the name."""
        return str(self.cleaned_data["key"]) or slugify(self.cleaned_data["name"])[:40].strip("-")
