"""Step 4 of the builder: everything on one page, what is missing, and the launch."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from experiments import steps
from experiments.access import get_experiment
from experiments.comparison import compared
from experiments.drafting import problems_of
from experiments.models import Experiment
from novarium.portal.access import allow, can, person
from novarium.portal.roles import Action


@require_safe
@allow(Action.DESIGN)
def show(request: HttpRequest, key: str) -> HttpResponse:
    """Show the whole design with its problems beside the step that mends each."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    if experiment.status != Experiment.Status.DRAFT:
        return redirect("experiments:design", key)
    problems = problems_of(experiment)
    occupied = Experiment.objects.filter(feature=experiment.feature, status=Experiment.Status.RUNNING).first()
    context = {
        "experiment": experiment,
        "guardrails": experiment.guardrails.select_related("metric").order_by("metric__name"),
        "comparison": compared(experiment),
        "problems": steps.problems_with_steps(experiment, problems),
        "occupied": occupied,
        "may_run": can(request.user, Action.RUN, experiment.team_id),
        "steps": steps.stepper(experiment, current="review", problems=problems),
    }
    return render(request, "experiments/builder/review.html", context)
