"""The swarm on an experiment's page: send people, watch them, call them back."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from experiments.public import ExperimentSummary, get_experiment, get_run_design
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal.access import allow, can, person, require
from novarium.portal.roles import Action
from simulation import overview, tasks
from simulation.forms import SendForm
from simulation.models import SwarmRun
from simulation.personas import DEFAULT_MIX
from simulation.swarm import runs
from simulation.swarm.runs import Target

RUNS_SHOWN = 5
NEW_SEED_BITS = 48


@require_safe
@allow(Action.READ)
def panel(request: HttpRequest, key: str) -> HttpResponse:
    """Show the form that sends people, and who was sent."""
    experiment = get_experiment(key)
    return _panel(request, experiment, _form(experiment))


@require_POST
@allow(Action.RUN)
def send(request: HttpRequest, key: str) -> HttpResponse:
    """Send people to the shop for the experiment."""
    experiment = get_experiment(key)
    user = person(request)
    require(user, Action.RUN, experiment.team_id)
    form = SendForm(request.POST)
    if not form.is_valid():
        return _panel(request, experiment, form, status=422)
    try:
        if experiment.status != "running":
            raise Conflict(_("The experiment is not running; launch it first."))
        with transaction.atomic():
            run = runs.request(
                visitors=form.cleaned_data["visitors"],
                seed=_seed(form),
                mix=form.mix,
                actor=user,
                target=Target(experiment.key, experiment.run_number, experiment.team_id),
            )
            # should the broker be away, the batches are queued when stalled ones are taken over
            transaction.on_commit(lambda: tasks.queue(run.pk), robust=True)
    except (Conflict, Invalid) as error:
        form.add_error(None, error.message)
        return _panel(request, experiment, form, status=422)
    return redirect("simulator:experiment", key=key)


@require_safe
@allow(Action.READ)
def run_progress(request: HttpRequest, key: str, run: int) -> HttpResponse:
    """Show how far a run is; the fragment asks again every second while people are on their way."""
    experiment = get_experiment(key)
    found = get_object_or_404(SwarmRun, pk=run, experiment_key=key)
    may_run = can(person(request), Action.RUN, experiment.team_id)
    context = {"progress": overview.progress(found), "experiment": experiment, "may_run": may_run}
    return render(request, "simulation/progress.html", context)


@require_POST
@allow(Action.RUN)
def cancel(request: HttpRequest, key: str, run: int) -> HttpResponse:
    """Call back the people who have not started."""
    experiment = get_experiment(key)
    require(person(request), Action.RUN, experiment.team_id)
    found = get_object_or_404(SwarmRun, pk=run, experiment_key=key)
    runs.cancel(found, actor=person(request), team_id=experiment.team_id)
    return redirect("simulator:experiment", key=key)


def _panel(request: HttpRequest, experiment: ExperimentSummary, form: SendForm, *, status: int = 200) -> HttpResponse:
    found = SwarmRun.objects.filter(experiment_key=experiment.key).select_related("requested_by")[:RUNS_SHOWN]
    launched = get_run_design(experiment.key) if experiment.runs else None
    context: dict[str, Any] = {
        "experiment": experiment,
        "form": form,
        "may_run": can(person(request), Action.RUN, experiment.team_id),
        "runs": [overview.progress(run) for run in found],
        "has_audience": bool(launched and launched.design.condition),
        "effects": overview.true_effects(launched, found[0].mix if found else DEFAULT_MIX) if launched else [],
    }
    # The experiment's own page loads the panel by htmx; without JavaScript it links here.
    template = "simulation/panel.html" if "HX-Request" in request.headers else "simulation/experiment.html"
    return render(request, template, context, status=status)


def _form(experiment: ExperimentSummary) -> SendForm:
    planned = get_run_design(experiment.key).design.planned_units if experiment.runs else None
    return SendForm(initial={"visitors": planned or 2000})


def _seed(form: SendForm) -> int:
    seed: int | None = form.cleaned_data["seed"]
    return secrets.randbits(NEW_SEED_BITS) if seed is None else seed
