"""Audiences for programs: which attributes units have, and how many of them match a condition."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments.assignment import conditions
from experiments.audiences import audience
from novarium.kernel.errors import Invalid
from novarium.kernel.strict_bodies import StrictSerializer
from novarium.portal.openapi import operation
from novarium.portal.roles import Action

if TYPE_CHECKING:
    PlainSerializer = serializers.Serializer[Any]
else:
    PlainSerializer = serializers.Serializer

ATTRIBUTE = {
    "key": "device",
    "label": "Device",
    "type": "choice",
    "choices": ["mobile", "desktop", "tablet"],
    "samples": [],
    "changes": False,
}
COUNT = {
    "matched": 8120,
    "total": 20300,
    "share": 0.4,
    "daily": 290.5,
    "days": [{"day": "2026-11-26", "matched": 301, "total": 752}],
}


class ConditionSerializer(StrictSerializer):
    """A condition on the attributes of units; an empty one is for all."""

    condition = serializers.DictField(help_text="As an experiment's condition.")


class DaySerializer(PlainSerializer):
    """Units that were active on a day."""

    day = serializers.DateField()
    matched = serializers.IntegerField()
    total = serializers.IntegerField()


class CountSerializer(PlainSerializer):
    """Units active in the last thirty days, and how many of them match, in all and by day."""

    matched = serializers.IntegerField()
    total = serializers.IntegerField()
    share = serializers.FloatField(allow_null=True, help_text="0..1; null without any active unit.")
    daily = serializers.FloatField(allow_null=True, help_text="Matching units of a whole day on average.")
    days = DaySerializer(many=True)


class AttributeSerializer(PlainSerializer):
    """Something known of units that a condition may ask for."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a key of ours
    type = serializers.ChoiceField(choices=["choice", "text", "number", "boolean", "list"])
    choices = serializers.ListField(child=serializers.CharField(), help_text="Its values, where it has only these.")
    samples = serializers.ListField(child=serializers.CharField(), help_text="Values that were seen.")
    changes = serializers.BooleanField(help_text="Changes by itself as time goes by, so that units leave.")


class AttributesSerializer(PlainSerializer):
    """All attributes."""

    attributes = AttributeSerializer(many=True)


class Audience(APIView):
    """How many units match a condition."""

    actions_by_method: ClassVar = {"POST": Action.READ}

    @operation(
        "audience_count",
        tag="Design",
        summary="Count an audience",
        takes=ConditionSerializer,
        gives=CountSerializer,
        sends={"condition": {"device": "mobile", "city": {"$in": ["seoul", "busan"]}}},
        example=COUNT,
    )
    def post(self, request: Request) -> Response:
        """Return how many of the units active in the last thirty days match; changes nothing."""
        given = ConditionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        condition = given.validated_data["condition"]
        if problems := conditions.check(condition):
            raise Invalid(_("The audience's condition is not right."), fields={"condition": problems})
        return Response(CountSerializer(audience.matching_units(condition)).data)


class Attributes(APIView):
    """What conditions may ask for."""

    actions_by_method: ClassVar = {"GET": Action.READ}

    @operation(
        "audience_attributes",
        tag="Design",
        summary="List the attributes of units",
        gives=AttributesSerializer,
        example={"attributes": [ATTRIBUTE]},
    )
    def get(self, request: Request) -> Response:
        """Return the attributes of the shop's visitors, and those that programs sent of recently active units."""
        known = [{**asdict(item), "choices": list(item.choices)} for item in audience.attributes().values()]
        return Response(AttributesSerializer({"attributes": known}).data)
