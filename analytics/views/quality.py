"""Data quality: what the checks found, asking one again, and accepting a failure."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analytics.imports.datasets import dataset_named
from analytics.models import Dataset, GateRun
from analytics.models.imported import RECEIVED_ID
from analytics.quality.checks import check_named
from analytics.quality.page import day_asked, lines_of
from analytics.quality.running import request_checks, request_every_check
from analytics.quality.standing import accept
from analytics.tasks import run_checks
from analytics.views.data import frame
from novarium.kernel.errors import Invalid
from novarium.portal.access import allow, can, person
from novarium.portal.roles import Action


@require_safe
@allow(Action.READ)
def page(request: HttpRequest) -> HttpResponse:
    """Show how every check of a dataset stands."""
    dataset = _dataset(request.GET.get("dataset", ""))
    context = {**frame(request, "quality"), "datasets": Dataset.objects.all(), **_standing(request, dataset)}
    return render(request, "analytics/data/quality.html", context)


@require_safe
@allow(Action.READ)
def live(request: HttpRequest) -> HttpResponse:
    """Answer with the checks as they stand."""
    context = {**frame(request, "quality"), **_standing(request, _dataset(request.GET.get("dataset", "")))}
    return render(request, "analytics/data/checks.html", context)


def _standing(request: HttpRequest, dataset: Dataset) -> dict[str, Any]:
    lines = lines_of(dataset)
    asked = GateRun.objects.filter(dataset=dataset, status__in=["queued", "running"], requested_by__isnull=False)
    names = set(asked.order_by().values_list("check_name", flat=True))
    return {
        "dataset": dataset,
        "lines": lines,
        "failed": sum(line.now.key == "failed" for line in lines),
        "warned": sum(line.now.key == "warning" for line in lines),
        "passed": sum(line.now.key == "passed" for line in lines),
        "is_waiting": bool(names),
        "every_waits": "" in names,
        "waiting": [check_named(name) for name in sorted(names - {""})],
        "can_accept": can(request.user, Action.ADMINISTER),
    }


@require_POST
@allow(Action.BUILD)
def rerun(request: HttpRequest, check: str) -> HttpResponse:
    """Hand a check to a worker, for a day or for the whole dataset."""
    dataset = _dataset(request.POST.get("dataset", ""))
    run = request_checks(dataset=dataset, check=check, day=_day(request), actor=person(request))
    run_checks.delay_on_commit(run.pk)
    messages.success(request, _("The check is queued. This page shows when it is done; you may leave it."))
    return _back(dataset, check)


@require_POST
@allow(Action.BUILD)
def rerun_every(request: HttpRequest) -> HttpResponse:
    """Hand every check of a dataset to workers."""
    dataset = _dataset(request.POST.get("dataset", ""))
    for run in request_every_check(dataset=dataset, actor=person(request)):
        run_checks.delay_on_commit(run.pk)
    messages.success(request, _("The checks are queued. This page shows when they are done; you may leave it."))
    return redirect(f"{reverse('data:quality')}?dataset={dataset.key}")


@require_POST
@allow(Action.ADMINISTER)
def accept_failure(request: HttpRequest, check: str) -> HttpResponse:
    """Accept a failure of a day with a reason."""
    dataset = _dataset(request.POST.get("dataset", ""))
    accept(
        dataset=dataset,
        check=check,
        day=_day(request),
        reason=request.POST.get("reason", ""),
        actor=person(request),
    )
    messages.success(request, _("Accepted. It stops nothing any more, until it gets worse."))
    return _back(dataset, check)


def _dataset(key: str) -> Dataset:
    return dataset_named(key) if key else Dataset.objects.get(pk=RECEIVED_ID)


def _day(request: HttpRequest) -> int | None:
    try:
        return day_asked(request.POST.get("day", ""))
    except ValueError as error:
        raise Invalid(_("This is no day."), fields={"day": [_("Write it as 2026-05-04.")]}) from error


def _back(dataset: Dataset, check: str) -> HttpResponse:
    return redirect(f"{reverse('data:quality')}?dataset={dataset.key}#{check}")
