"""Which units take part: the builder of an audience, and how many match."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from experiments.access import get_experiment
from experiments.audiences import audience
from experiments.audiences.panel import Panel, panel_of, panel_of_typed
from experiments.designs import steps
from experiments.designs.drafting import problems_of
from experiments.forms.audience import saved
from experiments.forms.audience_moves import MOVES, reshaped, sent
from experiments.models import Experiment
from novarium.portal.access import allow, person
from novarium.portal.roles import Action


@require_safe
@allow(Action.DESIGN)
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Show the audience as rows, or as JSON with ``?as=json``."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    if experiment.status != Experiment.Status.DRAFT:
        return redirect("experiments:design", key)
    shown = panel_of(experiment.condition, as_json=request.GET.get("as") == "json", is_saved="saved" in request.GET)
    return _page(request, experiment, shown)


@require_POST
@allow(Action.DESIGN)
def save(request: HttpRequest, key: str) -> HttpResponse:
    """Save the audience."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    known = audience.attributes()
    shown = panel_of_typed(sent(request.POST, known), known)
    if shown.condition is None:
        return _page(request, experiment, shown, status=422)
    audience.set_audience(experiment, shown.condition, actor=person(request))
    return redirect(f"{reverse('experiments:audience', args=[key])}?{'as=json&' if shown.forms.is_json else ''}saved")


@require_POST
@allow(Action.DESIGN)
def reshape(request: HttpRequest, key: str) -> HttpResponse:
    """Show what was typed with rows more or less, or written the other way; nothing is saved yet."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    known = audience.attributes()
    if MOVES.isdisjoint(request.POST):
        shown = _rewritten(panel_of_typed(sent(request.POST, known), known), wanted=request.POST.get("as", ""))
        return _page(request, experiment, shown, status=422 if shown.forms.problems else 200)
    return _page(request, experiment, Panel(reshaped(request.POST, known), known))


@require_POST
@allow(Action.DESIGN)
def count(request: HttpRequest, key: str) -> HttpResponse:
    """Answer with the words and the count for what is typed: a fragment."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    known = audience.attributes()
    shown = panel_of_typed(sent(request.POST, known), known)
    context = {"experiment": experiment, "audience": shown}
    status = 200 if shown.count else 422
    return render(request, "experiments/builder/audience_count.html", context, status=status)


def _rewritten(shown: Panel, *, wanted: str) -> Panel:
    """Return the panel with its condition as JSON or as rows; as it was where that cannot be."""
    if shown.condition is None or wanted not in {"json", "rows"}:
        return shown
    shown.forms = saved(shown.condition, shown.known, as_json=wanted == "json")
    if shown.forms.only_json and wanted == "rows":
        shown.forms.problems.append(_("Rows cannot say this condition, so it stays JSON."))
    return shown


def _page(request: HttpRequest, experiment: Experiment, shown: Panel, *, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "experiment": experiment,
        "audience": shown,
        "steps": steps.stepper(experiment, current="traffic", problems=problems_of(experiment)),
    }
    return render(request, "experiments/builder/audience_page.html", context, status=status)
