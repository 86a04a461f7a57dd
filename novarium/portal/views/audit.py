"""The audit log."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from novarium.portal import audit_export
from novarium.portal.access import allow
from novarium.portal.forms import AuditFilter
from novarium.portal.models import AuditEntry
from novarium.portal.roles import Action

PAGE_SIZE = 50
MOST_EXPORTED = 50_000


@require_safe
@allow(Action.READ)
def index(request: HttpRequest) -> HttpResponse:
    """Show the newest changes, filtered by person, action, object and period."""
    form = AuditFilter(request.GET)
    entries = _filtered(form)
    page = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "is_filtered": any(form.cleaned_data.values()) or not form.is_valid(),
        "most_exported": MOST_EXPORTED,
    }
    return render(request, "portal/audit.html", context, status=200 if form.is_valid() else 422)


@require_safe
@allow(Action.READ)
def export(request: HttpRequest) -> HttpResponse:
    """Send the newest entries that fit the filter as CSV."""
    form = AuditFilter(request.GET)
    entries = _filtered(form)[:MOST_EXPORTED]
    if not form.is_valid():
        return index(request)
    answer = HttpResponse(audit_export.lines(entries.iterator(chunk_size=2000)), content_type="text/csv")
    name = f"audit-log-{timezone.localdate().isoformat()}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _filtered(form: AuditFilter) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.select_related("actor", "team")
    if not form.is_valid():
        return entries.none()
    asked = form.cleaned_data
    if asked["actor"]:
        names = ("username", "first_name", "last_name")
        matches = (Q(**{f"actor__{name}__icontains": asked["actor"]}) for name in names)
        condition = Q()
        for match in matches:
            condition |= match
        entries = entries.filter(condition)
    if asked["action"]:
        entries = entries.filter(action__icontains=asked["action"])
    if asked["object"]:
        entries = entries.filter(Q(object_key__icontains=asked["object"]) | Q(object_type__iexact=asked["object"]))
    if asked["since"]:
        entries = entries.filter(at__gte=timezone.make_aware(datetime.combine(asked["since"], time.min)))
    if asked["until"]:
        after = datetime.combine(asked["until"] + timedelta(days=1), time.min)
        entries = entries.filter(at__lt=timezone.make_aware(after))
    return entries
