"""Step 3 of the builder: how many units, and how long."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from experiments import authoring, steps
from experiments.access import get_experiment
from experiments.drafting import define, problems_of
from experiments.forms.fields import refuse
from experiments.forms.plan import PlanForm
from experiments.models import Experiment
from experiments.plan_charts import mde_figure, power_figure
from experiments.planning_hooks import Baseline, baseline_for
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
    history = _history(experiment)
    unsent = PlanForm(experiment=experiment, history=history)
    filled = PlanForm({bound.html_name: bound.value() for bound in unsent}, experiment=experiment, history=history)
    return _page(request, experiment, unsent, _estimate(experiment, filled), history)


@require_POST
@allow(Action.DESIGN)
def save(request: HttpRequest, key: str) -> HttpResponse:
    """Save the numbers and go on."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    form = PlanForm(request.POST, experiment=experiment, history=_history(experiment))
    if form.is_valid():
        try:
            authoring.change_plan(experiment, form.plan_input(), actor=person(request))
        except Invalid as error:
            refuse(form, error)
    if not form.is_valid():
        return _page(request, experiment, form, _estimate(experiment, form), form.history, status=422)
    return redirect(steps.target(experiment, wanted=request.POST.get("go", ""), current="plan"))


@require_POST
@allow(Action.DESIGN)
def estimate(request: HttpRequest, key: str) -> HttpResponse:
    """Answer with units, days and curves for what is typed: a fragment."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    form = PlanForm(request.POST, experiment=experiment, history=_history(experiment))
    context = _estimate(experiment, form)
    return render(request, "experiments/builder/estimate.html", context, status=200 if form.is_valid() else 422)


def _page(
    request: HttpRequest,
    experiment: Experiment,
    form: PlanForm,
    estimate_: dict[str, Any],
    history: Baseline | None,
    *,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "history": history,
        "steps": steps.stepper(experiment, current="plan", problems=problems_of(experiment)),
        **estimate_,
    }
    return render(request, "experiments/builder/plan.html", context, status=status)


def _estimate(experiment: Experiment, form: PlanForm) -> dict[str, Any]:
    answer = form.answer()
    arms = [arm for arm in experiment.variants.order_by("position") if arm.weight > 0]
    shown: dict[str, Any] = {"experiment": experiment, "plan": answer, "checked": form}
    if answer and answer.total:
        shown |= {
            "per_arm": list(zip(arms, answer.per_arm, strict=True)),
            "mde_figure": mde_figure(answer, chosen=form.cleaned_data["mde"]),
            "power_figure": power_figure(answer, target=form.cleaned_data["power"]) if answer.daily else None,
        }
    return shown


def _history(experiment: Experiment) -> Baseline | None:
    if experiment.oec is None:
        return None
    return baseline_for(define(experiment.oec), surface=experiment.feature.surface)
