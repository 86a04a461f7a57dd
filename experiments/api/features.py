"""Features and their live values for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from drf_spectacular.utils import OpenApiParameter
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments import access
from experiments.api import drafts, examples
from experiments.api.bodies import (
    FeatureChangeSerializer,
    NewFeatureSerializer,
    ReviseSerializer,
    RollbackSerializer,
)
from experiments.api.experiments import caller
from experiments.api.serializers import FeatureSerializer, RevisionSerializer
from experiments.features import revisions, targeting
from experiments.features.registration import register_feature
from experiments.models import Feature, FeatureRevision
from novarium.kernel.conditional import etag_of, require_match
from novarium.kernel.pagination import ForgeableCursorPagination
from novarium.portal.access import require
from novarium.portal.models import User
from novarium.portal.openapi import IF_MATCH, operation
from novarium.portal.roles import Action

FILTERS = {"team": "Key of a team.", "surface": "home, search, restaurant, cart, tracking or external."}


class ByKey(ForgeableCursorPagination):
    """Pages in the order of the keys."""

    ordering = ("key",)


class ByNumber(ForgeableCursorPagination):
    """Pages of revisions, newest first."""

    ordering = ("-number",)


class FeatureList(ListAPIView):  # type: ignore[type-arg]
    """Features with their live values."""

    actions_by_method: ClassVar = {"GET": Action.READ, "POST": Action.DESIGN}
    serializer_class = FeatureSerializer
    pagination_class = ByKey

    def get_queryset(self) -> QuerySet[Feature]:
        """Return the features that fit the filters."""
        asked = {name: self.request.query_params.get(name, "").replace("\0", "") for name in FILTERS}
        columns = {"team__key": asked["team"], "surface": asked["surface"]}
        return with_live_value().filter(**{name: value for name, value in columns.items() if value})

    @operation(
        "features_list",
        tag="Features",
        summary="List features",
        gives=FeatureSerializer(many=True),
        example=examples.FEATURE,
        parameters=tuple(OpenApiParameter(name, str, description=text) for name, text in FILTERS.items()),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a page of features with their live values, in the order of their keys."""
        return self.list(request, *args, **kwargs)

    @operation(
        "features_create",
        tag="Features",
        summary="Declare a feature",
        takes=NewFeatureSerializer,
        gives=FeatureSerializer,
        status=201,
        sends=examples.NEW_FEATURE,
        example=examples.FEATURE,
    )
    def post(self, request: Request) -> Response:
        """Declare a feature with its parameters; their defaults are its first live value."""
        given = NewFeatureSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        columns = dict(given.validated_data)
        team = drafts.team_named(columns.pop("team"))
        require(request.user, Action.DESIGN, team.pk)
        register_feature(Feature(team=team, **columns), actor=caller(request))
        return Response(feature_detail(columns["key"]), status=status.HTTP_201_CREATED)


class FeatureDetail(APIView):
    """One feature with its live value."""

    actions_by_method: ClassVar = {"GET": Action.READ, "PATCH": Action.ADOPT}

    @operation(
        "features_read", tag="Features", summary="Fetch a feature", gives=FeatureSerializer, example=examples.FEATURE
    )
    def get(self, request: Request, key: str) -> Response:
        """Return the feature with its parameters, live value, switch and targets; the ETag is what a change needs."""
        access.get_feature(caller(request), key)
        return Response(feature_detail(key))

    @operation(
        "features_change",
        tag="Features",
        summary="Switch or target a feature",
        takes=FeatureChangeSerializer,
        gives=FeatureSerializer,
        sends={"enabled": True, "targets": [examples.TARGET], "note": "Staff look at it first."},
        example=examples.TARGETED_FEATURE,
        parameters=(IF_MATCH,),
    )
    def patch(self, request: Request, key: str) -> Response:
        """Switch the feature on or off, or set its targeted values; all of it or nothing.

        The live value is changed by a new revision.
        """
        feature = access.get_feature(caller(request), key, Action.ADOPT)
        given = FeatureChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with transaction.atomic():
            locked = Feature.objects.select_for_update(of=("self",)).get(pk=feature.pk)
            require_match(request.headers, feature_detail(key))
            _serve(locked, given.validated_data, actor=caller(request))
        changed = feature_detail(key)
        return Response(changed, headers={"ETag": etag_of(changed)})


