"""The datasets of the Data Lab: imported logs, their files and refused lines."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analytics.forms import ImportForm
from analytics.imports.datasets import FORMS, dataset_named, delete_dataset, is_importing
from analytics.imports.requests import places, request_import
from analytics.models import Dataset, ImportFile
from analytics.tasks import import_dataset
from analytics.views.data import frame
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal.access import allow, can, person
from novarium.portal.roles import Action

PAGE_SIZE = 50


@require_safe
@allow(Action.READ)
def datasets(request: HttpRequest) -> HttpResponse:
    """Show all datasets, and the form that imports one."""
    return _list_page(request, None)


@require_POST
@allow(Action.ADMINISTER)
def start_import(request: HttpRequest) -> HttpResponse:
    """Hand an import to a worker."""
    form = ImportForm(request.POST, places=places())
    if form.is_valid():
        try:
            dataset, place = request_import(**form.cleaned_data, actor=person(request))
        except Invalid as error:
            for name, sentences in error.fields.items():
                form.add_error(name, sentences)
        except Conflict as error:
            form.add_error("key", error.message)
        else:
            import_dataset.delay_on_commit(dataset.pk, str(place))
            messages.success(request, _("The import begins. This page shows how far it is; you may leave it."))
            return redirect("data:dataset", key=dataset.key)
    return _list_page(request, form, status=422)


@require_safe
@allow(Action.READ)
def dataset(request: HttpRequest, key: str) -> HttpResponse:
    """Show a dataset's files and the lines that were refused."""
    found = dataset_named(key)
    refused = found.rejected_lines.select_related("file").order_by("file", "line")
    reasons = found.rejected_lines.order_by().values("reason").annotate(lines=Count("pk")).order_by("-lines")
    names = dict(refused.model.Reason.choices)
    context = {
        **frame(request, "datasets"),
        **_state(found),
        "page": Paginator(refused, PAGE_SIZE).get_page(request.GET.get("page")),
        "reasons": [{**row, "label": names[row["reason"]]} for row in reasons],
        "may_delete": can(request.user, Action.ADMINISTER) and found.form in FORMS,
    }
    return render(request, "analytics/data/dataset.html", context)


@require_safe
@allow(Action.READ)
def dataset_live(request: HttpRequest, key: str) -> HttpResponse:
    """Answer with the files as they stand."""
    return render(request, "analytics/data/files.html", _state(dataset_named(key)))


@require_POST
@allow(Action.ADMINISTER)
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Delete a dataset."""
    found = dataset_named(key)
    try:
        delete_dataset(found, actor=person(request))
    except (Conflict, Invalid) as error:
        messages.error(request, error.message)
        return redirect("data:dataset", key=key)
    messages.success(request, _("The dataset “%(name)s” is deleted.") % {"name": found.name})
    return redirect("data:datasets")


def _state(dataset: Dataset) -> dict[str, Any]:
    """Return the files, and whether an import goes on: a killed one is broken off, whatever its file says."""
    goes_on = is_importing(dataset)
    files = list(dataset.files.order_by("id"))
    for file in files:
        if file.status == ImportFile.Status.RUNNING and not goes_on:
            file.status = ImportFile.Status.STOPPED
    return {"dataset": dataset, "files": files, "goes_on": goes_on}


def _list_page(request: HttpRequest, form: ImportForm | None, *, status: int = 200) -> HttpResponse:
    found = Dataset.objects.annotate(
        file_count=Count("files"),
        lines=Sum("files__lines"),
        refused=Sum("files__rejected"),
        unfinished=Count("files", filter=~Q(files__status=ImportFile.Status.DONE)),
        imported_at=Max("files__finished_at"),
    )
    may_import = can(request.user, Action.ADMINISTER)
    offered = places() if may_import else []
    context = {
        **frame(request, "datasets"),
        "datasets": found.order_by("id"),
        "may_import": may_import,
        "has_root": bool(settings.DATA_IMPORT_ROOT),
        "form": form or (ImportForm(places=offered) if offered else None),
    }
    return render(request, "analytics/data/datasets.html", context, status=status)
