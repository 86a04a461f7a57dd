"""A layer's words, and the holdout's share."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from experiments.forms.fields import ShareField
from experiments.models import Layer
from novarium.portal.access import teams_for
from novarium.portal.models import Team, User
from novarium.portal.roles import Action


class LayerForm(forms.Form):
    """What a layer is called and what it is for; its key and team never change."""

    name = forms.CharField(label=_("Name"), max_length=80)
    key = forms.SlugField(label=_("Key"), max_length=40, help_text=_("Used by programs; it never changes."))
    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), empty_label=None)
    description = forms.CharField(
        label=_("Description"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Which experiments belong in it, and why they must not share units."),
    )

    def __init__(self, data: Any = None, *, person: User, layer: Layer | None = None) -> None:
        initial = {"name": layer.name, "description": layer.description} if layer else None
        super().__init__(data, initial=initial)
        mine = Team.objects.filter(pk__in=[team.pk for team in teams_for(person, Action.DESIGN)])
        cast("forms.ModelChoiceField[Team]", self.fields["team"]).queryset = mine
        if layer:
            for name in ("key", "team"):
                del self.fields[name]


class HoldoutForm(forms.Form):
    """The share; ``seen`` is the one that the page showed."""

    share = ShareField(label=_("Share of all units"))
    seen = forms.FloatField(widget=forms.HiddenInput)
    note = forms.CharField(label=_("Why"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 2}))
