"""Metrics: the list, one metric with its versions, and creating, changing and deleting by form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from experiments.access import get_metric
from experiments.designs.drafting import define
from experiments.forms.fields import refuse
from experiments.forms.metrics import MetricForm
from experiments.metrics import metric_authoring
from experiments.metrics.pages import preview_context, unsaved, version_rows
from experiments.metrics.words import expression, in_words
from experiments.models import Metric
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal.access import allow, can, person, require
from novarium.portal.roles import Action


@require_safe
@allow(Action.READ)
def index(request: HttpRequest) -> HttpResponse:
    """List the metrics with how many experiments use each."""
    metrics = (
        Metric.objects.select_related("team", "owner")
        .annotate(
            oec_count=Count("experiments_as_oec", distinct=True),
            guardrail_count=Count("guardrails", distinct=True),
        )
        .order_by("type", "name")
    )
    context = {
        "lines": [(metric, expression(metric)) for metric in metrics],
        "may_design": can(request.user, Action.DESIGN),
    }
    return render(request, "metrics/list.html", context)


@require_safe
@allow(Action.READ)
def detail(request: HttpRequest, key: str) -> HttpResponse:
    """Show the definition, its versions and the experiments that use it; what it measures comes after."""
    metric = get_metric(person(request), key)
    context = {
        "metric": metric,
        "expression": expression(metric),
        "words": in_words(metric),
        "uses": metric_authoring.uses_of(metric),
        "versions": version_rows(metric),
        "may_design": can(request.user, Action.DESIGN, metric.team_id),
    }
    return render(request, "metrics/detail.html", context)


@require_safe
@allow(Action.READ)
def preview(request: HttpRequest, key: str) -> HttpResponse:
    """Answer with what the metric measured over the last days."""
    metric = get_metric(person(request), key)
    return render(request, "metrics/preview.html", {"metric": metric, **preview_context(define(metric))})


@require_POST
@allow(Action.DESIGN)
def preview_unsaved(request: HttpRequest) -> HttpResponse:
    """Answer with what the form's definition would have measured over the last days."""
    form = MetricForm(request.POST, person=person(request))
    form.is_valid()  # name, key and team do not matter here
    definition, problems = unsaved(form)
    context = preview_context(definition) if definition else {"problems": problems}
    return render(request, "metrics/preview.html", context)


@require_safe
@allow(Action.DESIGN)
def new(request: HttpRequest) -> HttpResponse:
    """Show the empty form."""
    return _page(request, MetricForm(person=person(request)))


@require_POST
@allow(Action.DESIGN)
def create(request: HttpRequest) -> HttpResponse:
    """Create the metric."""
    form = MetricForm(request.POST, person=person(request))
    if not form.is_valid():
        return _page(request, form, status=422)
    team = form.cleaned_data["team"]
    require(person(request), Action.DESIGN, team.pk)
    try:
        metric = metric_authoring.create(form.given(), key=form.chosen_key(), team=team, actor=person(request))
    except Invalid as error:
        refuse(form, error)
        return _page(request, form, status=422)
    messages.success(request, _("The metric is ready to be used in designs."))
    return redirect("metrics:detail", metric.key)


@require_safe
@allow(Action.DESIGN)
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Show the form of a metric."""
    metric = get_metric(person(request), key, Action.DESIGN)
    return _page(request, MetricForm(person=person(request), metric=metric), metric=metric)


@require_POST
@allow(Action.DESIGN)
def save(request: HttpRequest, key: str) -> HttpResponse:
    """Change the metric; a changed definition becomes its next version."""
    metric = get_metric(person(request), key, Action.DESIGN)
    form = MetricForm(request.POST, person=person(request), metric=metric)
    if not form.is_valid():
        return _page(request, form, metric=metric, status=422)
    note, expected = form.cleaned_data["note"], form.cleaned_data["version"]
    try:
        saved = metric_authoring.change(metric, form.given(), actor=person(request), expected=expected, note=note)
    except Invalid as error:
        refuse(form, error)
        return _page(request, form, metric=metric, status=422)
    except Conflict as error:
        form.add_error(None, error.message)
        return _page(request, form, metric=metric, status=409)
    messages.success(request, _saved(metric, saved))
    return redirect("metrics:detail", key)


@require_POST
@allow(Action.DESIGN)
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Delete a metric that no experiment uses."""
    metric = get_metric(person(request), key, Action.DESIGN)
    metric_authoring.delete(metric, actor=person(request))
    messages.success(request, _("The metric is deleted."))
    return redirect("metrics:list")


def _saved(before: Metric, after: Metric) -> str:
    if after.version == before.version:
        return _("The metric is changed.")
    return _("Version %(number)d is saved. Launches from now on take it; running experiments keep theirs.") % {
        "number": after.version
    }


def _page(request: HttpRequest, form: MetricForm, *, metric: Metric | None = None, status: int = 200) -> HttpResponse:
    launched = any(use.version for use in metric_authoring.uses_of(metric)) if metric else False
    context: dict[str, Any] = {"form": form, "metric": metric, "is_launched": launched}
    return render(request, "metrics/form.html", context, status=status)
