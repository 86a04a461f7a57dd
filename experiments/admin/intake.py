"""What came in: rejected events, and all that is known of one unit.

Events and exposures have composite keys, which Django's admin does not register, and are too many to page through:
they are read unit by unit, each query bounded and served by an index.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from experiments.models import Event, EventType, EventTypeVersion, Exposure, ReceivedEventId, RejectedEvent, Run
from novarium.portal.read_only_admin import ReadOnlyAdmin

MOST = 200


@admin.register(RejectedEvent)
class RejectedEventAdmin(ReadOnlyAdmin):
    """Events that were refused, with the reason."""

    change_list_template = "admin/experiments/rejectedevent/change_list.html"
    list_display = ("received_at", "reason", "detail", "replayed_at")
    list_filter = ("replayed_at",)
    search_fields = ("=reason", "detail")
    ordering = ("-received_at",)

    def get_urls(self) -> list[URLPattern]:
        """Add the look-up of a unit."""
        view = self.admin_site.admin_view(self.unit)
        return [path("unit/", view, name="experiments_unit"), *super().get_urls()]

    def unit(self, request: HttpRequest) -> HttpResponse:
        """Show the newest events and the exposures of one unit."""
        wanted = request.GET.get("unit", "").strip()[:64].replace("\0", "")
        context: dict[str, Any] = {
            **self.admin_site.each_context(request),
            "title": _("Events and exposures of a unit"),
            "wanted": wanted,
            "most": MOST,
            "opts": self.model._meta,
            "events": Event.objects.filter(unit_id=wanted).order_by("-occurred_at")[:MOST] if wanted else [],
            "exposures": _exposures(wanted) if wanted else [],
        }
        return TemplateResponse(request, "admin/experiments/rejectedevent/unit.html", context)


@admin.register(ReceivedEventId)
class ReceivedEventIdAdmin(ReadOnlyAdmin):
    """Ids that programs have sent."""

    list_display = ("event_id", "received_at")
    search_fields = ("=event_id",)
    ordering = ("pk",)


@admin.register(EventType)
class EventTypeAdmin(ReadOnlyAdmin):
    """The event catalogue; it is changed in the portal, where each change is checked against the events of before."""

    list_display = ("name", "team", "owner", "created_at")
    list_filter = ("team",)
    list_select_related = ("team", "owner")
    search_fields = ("name", "description")
    ordering = ("name",)


@admin.register(EventTypeVersion)
class EventTypeVersionAdmin(ReadOnlyAdmin):
    """All versions of all events."""

    list_display = ("event_type", "number", "carries_amount", "breaks", "created_by", "created_at")
    list_filter = ("breaks", "event_type")
    list_select_related = ("event_type", "created_by")
    search_fields = ("event_type__name", "note")
    ordering = ("-created_at",)


def _exposures(unit: str) -> list[Exposure]:
    """Return the unit's exposures; naming the runs lets the primary key serve the query."""
    runs = list(Run.objects.order_by("-pk").values_list("pk", flat=True)[:1000])
    found = Exposure.objects.filter(run_id__in=runs, unit_id=unit).select_related("run__experiment", "variant")
    return list(found.order_by("-exposed_at")[:MOST])
