"""What is typed to keep a template, and to begin from one."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from experiments.forms.fields import EMPTY_CHOICE
from experiments.forms.hypothesis import FeatureChoice
from experiments.models import DesignTemplate, Feature


class KeepForm(forms.Form):
    """Under which name a design is kept."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("What it is for, such as “Banner test, one week”.")
    )
    description = forms.CharField(
        label=_("Description"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("When to use it, and what to change first."),
    )


class StartForm(forms.Form):
    """The new experiment's name and feature."""

    name = forms.CharField(label=_("Name of the experiment"), max_length=120)
    feature = FeatureChoice(label=_("Feature"), queryset=Feature.objects.none(), empty_label=EMPTY_CHOICE)

    def __init__(self, data: Any = None, *, template: DesignTemplate) -> None:
        features = Feature.objects.filter(team=template.team_id).order_by("surface", "name")
        kept = features.filter(key=template.content["feature"]).first()
        super().__init__(data, initial={"feature": kept.pk if kept else None})
        cast(FeatureChoice, self.fields["feature"]).queryset = features
