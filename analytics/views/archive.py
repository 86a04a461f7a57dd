"""The archive: the list, an entry and its learning note."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analytics import archive
from analytics.forms import ArchiveFilterForm, NoteForm
from analytics.models import ArchiveEntry
from analytics.objections import Objection
from analytics.results import ResultReport
from analytics.results.export import as_csv, as_json
from analytics.results.page import page_context
from novarium.kernel.errors import Invalid, NotFound
from novarium.portal.access import allow, can, person
from novarium.portal.roles import Action

PAGE_SIZE = 25


@require_safe
@allow(Action.READ)
def index(request: HttpRequest) -> HttpResponse:
    """List the decided runs that fit the filter."""
    form = ArchiveFilterForm(request.GET)
    valid = form.is_valid()
    entries = archive.find(form.wanted()) if valid else ArchiveEntry.objects.none()
    page = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "is_filtered": not valid or any(form.cleaned_data.values())}
    return render(request, "analytics/archive/list.html", context, status=200 if valid else 422)


@require_safe
@allow(Action.READ)
def detail(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Show a decided run: the decision, what was learned, the results as they were."""
    return render(request, "analytics/archive/entry.html", _context(request, archive.get_entry(entry_id)))


@require_safe
@allow(Action.READ)
def printed(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Show the entry as a report for paper."""
    return render(request, "analytics/archive/print.html", _context(request, archive.get_entry(entry_id)))


@require_POST
@allow(Action.DESIGN)
def reword(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Keep a new wording of the learning note."""
    entry = archive.get_entry(entry_id)
    form = NoteForm(request.POST)
    if form.is_valid():
        written = form.cleaned_data
        try:
            archive.reword(entry, text=written["text"], expected=written["number"], actor=person(request))
        except Invalid as error:
            for sentence in error.fields.get("text", [error.message]):
                form.add_error("text", sentence)
        else:
            messages.success(request, _("The note is kept; its earlier wordings stay in the history."))
            return redirect("archive:entry", entry.pk)
    return render(request, "analytics/archive/entry.html", _context(request, entry, form), status=422)


@require_safe
@allow(Action.READ)
def export_csv(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Hand out the metrics of the frozen results as a CSV file."""
    entry = archive.get_entry(entry_id)
    return _file(as_csv(_report(entry)), entry, "csv", "text/csv; charset=utf-8")


@require_safe
@allow(Action.READ)
def export_json(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Hand out the frozen results as a JSON file."""
    entry = archive.get_entry(entry_id)
    return _file(as_json(_report(entry)), entry, "json", "application/json")


def _report(entry: ArchiveEntry) -> ResultReport:
    report = archive.report_of(entry)
    if report is None:
        raise NotFound(_("Nobody was exposed, so there are no results."))
    return report


def _file(text: str, entry: ArchiveEntry, ending: str, content_type: str) -> HttpResponse:
    name = f"{entry.experiment_key}-run-{entry.run_number}-archived.{ending}"
    return HttpResponse(
        text, content_type=content_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def _context(request: HttpRequest, entry: ArchiveEntry, form: NoteForm | None = None) -> dict[str, Any]:
    design, report = archive.design_of(entry), archive.report_of(entry)
    notes = list(archive.notes_of(entry))
    names = {arm.key: arm.name for arm in design.variants}
    return {
        "entry": entry,
        "design": design,
        "notes": notes,
        "note": notes[0],
        "form": form or NoteForm(initial={"text": notes[0].text, "number": notes[0].number}),
        "can_reword": can(request.user, Action.DESIGN, entry.team_id),
        "variant_name": names.get(entry.decision["variant"], ""),
        "objections": [Objection(**item) for item in entry.decision["objections"]],
        "aftermath": archive.aftermath(entry),
        "is_frozen": True,
        **(page_context(report, design) if report else {}),
    }
