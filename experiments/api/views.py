"""The API's views: fetch with the access check, call one function, answer."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments import access, lifecycle
from experiments.api import drafts
from experiments.api.serializers import (
    EventBatchSerializer,
    ExperimentDetailSerializer,
    ExperimentSerializer,
    FeatureSerializer,
    MetricSerializer,
    NewExperimentSerializer,
    NoteSerializer,
    ReceiptsSerializer,
)
from experiments.listing import Wanted, listed
from experiments.models import Experiment, Feature, FeatureRevision, Metric
from experiments.serving import events, messages
from novarium.kernel.pagination import ForgeableCursorPagination
from novarium.portal.access import require
from novarium.portal.grants import Grant
from novarium.portal.models import ApiToken, User
from novarium.portal.roles import Action


class ByCreation(ForgeableCursorPagination):
    """Pages of experiments, newest first."""

    ordering = ("-created_at", "-pk")


class ByKey(ForgeableCursorPagination):
    """Pages in the order of the keys."""

    ordering = ("key",)


def _caller(request: Request) -> User:
    return cast(User, request.user)


class ExperimentList(ListAPIView):  # type: ignore[type-arg]
    """Experiments, newest first; POST creates a draft."""

    actions_by_method: ClassVar = {"GET": Action.READ, "POST": Action.DESIGN}
    serializer_class = ExperimentSerializer
    pagination_class = ByCreation

    def get_queryset(self) -> QuerySet[Experiment]:
        """Return the experiments that fit the query's filters."""
        names = ("status", "team", "owner", "feature", "search")
        asked = {name: self.request.query_params.get(name, "").replace("\0", "") for name in names}
        return listed(Wanted(**asked))

    @extend_schema(
        operation_id="experiments_list",
        parameters=[OpenApiParameter(name, str) for name in ("status", "team", "owner", "feature", "search")],
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List experiments."""
        return self.list(request, *args, **kwargs)

    @extend_schema(
        operation_id="experiments_create", request=NewExperimentSerializer, responses={201: ExperimentDetailSerializer}
    )
    def post(self, request: Request) -> Response:
        """Create a draft; its team is the feature's."""
        given = NewExperimentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        feature = drafts.feature_named(given.validated_data["feature"])
        require(request.user, Action.DESIGN, feature.team_id)
        experiment = drafts.create(given.validated_data, feature=feature, owner=_caller(request))
        return Response(_detail(experiment.key), status=status.HTTP_201_CREATED)


class ExperimentDetail(APIView):
    """One experiment with its design."""

    actions_by_method: ClassVar = {"GET": Action.READ}

    @extend_schema(operation_id="experiments_read", responses=ExperimentDetailSerializer)
    def get(self, request: Request, key: str) -> Response:
        """Return the experiment."""
        access.get_experiment(_caller(request), key)
        return Response(_detail(key))


class Launch(APIView):
    """Launch a draft."""

    actions_by_method: ClassVar = {"POST": Action.RUN}

    @extend_schema(operation_id="experiments_launch", request=None, responses=ExperimentDetailSerializer)
    def post(self, request: Request, key: str) -> Response:
        """Freeze the design and start."""
        experiment = access.get_experiment(_caller(request), key, Action.RUN)
        lifecycle.launch(experiment, actor=_caller(request))
        return Response(_detail(key))


class Stop(APIView):
    """Stop a running experiment."""

    actions_by_method: ClassVar = {"POST": Action.RUN}

    @extend_schema(operation_id="experiments_stop", request=NoteSerializer, responses=ExperimentDetailSerializer)
    def post(self, request: Request, key: str) -> Response:
        """Stop it, with a note for the history."""
        experiment = access.get_experiment(_caller(request), key, Action.RUN)
        note = NoteSerializer(data=request.data)
        note.is_valid(raise_exception=True)
        lifecycle.stop(experiment, actor=_caller(request), note=note.validated_data["note"])
        return Response(_detail(key))


class FeatureList(ListAPIView):  # type: ignore[type-arg]
    """Features with their live values."""

    actions_by_method: ClassVar = {"GET": Action.READ}
    serializer_class = FeatureSerializer
    pagination_class = ByKey

    def get_queryset(self) -> QuerySet[Feature]:
        """Return the features with their live revision."""
        return _features()


class FeatureDetail(RetrieveAPIView):  # type: ignore[type-arg]
    """One feature with its live value."""

    actions_by_method: ClassVar = {"GET": Action.READ}
    serializer_class = FeatureSerializer
    lookup_field = "key"

    def get_queryset(self) -> QuerySet[Feature]:
        """Return the features with their live revision."""
        return _features()


class MetricList(ListAPIView):  # type: ignore[type-arg]
    """Metrics."""

    actions_by_method: ClassVar = {"GET": Action.READ}
    serializer_class = MetricSerializer
    pagination_class = ByKey
    queryset = Metric.objects.select_related("team")


class MetricDetail(RetrieveAPIView):  # type: ignore[type-arg]
    """One metric."""

    actions_by_method: ClassVar = {"GET": Action.READ}
    serializer_class = MetricSerializer
    lookup_field = "key"
    queryset = Metric.objects.select_related("team")


class EventBodyParser(BaseParser):
    """Leaves the body to the intake."""

    media_type = "*/*"


class Events(APIView):
    """The intake of events: committed before it is acknowledged, harmless to repeat."""

    actions_by_method: ClassVar = {"POST": Action.RUN}
    token_scope = ApiToken.Scope.INGEST
    parser_classes = (EventBodyParser,)

    @extend_schema(operation_id="events_receive", request=EventBatchSerializer, responses=ReceiptsSerializer)
    def post(self, request: Request) -> HttpResponse:
        """Store up to 500 events; each gets a receipt, in the order they were sent."""
        token = request.auth
        grant = Grant(
            kind="token",
            id=token.token_key if isinstance(token, ApiToken) else "",
            name=_caller(request).username,
            team_id=None,
            scopes=frozenset(token.scopes) if isinstance(token, ApiToken) else frozenset({"ingest"}),
        )
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = events.receive(
            messages.Request(method="POST", path=request.path, headers=headers, body=request._request.body), grant
        )
        return HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))


def _detail(key: str) -> dict[str, Any]:
    found = listed(Wanted()).prefetch_related("variants", "guardrails__metric").get(key=key)
    return dict(ExperimentDetailSerializer(found).data)


def _features() -> QuerySet[Feature]:
    live = FeatureRevision.objects.filter(feature=OuterRef("pk")).order_by("-number")
    return Feature.objects.select_related("team").annotate(
        live_number=Subquery(live.values("number")[:1]), live_value=Subquery(live.values("value")[:1])
    )
