"""The event catalogue and refused events for programs."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import OuterRef, QuerySet, Subquery
from drf_spectacular.utils import OpenApiParameter
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from experiments.api import examples
from experiments.api.serializers import EventTypeSerializer, RejectedEventSerializer
from experiments.models import EventType, EventTypeVersion, RejectedEvent
from novarium.kernel.pagination import ForgeableCursorPagination
from novarium.portal.openapi import operation
from novarium.portal.roles import Action


class ByName(ForgeableCursorPagination):
    """Pages in the order of the names."""

    ordering = ("name",)


class ByReceipt(ForgeableCursorPagination):
    """Pages, what was received last first."""

    ordering = ("-received_at", "-id")


class EventTypes(ListAPIView):  # type: ignore[type-arg]
    """The event catalogue."""

    actions_by_method: ClassVar = {"GET": Action.READ}
    serializer_class = EventTypeSerializer
    pagination_class = ByName

    def get_queryset(self) -> QuerySet[EventType]:
        """Return the events with their newest versions."""
        newest = EventTypeVersion.objects.filter(event_type=OuterRef("pk")).order_by("-number")
        return EventType.objects.select_related("team").annotate(
            latest_number=Subquery(newest.values("number")[:1]),
            latest_amount=Subquery(newest.values("carries_amount")[:1]),
            latest_properties=Subquery(newest.values("properties")[:1]),
        )

    @operation(
        "event_types_list",
        tag="Events",
        summary="List the event catalogue",
        gives=EventTypeSerializer(many=True),
        example=examples.EVENT_TYPE,
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return what products may send: names, and the properties of their newest versions."""
        return self.list(request, *args, **kwargs)


class RejectedEvents(ListAPIView):  # type: ignore[type-arg]
    """What the intake refused."""

    actions_by_method: ClassVar = {"GET": Action.READ}
    serializer_class = RejectedEventSerializer
    pagination_class = ByReceipt
    queryset = RejectedEvent.objects.none()

    def get_queryset(self) -> QuerySet[RejectedEvent]:
        """Return the events of the reason, or all."""
        reason = self.request.query_params.get("reason", "").replace("\0", "")
        return RejectedEvent.objects.filter(reason=reason) if reason else RejectedEvent.objects.all()

    @operation(
        "rejected_events_list",
        tag="Events",
        summary="List refused events",
        gives=RejectedEventSerializer(many=True),
        example=examples.REJECTED,
        parameters=(OpenApiParameter("reason", str, description="Such as bad_unit_id."),),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the events that were refused, with the reason, the last first; mend and replay them in the portal."""
        return self.list(request, *args, **kwargs)
