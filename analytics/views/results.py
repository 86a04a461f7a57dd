"""The results of an experiment: the page, its living part and its files."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics.access import experiment_for, run_for
from analytics.archive import entry_of_run
from analytics.quality.standing import Failure, failures_touching
from analytics.results import LIVE, ResultReport, compute
from analytics.results.export import as_csv, as_json
from analytics.results.page import page_context
from experiments.public import ExperimentSummary, RunDesign
from novarium.kernel.errors import NotFound
from novarium.portal.access import allow, can, person
from novarium.portal.roles import Action

POLLED_AGE = 2  # seconds: several readers of one page share a look at the data


@require_safe
@allow(Action.READ)
def page(request: HttpRequest, key: str) -> HttpResponse:
    """Show the results of the newest run, or of the one asked for."""
    experiment, run = _asked(request, key)
    return render(request, "analytics/results/page.html", _context(request, experiment, run))


@require_safe
@allow(Action.READ)
def live(request: HttpRequest, key: str) -> HttpResponse:
    """Answer with the living part of the page, or with nothing while it is what the reader has (``seen``)."""
    experiment, run = _asked(request, key)
    context = _context(request, experiment, run)
    if request.GET.get("seen") == context["version"]:
        return HttpResponse(status=204)
    return render(request, "analytics/results/live.html", context)


@require_safe
@allow(Action.READ)
def export_csv(request: HttpRequest, key: str) -> HttpResponse:
    """Hand out the metrics as a CSV file."""
    report = _report(request, key)
    return _file(as_csv(report), report, "csv", "text/csv; charset=utf-8")


@require_safe
@allow(Action.READ)
def export_json(request: HttpRequest, key: str) -> HttpResponse:
    """Hand out the whole report as a JSON file."""
    report = _report(request, key)
    return _file(as_json(report), report, "json", "application/json")


def _asked(request: HttpRequest, key: str) -> tuple[ExperimentSummary, RunDesign | None]:
    experiment = experiment_for(person(request), key)
    return experiment, run_for(experiment, request.GET.get("run"))


def _report(request: HttpRequest, key: str) -> ResultReport:
    _experiment, run = _asked(request, key)
    report = compute(run) if run else None
    if report is None:
        raise NotFound(_("There are no results yet."))
    return report


def _file(text: str, report: ResultReport, ending: str, content_type: str) -> HttpResponse:
    name = f"{report.experiment}-run-{report.run_number}.{ending}"
    return HttpResponse(
        text, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _of(failures: list[Failure]) -> str:
    """Return what tells these failures from others, so that a live page notices them."""
    return ",".join(f"{failure.check}:{failure.day}:{failure.rows}" for failure in failures)


def _context(request: HttpRequest, experiment: ExperimentSummary, run: RunDesign | None) -> dict[str, Any]:
    report = compute(run, max_age=POLLED_AGE) if run else None
    number = run.design.run_number if run else None
    entry = entry_of_run(experiment.key, number) if number else None
    is_present = number == experiment.run_number
    may_decide = can(request.user, Action.ADOPT, experiment.team_id)
    failures = failures_touching(run) if run and not entry else []
    return {
        "failures": failures,
        "experiment": experiment,
        "run": run,
        "entry": entry,
        "is_present": is_present,
        "is_running": bool(run and run.status == "running"),
        "is_live": bool(run and run.status in LIVE),
        "can_decide": bool(may_decide and run and is_present and run.status in LIVE | {"stopped"}),
        "version": f"{report.fingerprint if report else 'none'}|{run.status if run else 'draft'}|{_of(failures)}",
        **(page_context(report, run.design) if report and run else {}),
    }
