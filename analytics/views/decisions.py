"""Deciding on a run."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analytics import decisions
from analytics.access import experiment_for
from analytics.forms import AdoptForm, RejectForm
from analytics.objections import objections_to
from analytics.quality.standing import failures_touching
from analytics.results import LIVE, compute
from analytics.results.hint import hint_of, leading
from experiments.public import ExperimentSummary, RunDesign, get_run_design, live_revision
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal.access import allow, person
from novarium.portal.roles import Action


@require_safe
@allow(Action.ADOPT)
def page(request: HttpRequest, key: str) -> HttpResponse:
    """Show what speaks for and against, beside the forms that decide."""
    experiment = experiment_for(person(request), key, Action.ADOPT)
    return _page(request, experiment, _open_run(experiment))


@require_POST
@allow(Action.ADOPT)
def adopt(request: HttpRequest, key: str) -> HttpResponse:
    """Adopt a variant."""
    experiment = experiment_for(person(request), key, Action.ADOPT)
    run = _open_run(experiment)
    form = AdoptForm(request.POST, variants=_treatments(run))
    if form.is_valid():
        written = form.cleaned_data
        try:
            entry = decisions.adopt(
                key,
                run_number=written["run"],
                variant=written["variant"],
                expected_revision=written["revision"],
                reasons=form.reasons(),
                actor=person(request),
                stop_first=written["stop_first"],
            )
        except Invalid as error:
            _tell(form, error)
        else:
            messages.success(request, _("Adopted. The shop shows it from its next request on."))
            return redirect("archive:entry", entry.pk)
    return _page(request, experiment, run, adopt_form=form, status=422)


@require_POST
@allow(Action.ADOPT)
def reject(request: HttpRequest, key: str) -> HttpResponse:
    """Keep the feature as it is."""
    experiment = experiment_for(person(request), key, Action.ADOPT)
    run = _open_run(experiment)
    form = RejectForm(request.POST, prefix="reject")
    if form.is_valid():
        written = form.cleaned_data
        try:
            entry = decisions.reject(
                key,
                run_number=written["run"],
                reasons=form.reasons(),
                actor=person(request),
                stop_first=written["stop_first"],
            )
        except Invalid as error:
            _tell(form, error)
        else:
            messages.success(request, _("Rejected. The feature stays as it was."))
            return redirect("archive:entry", entry.pk)
    return _page(request, experiment, run, reject_form=form, status=422)


def _open_run(experiment: ExperimentSummary) -> RunDesign:
    if experiment.status == "draft":
        raise Conflict(_("The experiment was not launched, so there is nothing to decide."))
    run = get_run_design(experiment.key, experiment.run_number)
    if run.status == "decided":
        raise Conflict(_("This run was decided in the meantime. The archive has the decision."))
    return run


def _treatments(run: RunDesign) -> list[tuple[str, str]]:
    return [(arm.key, arm.name) for arm in run.design.variants[1:]]


def _tell(form: RejectForm, error: Invalid) -> None:
    for name, sentences in error.fields.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else None, sentence)


def _page(
    request: HttpRequest,
    experiment: ExperimentSummary,
    run: RunDesign,
    *,
    adopt_form: AdoptForm | None = None,
    reject_form: RejectForm | None = None,
    status: int = 200,
) -> HttpResponse:
    report = compute(run)
    best = leading(report) if report else None
    variant = best.variant if best else run.design.variants[1].key
    common: dict[str, Any] = {"run": run.design.run_number, "stop_first": run.status in LIVE}
    first = {**common, "variant": variant, "revision": live_revision(run.design.feature).number}
    context = {
        "experiment": experiment,
        "run": run,
        "is_running": run.status in LIVE,
        "hint": hint_of(report, run.design) if report else None,
        "failures": failures_touching(run),
        "objections": [(arm.name, objections_to(arm.key, report, run.design)) for arm in run.design.variants[1:]],
        "adopt_form": adopt_form or AdoptForm(initial=first, variants=_treatments(run)),
        "reject_form": reject_form or RejectForm(initial=common, prefix="reject"),
    }
    return render(request, "analytics/results/decide.html", context, status=status)
