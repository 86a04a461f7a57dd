"""The reports of a day as downloads."""

from __future__ import annotations

from datetime import date

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from analytics.forms import ReportForm
from analytics.marts.exports import file_names, refuse_while_held, report
from analytics.marts.zone import date_of, day_number
from analytics.models import DailyMetric, Dataset
from analytics.models.imported import RECEIVED_ID
from analytics.views.data import frame
from novarium.kernel.errors import Conflict, NotFound
from novarium.portal.access import allow
from novarium.portal.roles import Action

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "parquet": "application/vnd.apache.parquet",
}


@require_safe
@allow(Action.READ)
def reports(request: HttpRequest) -> HttpResponse:
    """Show the files of a day: of the one that is asked for, or of the last that is built."""
    form = ReportForm(request.GET or None)
    valid = not form.is_bound or form.is_valid()
    chosen = form.cleaned_data if form.is_bound and valid else {}
    dataset = chosen.get("dataset") or Dataset.objects.get(pk=RECEIVED_ID)
    days = DailyMetric.objects.filter(dataset_id=dataset.pk)
    last = days.aggregate(last=Max("day"))["last"]
    day = chosen.get("day") or (date_of(last) if last is not None else None)
    is_built = valid and day is not None and days.filter(day=day_number(day)).exists()
    context = {
        **frame(request, "reports"),
        "form": form if form.is_bound else ReportForm(initial={"dataset": dataset.key, "day": day}),
        "dataset": dataset,
        "day": day,
        "is_built": is_built,
        "held": _held(dataset, day) if is_built and day else "",
        "files": file_names(),
    }
    return render(request, "analytics/data/reports.html", context, status=200 if valid else 422)


@require_safe
@allow(Action.READ)
def download(request: HttpRequest, dataset: str, day: str, name: str) -> HttpResponse:
    """Hand out a report."""
    found = Dataset.objects.filter(key=dataset).first()
    try:
        wanted = date.fromisoformat(day)
    except ValueError:
        found = None
    if found is None:
        raise NotFound(_("There is no such report."))
    return HttpResponse(
        report(name, dataset=found, day=wanted),
        content_type=CONTENT_TYPES[name.rpartition(".")[2]],
        headers={"Content-Disposition": f'attachment; filename="{found.key}-{wanted}-{name}"'},
    )


def _held(dataset: Dataset, day: date) -> str:
    try:
        refuse_while_held(dataset, day)
    except Conflict as error:
        return str(error.message)
    return ""
