"""Refused events for programs: listed, fetched, mended, replayed."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments.access import get_rejected_event
from experiments.api import examples
from experiments.api.experiments import caller
from experiments.api.serializers import RejectedEventSerializer
from experiments.events import rejected_events
from experiments.events.rejected_events import WantedRejections
from experiments.models import RejectedEvent
from novarium.kernel.pagination import ForgeableCursorPagination
from novarium.kernel.strict_bodies import StrictSerializer
from novarium.portal.openapi import operation
from novarium.portal.roles import Action

if TYPE_CHECKING:
    PlainSerializer = serializers.Serializer[Any]
else:
    PlainSerializer = serializers.Serializer


class ByReceipt(ForgeableCursorPagination):
    """Pages, what was received last first."""

    ordering = ("-received_at", "-id")


class RejectedQuery(PlainSerializer):
    """Which refused events to list; what is left out means any."""

    reason = serializers.CharField(required=False, help_text="Such as bad_unit_id.")
    state = serializers.ChoiceField(choices=["waiting", "replayed"], required=False)
    since = serializers.DateField(required=False, help_text="First day on which they were received.")
    until = serializers.DateField(required=False, help_text="Last day on which they were received.")
    search = serializers.CharField(required=False, max_length=100, help_text="A part of the payload or of the detail.")


class ReplaySerializer(StrictSerializer):
    """The event as it should have been; as it came by default."""

    payload = serializers.JSONField(required=False)


class OutcomeSerializer(PlainSerializer):
    """What became of a replayed event."""

    outcome = serializers.ChoiceField(choices=["stored", "duplicate"])


class ReplayAllSerializer(StrictSerializer):
    """Of which reason all waiting events are replayed."""

    reason = serializers.CharField(max_length=60)


class ReplayedSerializer(PlainSerializer):
    """What became of a replay of many."""

    stored = serializers.IntegerField()
    duplicate = serializers.IntegerField(help_text="Had come before.")
    still_refused = serializers.IntegerField()


class RejectedEvents(ListAPIView):  # type: ignore[type-arg]
    """What the intake refused."""

    actions_by_method: ClassVar = {"GET": Action.READ}
    serializer_class = RejectedEventSerializer
    pagination_class = ByReceipt
    queryset = RejectedEvent.objects.none()

    def get_queryset(self) -> QuerySet[RejectedEvent]:
        """Return the events that fit the filters."""
        given = {name: self.request.query_params.get(name) for name in RejectedQuery().get_fields()}
        query = RejectedQuery(data={name: text for name, text in given.items() if text})
        query.is_valid(raise_exception=True)
        return rejected_events.listed(WantedRejections(**{"state": "", **query.validated_data}))

    @operation(
        "rejected_events_list",
        tag="Events",
        summary="List refused events",
        gives=RejectedEventSerializer(many=True),
        example=examples.REJECTED,
        parameters=(
            OpenApiParameter("reason", str, description="Such as bad_unit_id."),
            OpenApiParameter("state", str, enum=["waiting", "replayed"]),
            OpenApiParameter("since", OpenApiTypes.DATE, description="First day on which they were received."),
            OpenApiParameter("until", OpenApiTypes.DATE, description="Last day on which they were received."),
            OpenApiParameter("search", str, description="A part of the payload or of the detail."),
        ),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the events that were refused, with the reason, the last first."""
        return self.list(request, *args, **kwargs)


class RejectedEventDetail(APIView):
    """One refused event."""

    actions_by_method: ClassVar = {"GET": Action.READ}

    @operation(
        "rejected_events_read",
        tag="Events",
        summary="Fetch a refused event",
        gives=RejectedEventSerializer,
        example=examples.REJECTED,
    )
    def get(self, request: Request, rejected_id: uuid.UUID) -> Response:
        """Return the event as it came, with the reason."""
        return Response(RejectedEventSerializer(get_rejected_event(caller(request), rejected_id)).data)


class Replay(APIView):
    """Send a refused event through the intake again."""

    actions_by_method: ClassVar = {"POST": Action.RUN}

    @operation(
        "rejected_events_replay",
        tag="Events",
        summary="Replay a refused event",
        takes=ReplaySerializer,
        gives=OutcomeSerializer,
        sends={"payload": {**examples.REJECTED["payload"], "unit_id": "u-81"}},
        example={"outcome": "stored"},
    )
    def post(self, request: Request, rejected_id: uuid.UUID) -> Response:
        """Send the event again, mended or as it came; 400 where it is still not right, 409 where it was replayed."""
        rejected = get_rejected_event(caller(request), rejected_id, Action.RUN)
        given = ReplaySerializer(data=request.data)
        given.is_valid(raise_exception=True)
        payload = given.validated_data.get("payload", rejected.payload)
        return Response({"outcome": rejected_events.replay(rejected.pk, payload, actor=caller(request))})


class ReplayAll(APIView):
    """Send all refused events of a reason through the intake again."""

    actions_by_method: ClassVar = {"POST": Action.RUN}

    @operation(
        "rejected_events_replay_all",
        tag="Events",
        summary="Replay all of a reason",
        takes=ReplayAllSerializer,
        gives=ReplayedSerializer,
        sends={"reason": "unknown_event"},
        example={"stored": 412, "duplicate": 0, "still_refused": 3},
    )
    def post(self, request: Request) -> Response:
        """Send all waiting events of the reason again as they came, at most 10,000 at once.

        Of use once the catalogue knows the event or property. What is still refused goes on waiting.
        """
        given = ReplayAllSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        done = rejected_events.replay_all(given.validated_data["reason"], actor=caller(request))
        return Response(ReplayedSerializer(done).data)
