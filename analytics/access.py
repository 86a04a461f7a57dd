"""Access to runs and archive entries, decided in one place for pages and API."""

from __future__ import annotations

from django.utils.translation import gettext as _

from experiments.public import ExperimentSummary, RunDesign, get_experiment, get_run_design
from novarium.kernel.errors import NotFound
from novarium.portal.access import require
from novarium.portal.models import User
from novarium.portal.roles import Action


def experiment_for(user: User, key: str, action: Action = Action.READ) -> ExperimentSummary:
    """Return the experiment, if the person may do the action to it.

    Raises:
        NotFound: there is none with this key.
        Forbidden: the person may not do that.
    """
    experiment = get_experiment(key)
    require(user, action, experiment.team_id)
    return experiment


def run_for(experiment: ExperimentSummary, wanted: str | None) -> RunDesign | None:
    """Return the run of that number, by default the newest one; None where it was never launched.

    Raises:
        NotFound: there is no run of that number.
    """
    if not wanted:
        return get_run_design(experiment.key) if experiment.runs else None
    if not wanted.isdecimal() or int(wanted) not in experiment.runs:
        raise NotFound(_("The experiment has no such run."))
    return get_run_design(experiment.key, int(wanted))
