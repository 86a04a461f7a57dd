"""The event catalogue for programs: listed, declared, carried on in further versions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import OuterRef, QuerySet, Subquery
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments.access import get_event_type
from experiments.api import drafts, examples
from experiments.api.experiments import caller
from experiments.api.serializers import EventTypeSerializer
from experiments.catalogue.events import PROPERTY_TYPES, Property
from experiments.events import event_types
from experiments.events.event_types import VersionInput
from experiments.models import EventType, EventTypeVersion
from novarium.kernel.pagination import ForgeableCursorPagination
from novarium.kernel.strict_bodies import NoteSerializer, StrictSerializer
from novarium.portal.access import require
from novarium.portal.openapi import operation
from novarium.portal.roles import Action

PROPERTIES = examples.EVENT_TYPE["properties"]


class ByName(ForgeableCursorPagination):
    """Pages in the order of the names."""

    ordering = ("name",)


class PropertySerializer(StrictSerializer):
    """A declared property."""

    name = serializers.CharField(max_length=40)
    type = serializers.ChoiceField(choices=list(PROPERTY_TYPES))
    required = serializers.BooleanField(required=False, default=False)  # type: ignore[assignment]  # a key of ours
    description = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class CarriesSerializer(NoteSerializer):
    """What an event carries."""

    carries_amount = serializers.BooleanField(required=False, default=False, help_text="Money, in won.")
    properties = PropertySerializer(many=True, required=False, default=list)

    def given(self) -> VersionInput:
        """Return what was sent."""
        sent = self.validated_data
        return VersionInput(
            carries_amount=sent["carries_amount"],
            properties=tuple(Property(**item) for item in sent["properties"]),
            note=sent["note"],
            breaks=sent.get("breaks", False),
        )


class NewEventTypeSerializer(CarriesSerializer):
    """A new event with its first version."""

    name = serializers.CharField(max_length=40)
    description = serializers.CharField(max_length=1000, required=False, allow_blank=True, default="")
    team = serializers.SlugField(max_length=40)


class NewVersionSerializer(CarriesSerializer):
    """The next version, in place of the one that you read; properties are declared as a whole."""

    expected_version = serializers.IntegerField(min_value=1)
    breaks = serializers.BooleanField(
        required=False, default=False, help_text="Events that are sent today will be refused; the note says why."
    )


class EventTypes(ListAPIView):  # type: ignore[type-arg]
    """The event catalogue."""

    actions_by_method: ClassVar = {"GET": Action.READ, "POST": Action.DESIGN}
    serializer_class = EventTypeSerializer
    pagination_class = ByName

    def get_queryset(self) -> QuerySet[EventType]:
        """Return the events with their newest versions."""
        return with_newest()

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

    @operation(
        "event_types_create",
        tag="Events",
        summary="Declare an event",
        takes=NewEventTypeSerializer,
        gives=EventTypeSerializer,
        status=201,
        sends={"name": "ride", "team": "novaeats", "carries_amount": True, "properties": PROPERTIES},
        example={**examples.EVENT_TYPE, "name": "ride"},
    )
    def post(self, request: Request) -> Response:
        """Declare an event of your team, with its first version; programs can send it at once."""
        given = NewEventTypeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        team = drafts.team_named(given.validated_data["team"])
        require(request.user, Action.DESIGN, team.pk)
        words = {name: given.validated_data[name] for name in ("name", "description")}
        made = event_types.create(**words, given=given.given(), team=team, actor=caller(request))
        return Response(_detail(made.name), status=status.HTTP_201_CREATED)


class EventTypeDetail(APIView):
    """One event of the catalogue."""

    actions_by_method: ClassVar = {"GET": Action.READ}

    @operation(
        "event_types_read",
        tag="Events",
        summary="Fetch an event of the catalogue",
        gives=EventTypeSerializer,
        example=examples.EVENT_TYPE,
    )
    def get(self, request: Request, name: str) -> Response:
        """Return the event in its newest version."""
        return Response(_detail(get_event_type(caller(request), name).name))


class EventTypeVersions(APIView):
    """The versions of an event."""

    actions_by_method: ClassVar = {"POST": Action.DESIGN}

    @operation(
        "event_types_version",
        tag="Events",
        summary="Change what an event carries",
        takes=NewVersionSerializer,
        gives=EventTypeSerializer,
        status=201,
        sends={"expected_version": 1, "carries_amount": True, "properties": PROPERTIES, "note": "Numbers are new."},
        example={**examples.EVENT_TYPE, "version": 2},
    )
    def post(self, request: Request, name: str) -> Response:
        """Add the next version, which counts from now on.

        400 where events of today would be refused and `breaks` is not said with a note; 409 where another version than
        the expected one is the newest, or a metric uses what would go.
        """
        event = get_event_type(caller(request), name, Action.DESIGN)
        given = NewVersionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        expected = given.validated_data["expected_version"]
        event_types.add_version(event, given.given(), expected=expected, actor=caller(request))
        return Response(_detail(name), status=status.HTTP_201_CREATED)


def with_newest() -> QuerySet[EventType]:
    """Return all events, each with its newest version."""
    newest = EventTypeVersion.objects.filter(event_type=OuterRef("pk")).order_by("-number")
    return EventType.objects.select_related("team").annotate(
        latest_number=Subquery(newest.values("number")[:1]),
        latest_amount=Subquery(newest.values("carries_amount")[:1]),
        latest_properties=Subquery(newest.values("properties")[:1]),
    )


def _detail(name: str) -> dict[str, Any]:
    return dict(EventTypeSerializer(with_newest().get(name=name)).data)
