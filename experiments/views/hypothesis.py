"""Step 1 of the builder, for a new experiment and for a draft."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from experiments.access import get_experiment
from experiments.designs import authoring, steps
from experiments.designs.drafting import problems_of
from experiments.forms.fields import refuse
from experiments.forms.hypothesis import HypothesisForm, guardrail_rows
from experiments.models import Experiment
from novarium.kernel.errors import Invalid
from novarium.portal.access import allow, person, require
from novarium.portal.roles import Action


@require_safe
@allow(Action.DESIGN)
def new(request: HttpRequest) -> HttpResponse:
    """Show the empty first step; the address may bring a feature."""
    form = HypothesisForm(person=person(request))
    form.suggest(request.GET.get("feature", "").replace("\0", ""))
    return _page(request, None, form, guardrail_rows())


@require_POST
@allow(Action.DESIGN)
def create(request: HttpRequest) -> HttpResponse:
    """Create the draft and go on."""
    form, rows = HypothesisForm(request.POST, person=person(request)), guardrail_rows(request.POST)
    if not _both_valid(form, rows):
        return _page(request, None, form, rows, status=422)
    hypothesis = form.hypothesis(rows.margins())
    require(person(request), Action.DESIGN, hypothesis.team.pk)
    try:
        experiment = authoring.create(hypothesis, key=form.chosen_key(), owner=person(request))
    except Invalid as error:
        refuse(form, error)
        return _page(request, None, form, rows, status=422)
    return redirect(steps.target(experiment, wanted=request.POST.get("go", ""), current="hypothesis"))


@require_safe
@allow(Action.DESIGN)
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Show the first step of a draft."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    if experiment.status != Experiment.Status.DRAFT:
        return redirect("experiments:design", key)
    form = HypothesisForm(person=person(request), experiment=experiment)
    return _page(request, experiment, form, guardrail_rows(experiment=experiment))


@require_POST
@allow(Action.DESIGN)
def save(request: HttpRequest, key: str) -> HttpResponse:
    """Save the first step of a draft and go on."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    form = HypothesisForm(request.POST, person=person(request), experiment=experiment)
    rows = guardrail_rows(request.POST, experiment=experiment)
    if not _both_valid(form, rows):
        return _page(request, experiment, form, rows, status=422)
    try:
        authoring.change_hypothesis(experiment, form.hypothesis(rows.margins()), actor=person(request))
    except Invalid as error:
        refuse(form, error)
        return _page(request, experiment, form, rows, status=422)
    return redirect(steps.target(experiment, wanted=request.POST.get("go", ""), current="hypothesis"))


def _both_valid(form: HypothesisForm, rows: Any) -> bool:
    return all([form.is_valid(), rows.is_valid()])


def _page(
    request: HttpRequest, experiment: Experiment | None, form: HypothesisForm, rows: Any, *, status: int = 200
) -> HttpResponse:
    problems = problems_of(experiment) if experiment else {}
    context = {
        "experiment": experiment,
        "form": form,
        "rows": rows,
        "steps": steps.stepper(experiment, current="hypothesis", problems=problems),
    }
    return render(request, "experiments/builder/hypothesis.html", context, status=status)
