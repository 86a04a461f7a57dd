"""An experiment's own pages: the design and the history."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from experiments import freeze
from experiments.access import get_experiment
from experiments.comparison import compared
from experiments.drafting import problems_of
from experiments.models import Experiment
from experiments.page_parts import extra_panels
from experiments.steps import problems_with_steps
from experiments.timeline import experiment_timeline
from novarium.portal.access import allow, person
from novarium.portal.models import AuditEntry
from novarium.portal.roles import Action

HISTORY_SIZE = 50


@require_safe
@allow(Action.READ)
def design(request: HttpRequest, key: str) -> HttpResponse:
    """Show the design, its variants and its runs."""
    experiment = get_experiment(person(request), key)
    runs = list(experiment.runs.select_related("started_by").order_by("-number"))
    is_draft = experiment.status == Experiment.Status.DRAFT
    context = {
        "experiment": experiment,
        "guardrails": experiment.guardrails.select_related("metric").order_by("metric__name"),
        "comparison": compared(experiment),
        "runs": [(run, freeze.check(run, experiment)) for run in runs],
        "problems": problems_with_steps(experiment, problems_of(experiment)) if is_draft else [],
    }
    return render(request, "experiments/design.html", context)


@require_safe
@allow(Action.READ)
def swarm(request: HttpRequest, key: str) -> HttpResponse:
    """Show what the simulator offers for this experiment, loaded from its own address."""
    experiment = get_experiment(person(request), key)
    return render(request, "experiments/swarm.html", {"experiment": experiment, "panels": extra_panels(key)})


@require_safe
@allow(Action.READ)
def history(request: HttpRequest, key: str) -> HttpResponse:
    """Show who changed what, newest first."""
    experiment = get_experiment(person(request), key)
    entries = AuditEntry.objects.filter(object_type="experiment", object_key=key).select_related("actor")
    page = Paginator(entries, HISTORY_SIZE).get_page(request.GET.get("page"))
    context = {"experiment": experiment, "page": page, "items": experiment_timeline(page.object_list)}
    return render(request, "experiments/history.html", context)
