"""The note that goes with a change of status, and the team that gets a clone."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.models import Experiment
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


def team_for_clone(person: User, experiment: Experiment) -> Team:
    """Return the experiment's own team.

    Raises:
        Forbidden: the person may not design for it, and a feature is tested by its own team only.
    """
    if not can(person, Action.DESIGN, experiment.team_id):
        raise Forbidden(_("This experiment tests a feature of another team, so only that team can clone it."))
    return experiment.team
