"""Experiments for programs: list, fetch, create, change, delete."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments import access
from experiments.api import drafts, examples
from experiments.api.bodies import ExperimentChangeSerializer, NewExperimentSerializer
from experiments.api.serializers import ExperimentDetailSerializer, ExperimentSerializer
from experiments.designs import deletion
from experiments.designs.listing import Wanted, listed
from experiments.models import Experiment
from novarium.kernel.conditional import etag_of, require_match
from novarium.kernel.pagination import ForgeableCursorPagination
from novarium.portal.access import require
from novarium.portal.models import User
from novarium.portal.openapi import IF_MATCH, operation
from novarium.portal.roles import Action

FILTERS = {
    "status": "draft, running, paused, stopped or decided.",
    "team": "Key of a team.",
    "owner": "User name of the owner.",
    "feature": "Key of a feature.",
    "search": "Words; each must be found in name, key, what or who.",
}


class ByCreation(ForgeableCursorPagination):
    """Pages of experiments, newest first."""

    ordering = ("-created_at", "-pk")


def caller(request: Request) -> User:
    """Return the person who calls, or in whose place a connection does."""
    return cast(User, request.user)


def detail(key: str) -> dict[str, Any]:
    """Return the representation of an experiment with its design."""
    found = listed(Wanted()).select_related("layer").prefetch_related("variants", "guardrails__metric").get(key=key)
    return dict(ExperimentDetailSerializer(found).data)


class ExperimentList(ListAPIView):  # type: ignore[type-arg]
    """Experiments."""

    actions_by_method: ClassVar = {"GET": Action.READ, "POST": Action.DESIGN}
    serializer_class = ExperimentSerializer
    pagination_class = ByCreation

    def get_queryset(self) -> QuerySet[Experiment]:
        """Return the experiments that fit the query's filters."""
        asked = {name: self.request.query_params.get(name, "").replace("\0", "") for name in FILTERS}
        return listed(Wanted(**asked))

    @operation(
        "experiments_list",
        tag="Experiments",
        summary="List experiments",
        gives=ExperimentSerializer(many=True),
        example=examples.LISTED,
        parameters=tuple(OpenApiParameter(name, str, description=text) for name, text in FILTERS.items()),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a page of the experiments that fit the filters, newest first."""
        return self.list(request, *args, **kwargs)

    @operation(
        "experiments_create",
        tag="Experiments",
        summary="Create a draft",
        takes=NewExperimentSerializer,
        gives=ExperimentDetailSerializer,
        status=201,
        sends=examples.NEW,
        example=examples.DETAIL,
    )
    def post(self, request: Request) -> Response:
        """Create a draft with everything that is given, or nothing; its team is the feature's.

        Shares are 0..1, weights in per cent, guardrails a relative margin by metric. Without variants it has two that
        show the feature as it is today.
        """
        given = NewExperimentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        feature = drafts.feature_named(given.validated_data["feature"])
        require(request.user, Action.DESIGN, feature.team_id)
        experiment = drafts.create(given.validated_data, feature=feature, owner=caller(request))
        return Response(detail(experiment.key), status=status.HTTP_201_CREATED)


class ExperimentDetail(APIView):
    """One experiment with its design."""

    actions_by_method: ClassVar = {"GET": Action.READ, "PATCH": Action.DESIGN, "DELETE": Action.DESIGN}

    @operation(
        "experiments_read",
        tag="Experiments",
        summary="Fetch an experiment",
        gives=ExperimentDetailSerializer,
        example=examples.DETAIL,
    )
    def get(self, request: Request, key: str) -> Response:
        """Return the experiment with its design; the ETag is what a change needs."""
        access.get_experiment(caller(request), key)
        return Response(detail(key))

    @operation(
        "experiments_change",
        tag="Experiments",
        summary="Change a draft",
        takes=ExperimentChangeSerializer,
        gives=ExperimentDetailSerializer,
        sends={"mde": 0.08, "planned_units": 8000},
        example=examples.DETAIL,
        parameters=(IF_MATCH,),
    )
    def patch(self, request: Request, key: str) -> Response:
        """Change what is given; all of it or nothing. A launched design is frozen and answers 409."""
        experiment = access.get_experiment(caller(request), key, Action.DESIGN)
        given = ExperimentChangeSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        with transaction.atomic():
            Experiment.objects.select_for_update(of=("self",)).get(pk=experiment.pk)
            require_match(request.headers, detail(key))
            drafts.change(experiment, given.validated_data, actor=caller(request))
        changed = detail(key)
        return Response(changed, headers={"ETag": etag_of(changed)})

    @operation("experiments_delete", tag="Experiments", summary="Delete a draft", status=204)
    def delete(self, request: Request, key: str) -> Response:
        """Delete a draft that never ran; what ran is kept."""
        deletion.delete(access.get_experiment(caller(request), key, Action.DESIGN), actor=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
