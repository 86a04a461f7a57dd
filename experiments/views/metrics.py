"""Metrics: the list, one metric, and creating, changing and deleting by form."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from experiments import metric_authoring
from experiments.access import get_metric
from experiments.forms.fields import refuse
from experiments.forms.metrics import MetricForm
from experiments.metric_words import expression, in_words
from experiments.models import Metric
from novarium.kernel.errors import Invalid
from novarium.portal.access import allow, can, person, require
from novarium.portal.roles import Action


@require_safe
@allow(Action.READ)
def index(request: HttpRequest) -> HttpResponse:
    """List the metrics with how many experiments use each."""
    running = Q(experiments_as_oec__status="running")
    metrics = (
        Metric.objects.select_related("team")
        .annotate(
            oec_count=Count("experiments_as_oec", distinct=True),
            guardrail_count=Count("guardrails", distinct=True),
            running_count=Count("experiments_as_oec", filter=running, distinct=True),
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
    """Show the definition and the experiments that use it."""
    metric = get_metric(person(request), key)
    context = {
        "metric": metric,
        "expression": expression(metric),
        "words": in_words(metric),
        "experiments": metric_authoring.users_of(metric)[:50],
        "may_design": can(request.user, Action.DESIGN, metric.team_id),
    }
    return render(request, "metrics/detail.html", context)


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
    """Change the metric."""
    metric = get_metric(person(request), key, Action.DESIGN)
    form = MetricForm(request.POST, person=person(request), metric=metric)
    if not form.is_valid():
        return _page(request, form, metric=metric, status=422)
    try:
        metric_authoring.change(metric, form.given(), actor=person(request))
    except Invalid as error:
        refuse(form, error)
        return _page(request, form, metric=metric, status=422)
    messages.success(request, _("The metric is changed."))
    return redirect("metrics:detail", key)


@require_POST
@allow(Action.DESIGN)
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Delete a metric that no experiment uses."""
    metric = get_metric(person(request), key, Action.DESIGN)
    metric_authoring.delete(metric, actor=person(request))
    messages.success(request, _("The metric is deleted."))
    return redirect("metrics:list")


def _page(request: HttpRequest, form: MetricForm, *, metric: Metric | None = None, status: int = 200) -> HttpResponse:
    is_frozen = metric is not None and metric_authoring.is_frozen(metric)
    return render(request, "metrics/form.html", {"form": form, "metric": metric, "is_frozen": is_frozen}, status=status)