class Revisions(ListAPIView):  # type: ignore[type-arg]
    """The values that a feature had."""

    actions_by_method: ClassVar = {"GET": Action.READ, "POST": Action.ADOPT}
    serializer_class = RevisionSerializer
    pagination_class = ByNumber
    queryset = FeatureRevision.objects.none()

    def get_queryset(self) -> QuerySet[FeatureRevision]:
        """Return the feature's revisions."""
        feature = access.get_feature(caller(self.request), self.kwargs["key"])
        return FeatureRevision.objects.filter(feature=feature).select_related("experiment", "author")

    @operation(
        "features_revisions",
        tag="Features",
        summary="List a feature's values",
        gives=RevisionSerializer(many=True),
        example=examples.REVISION,
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return the default values that the feature has or had, newest first; the first is live."""
        return self.list(request, *args, **kwargs)

    @operation(
        "features_revise",
        tag="Features",
        summary="Make another value live",
        takes=ReviseSerializer,
        gives=RevisionSerializer,
        status=201,
        sends={"value": {"text": "Order now", "color": "green"}, "expected_revision": 3, "note": "Autumn colours"},
        example=examples.REVISION,
    )
    def post(self, request: Request, key: str) -> Response:
        """Make a value live without an experiment; 409 where another revision than the expected one is live."""
        feature = access.get_feature(caller(request), key, Action.ADOPT)
        given = ReviseSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        made = revisions.revise(
            feature,
            given.validated_data["value"],
            expected=given.validated_data["expected_revision"],
            origin=revisions.Origin.EDIT,
            actor=caller(request),
            note=given.validated_data["note"],
        )
        return Response(RevisionSerializer(made).data, status=status.HTTP_201_CREATED)


class Rollback(APIView):
    """Bring an earlier value back."""

    actions_by_method: ClassVar = {"POST": Action.ROLLBACK}

    @operation(
        "features_rollback",
        tag="Features",
        summary="Roll a feature back",
        takes=RollbackSerializer,
        gives=RevisionSerializer,
        status=201,
        sends={"to": 2, "expected_revision": 3, "note": "Complaints about the colour"},
        example=examples.REVISION,
    )
    def post(self, request: Request, key: str) -> Response:
        """Make the value of an earlier revision live again, as a new revision."""
        feature = access.get_feature(caller(request), key, Action.ROLLBACK)
        given = RollbackSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        made = revisions.rollback(
            feature,
            to=given.validated_data["to"],
            expected=given.validated_data["expected_revision"],
            actor=caller(request),
            note=given.validated_data["note"],
        )
        return Response(RevisionSerializer(made).data, status=status.HTTP_201_CREATED)


def _serve(locked: Feature, given: Mapping[str, Any], *, actor: User) -> None:
    """Make the changes that differ from what is served, one after the other."""
    note, number = given["note"], locked.serving_number
    if "targets" in given and given["targets"] != locked.targets:
        targeting.set_targets(locked, given["targets"], expected=number, actor=actor, note=note)
        number += 1
    if given.get("enabled", locked.enabled) != locked.enabled:
        targeting.switch(locked, enabled=given["enabled"], expected=number, actor=actor, note=note)


def feature_detail(key: str) -> dict[str, Any]:
    """Return the representation of a feature."""
    return dict(FeatureSerializer(with_live_value().get(key=key)).data)


def with_live_value() -> QuerySet[Feature]:
    """Return all features, each with the number and value of its live revision."""
    live = FeatureRevision.objects.filter(feature=OuterRef("pk")).order_by("-number")
    return Feature.objects.select_related("team").annotate(
        live_number=Subquery(live.values("number")[:1]), live_value=Subquery(live.values("value")[:1])
    )
