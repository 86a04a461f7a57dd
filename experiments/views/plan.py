"""Step 3 of the builder: how many units, and how long."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from experiments.access import get_experiment
from experiments.designs import authoring, steps
from experiments.designs.drafting import problems_of
from experiments.forms.fields import refuse
from experiments.forms.plan import PlanForm
from experiments.models import Experiment
from experiments.planning import plan_page
from novarium.kernel.errors import Invalid
from novarium.portal.access import allow, person
from novarium.portal.roles import Action


@require_safe
@allow(Action.DESIGN)
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Show the numbers and what follows from them."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    if experiment.status != Experiment.Status.DRAFT:
        return redirect("experiments:design", key)
    return _page(request, experiment, plan_page.as_saved(experiment))


@require_POST
@allow(Action.DESIGN)
def save(request: HttpRequest, key: str) -> HttpResponse:
    """Save the numbers and go on."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    form = plan_page.typed(experiment, request.POST)
    if form.is_valid():
        try:
            authoring.change_plan(experiment, form.plan_input(), actor=person(request))
        except Invalid as error:
            refuse(form, error)
    if not form.is_valid():
        return _page(request, experiment, form, status=422)
    return redirect(steps.target(experiment, wanted=request.POST.get("go", ""), current="plan"))


@require_POST
@allow(Action.DESIGN)
def recalculate(request: HttpRequest, key: str) -> HttpResponse:
    """Show the page with what is typed, and with what a row of the table would change; saves nothing."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    data = request.POST.copy()
    for name, value in parse_qsl(data.get("take", ""), keep_blank_values=True):
        data[name] = value
    form = plan_page.typed(experiment, data)
    return _page(request, experiment, form, status=200 if form.is_valid() else 422)


@require_POST
@allow(Action.DESIGN)
def estimate(request: HttpRequest, key: str) -> HttpResponse:
    """Answer with units, days and curves for what is typed: a fragment."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    form = plan_page.typed(experiment, request.POST)
    context = plan_page.estimate(experiment, form)
    return render(request, "experiments/builder/estimate.html", context, status=200 if form.is_valid() else 422)


@require_POST
@allow(Action.DESIGN)
def compare(request: HttpRequest, key: str) -> HttpResponse:
    """Answer with guardrails, weeks and alternatives for what is typed: a fragment, slower than the curves."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    form = plan_page.typed(experiment, request.POST)
    context = plan_page.comparison(experiment, form)
    return render(request, "experiments/builder/what_if.html", context, status=200 if form.is_valid() else 422)


@require_POST
@allow(Action.DESIGN)
def weigh(request: HttpRequest, key: str) -> HttpResponse:
    """Save the numbers, and give the variants the weights that were tried."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    form = plan_page.typed(experiment, request.POST)
    if form.is_valid():
        shares = [Decimal(str(round(share * 100, 3))) for share in form.weights]
        try:
            authoring.change_plan_and_weights(experiment, form.plan_input(), shares, actor=person(request))
        except Invalid as error:
            refuse(form, error)
    if not form.is_valid():
        return _page(request, experiment, form, status=422)
    return redirect(reverse("experiments:plan", args=[experiment.key]))


def _page(request: HttpRequest, experiment: Experiment, form: PlanForm, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "history": form.history,
        "steps": steps.stepper(experiment, current="plan", problems=problems_of(experiment)),
        **plan_page.estimate(experiment, form),
        **plan_page.comparison(experiment, form),
    }
    return render(request, "experiments/builder/plan.html", context, status=status)
