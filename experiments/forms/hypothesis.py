"""Step 1 of the builder: who, what, why, the feature, the OEC and the guardrails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from experiments.designs.authoring import MAX_KEY, Hypothesis, key_for
from experiments.forms.fields import EMPTY_CHOICE, ShareField
from experiments.models import Experiment, Feature, Metric
from novarium.portal.access import teams_for
from novarium.portal.models import Team, User
from novarium.portal.roles import Action

MAX_GUARDRAILS = 12
SPARE_ROWS = 2


class NamedChoice(forms.ModelChoiceField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A choice whose names are message ids."""

    def label_from_instance(self, obj: Any) -> str:
        """Return the name in the reader's language."""
        return gettext(obj.name)


class FeatureChoice(NamedChoice):
    """A choice of features that says on which page each is."""

    def label_from_instance(self, obj: Any) -> str:
        """Return page and name."""
        return f"{obj.get_surface_display()} · {gettext(obj.name)}"


class HypothesisForm(forms.Form):
    """What is tested, on whom, and why; everything but the name, team and feature may wait."""

    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"})
    )
    key = forms.SlugField(
        label=_("Key"),
        max_length=MAX_KEY,
        required=False,
        help_text=_("Used in addresses and by programs; it never changes. Left empty it is made from the name."),
    )
    team = forms.ModelChoiceField(label=_("Team"), queryset=Team.objects.none(), empty_label=None)
    feature = FeatureChoice(label=_("Feature"), queryset=Feature.objects.none(), empty_label=EMPTY_CHOICE)
    who = forms.CharField(
        label=_("For whom?"), max_length=300, required=False, help_text=_("Whose behaviour should change?")
    )
    what = forms.CharField(
        label=_("What do you change?"), max_length=300, required=False, help_text=_("What they will see that is new.")
    )
    why = forms.CharField(
        label=_("Why should it work?"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("What you know about these people that makes you expect it."),
    )
    expected_impact = forms.CharField(
        label=_("Expected impact"),
        max_length=300,
        required=False,
        help_text=_("What you expect to see, such as “5% more visitors click”."),
    )
    oec = NamedChoice(
        label=_("OEC metric"),
        queryset=Metric.objects.all(),
        required=False,
        empty_label=EMPTY_CHOICE,
        help_text=_("The one metric that decides."),
    )

    def __init__(self, data: Any = None, *, person: User, experiment: Experiment | None = None, **kwargs: Any) -> None:
        super().__init__(data, initial=_initial(experiment) if experiment else None, **kwargs)
        teams = teams_for(person, Action.DESIGN)
        features = Feature.objects.filter(team__in=teams).order_by("surface", "name")
        cast(NamedChoice, self.fields["feature"]).queryset = features
        mine = Team.objects.filter(pk__in=[team.pk for team in teams])
        cast("forms.ModelChoiceField[Team]", self.fields["team"]).queryset = mine
        if experiment:
            for name in ("key", "team"):
                del self.fields[name]
        self.experiment = experiment

    def suggest(self, feature_key: str) -> None:
        """Choose the feature and its team beforehand, where the person may test it."""
        feature = cast(NamedChoice, self.fields["feature"]).queryset.filter(key=feature_key).first()  # type: ignore[union-attr]
        if feature:
            self.initial = {**self.initial, "feature": feature.pk, "team": feature.team_id}

    def hypothesis(self, margins: Mapping[int, float]) -> Hypothesis:
        """Return what was typed, with the guardrails."""
        fields = {name: value for name, value in self.cleaned_data.items() if name != "key"}
        if self.experiment:
            fields["team"] = self.experiment.team
        return Hypothesis(margins=margins, **fields)

    def chosen_key(self) -> str:
        """Return the key that was typed or one made from the name."""
        return self.cleaned_data["key"] or key_for(self.cleaned_data["name"], fallback=self.cleaned_data["feature"].key)


class GuardrailForm(forms.Form):
    """One row of the guardrails: a metric and how much worse it may get; an empty row is none."""

    metric = NamedChoice(label=_("Metric"), queryset=Metric.objects.all(), required=False, empty_label="–")
    margin = ShareField(label=_("Margin"), required=False)

    def clean(self) -> None:
        """Refuse half a guardrail and margins outside 0..100%."""
        super().clean()
        metric, margin = self.cleaned_data.get("metric"), self.cleaned_data.get("margin")
        if metric and margin is None and "margin" not in self.errors:
            self.add_error("margin", gettext("Say how much worse it may get."))
        if margin is not None and not metric and "metric" not in self.errors:
            self.add_error("metric", gettext("Choose the metric, or clear the margin."))
        if margin is not None and not 0 < margin < 1:
            self.add_error("margin", gettext("More than 0% and less than 100%."))


class BaseGuardrails(forms.BaseFormSet):  # type: ignore[type-arg]  # not subscriptable at run time
    """The rows together."""

    def clean(self) -> None:
        """Refuse a metric that stands in two rows."""
        seen: set[int] = set()
        for form in self.forms:
            metric = form.cleaned_data.get("metric") if hasattr(form, "cleaned_data") else None
            if metric and metric.pk in seen:
                form.add_error("metric", gettext("This metric is a guardrail already."))
            if metric:
                seen.add(metric.pk)

    def margins(self) -> dict[int, float]:
        """Return the margin by metric id."""
        rows = (form.cleaned_data for form in self.forms)
        return {row["metric"].pk: row["margin"] for row in rows if row.get("metric")}


GuardrailRows = forms.formset_factory(
    GuardrailForm, formset=BaseGuardrails, extra=SPARE_ROWS, max_num=MAX_GUARDRAILS, validate_max=True, absolute_max=40
)


def guardrail_rows(data: Any = None, *, experiment: Experiment | None = None) -> Any:
    """Return the guardrails' rows, bound to what was sent or filled from the experiment."""
    saved = experiment.guardrails.select_related("metric").order_by("metric__name") if experiment else []
    initial = [{"metric": item.metric_id, "margin": item.margin} for item in saved]
    return GuardrailRows(data, initial=initial, prefix="guardrails")


def _initial(experiment: Experiment) -> dict[str, Any]:
    names = ("name", "who", "what", "why", "expected_impact")
    ids = {"feature": experiment.feature_id, "oec": experiment.oec_id}
    return {name: getattr(experiment, name) for name in names} | ids
