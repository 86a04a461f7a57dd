"""What the list of experiments is filtered by."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from experiments.designs.listing import SORTS, Wanted
from experiments.models import Experiment, Feature
from novarium.portal.models import Team, User


class ExperimentFilter(forms.Form):
    """Everything may stay empty; an unknown choice is ignored with a message."""

    search = forms.CharField(
        label=_("Search"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Name, key or idea")}),
    )
    status = forms.ChoiceField(label=_("Status"), required=False)
    team = forms.ChoiceField(label=_("Team"), required=False)
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    feature = forms.ChoiceField(label=_("Feature"), required=False)
    sort = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        anything = [("", gettext("Any"))]
        owners = User.objects.filter(experiments__isnull=False).distinct().order_by("username")
        self._offer("status", anything + list(Experiment.Status.choices))
        self._offer("team", anything + list(Team.objects.values_list("key", "name")))
        self._offer("owner", anything + [(user.username, str(user)) for user in owners])
        features = Feature.objects.values_list("key", "name")
        self._offer("feature", anything + [(key, gettext(name)) for key, name in features])

    def _offer(self, name: str, choices: list[Any]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = choices

    def clean_sort(self) -> str:
        """Return a known sort; the default for anything else."""
        sort = str(self.cleaned_data["sort"])
        return sort if sort.removeprefix("-") in SORTS else "-changed"

    def wanted(self) -> Wanted:
        """Return the valid part of what was asked."""
        self.full_clean()
        return Wanted(**{name: value for name, value in self.cleaned_data.items() if value})

    def is_filtered(self) -> bool:
        """Whether anything but the order was asked."""
        return any(value for name, value in self.cleaned_data.items() if name != "sort")
