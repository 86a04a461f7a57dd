"""An experiment's own pages: the design and the history."""

from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from experiments.access import get_experiment
from experiments.allocation import holdout
from experiments.designs.arms import fetch_arms, guardrails_of
from experiments.designs.comparison import compared
from experiments.designs.drafting import problems_of
from experiments.designs.steps import problems_with_steps
from experiments.forms.moves import AdvanceForm, EndForm, SharesForm
from experiments.models import Experiment
from experiments.page_parts import extra_panels
from experiments.running import freeze
from experiments.running.live_panel import live_panel
from experiments.running.timeline import experiment_timeline
from novarium.portal.access import allow, can, person
from novarium.portal.models import AuditEntry
from novarium.portal.roles import Action

HISTORY_SIZE = 50


@require_safe
@allow(Action.READ)
def design(request: HttpRequest, key: str) -> HttpResponse:
    """Show the design, its variants and its runs."""
    return design_page(request, get_experiment(person(request), key))


def design_page(
    request: HttpRequest,
    experiment: Experiment,
    *,
    advance_form: AdvanceForm | None = None,
    shares_form: SharesForm | None = None,
    end_form: EndForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the design's page; a form that was refused stands in the place of the fresh one."""
    fetch_arms(experiment)
    runs = list(experiment.runs.select_related("started_by").order_by("-number"))
    is_draft = experiment.status == Experiment.Status.DRAFT
    context = {
        "experiment": experiment,
        "guardrails": guardrails_of(experiment),
        "comparison": compared(experiment),
        "runs": [(run, freeze.check(run, experiment)) for run in runs],
        "problems": problems_with_steps(experiment, problems_of(experiment)) if is_draft else [],
        "holdout": holdout.share() if experiment.keeps_holdout else 0,
        "zone": settings.TIME_ZONE,
    }
    if not is_draft:
        context["live"] = live_panel(experiment, advance_form=advance_form, shares_form=shares_form, end_form=end_form)
        context["may_run"] = can(request.user, Action.RUN, experiment.team_id)
        context["may_overrule"] = can(request.user, Action.APPROVE, experiment.team_id)
    return render(request, "experiments/design.html", context, status=status)


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
