"""The note that goes with a change of status, and the team that gets a clone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.forms.fields import ShareField
from experiments.forms.traffic import MomentField
from experiments.models import Experiment, Phase, Review, Variant
from novarium.kernel.errors import Forbidden, Invalid
from novarium.portal.access import can
from novarium.portal.models import Team, User
from novarium.portal.roles import Action


class NoteForm(forms.Form):
    """Why something is done."""

    note = forms.CharField(label=gettext_lazy("Note"), max_length=2000, required=False)

    @classmethod
    def read(cls, data: Any) -> str:
        """Return the note that was sent.

        Raises:
            Invalid: it is too long.
        """
        form = cls(data)
        if not form.is_valid():
            sentences = [str(sentence) for sentence in form.errors["note"]]
            raise Invalid(_("The note is too long."), fields={"note": sentences})
        return str(form.cleaned_data["note"])


class AdvanceForm(forms.Form):
    """The next step of the ramp: the phase that was seen, and why it is taken although a check fails."""

    phase = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=1_000_000)
    reason = forms.CharField(
        label=gettext_lazy("Why go on all the same?"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class SharesForm(forms.Form):
    """A larger coverage, and a weight for each variant; in per cent."""

    phase = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=1_000_000)
    coverage = ShareField(label=gettext_lazy("Coverage"))
    note = forms.CharField(label=gettext_lazy("Note"), max_length=2000, required=False)

    def __init__(self, data: Any = None, *, phase: Phase, arms: Sequence[Variant]) -> None:
        super().__init__(data, initial={"phase": phase.number, "coverage": phase.coverage}, prefix="shares")
        for arm, weight in zip(arms, phase.weights, strict=True):
            label = gettext_lazy("Weight of %(name)s") % {"name": arm.name}
            self.fields[f"weight_{arm.position}"] = ShareField(label=label, initial=float(weight))
        self.weight_names = [f"weight_{arm.position}" for arm in arms]

    def weight_fields(self) -> list[forms.BoundField]:
        """Return the weights' fields for the page."""
        return [self[name] for name in self.weight_names]

    def weights(self) -> list[float]:
        """Return the weights by position."""
        return [self.cleaned_data[name] for name in self.weight_names]


class EndForm(forms.Form):
    """When a live experiment stops by itself; empty: never."""

    ends_at = MomentField(label=gettext_lazy("Scheduled end"))


class ReviewForm(forms.Form):
    """What a reviewer says."""

    verdict = forms.ChoiceField(
        choices=[(verdict.value, verdict.label) for verdict in (Review.Verdict.APPROVED, Review.Verdict.CHANGES)]
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


def team_for_clone(person: User, experiment: Experiment) -> Team:
    """Return the experiment's own team.

    Raises:
        Forbidden: the person may not design for it, and a feature is tested by its own team only.
    """
    if not can(person, Action.DESIGN, experiment.team_id):
        raise Forbidden(_("This experiment tests a feature of another team, so only that team can clone it."))
    return experiment.team
