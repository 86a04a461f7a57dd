"""Metrics for programs."""

from __future__ import annotations

from typing import Any, ClassVar

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
from experiments.api.bodies import MetricChangeSerializer, NewMetricSerializer
from experiments.api.experiments import caller
from experiments.api.features import ByKey
from experiments.api.serializers import MetricSerializer
from experiments.metrics import metric_authoring
from experiments.metrics.metric_authoring import MetricInput
from experiments.models import Metric
from novarium.kernel.conditional import etag_of, require_match
from novarium.portal.access import require
from novarium.portal.openapi import IF_MATCH, operation
from novarium.portal.roles import Action

FILTERS = {"team": "Key of a team.", "type": "How variants are compared, such as proportion, mean or ratio."}


class MetricList(ListAPIView):  # type: ignore[type-arg]
    """Metrics."""

    actions_by_method: ClassVar = {"GET": Action.READ, "POST": Action.DESIGN}
    serializer_class = MetricSerializer
    pagination_class = ByKey

    def get_queryset(self) -> QuerySet[Metric]:
        """Return the metrics that fit the filters."""
        asked = {name: self.request.query_params.get(name, "").replace("\0", "") for name in FILTERS}
        columns = {"team__key": asked["team"], "type": asked["type"]}
        found = Metric.objects.select_related("team", "owner")
        return found.filter(**{name: value for name, value in columns.items() if value})

    @operation(
        "metrics_list",
        tag="Metrics",
        summary="List metrics",
        gives=MetricSerializer(many=True),
        example=examples.METRIC,
        parameters=tuple(OpenApiParameter(name, str, description=text) for name, text in FILTERS.items()),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a page of metrics, in the order of their keys."""
        return self.list(request, *args, **kwargs)

    @operation(
        "metrics_create",
        tag="Metrics",
        summary="Define a metric",
        takes=NewMetricSerializer,
        gives=MetricSerializer,
        status=201,
        sends=examples.METRIC,
        example=examples.METRIC,
    )
    def post(self, request: Request) -> Response:
        """Define a metric of your team."""
        given = NewMetricSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        columns = dict(given.validated_data)
        key, team = columns.pop("key"), drafts.team_named(columns.pop("team"))
        require(request.user, Action.DESIGN, team.pk)
        made = metric_authoring.create(_typed(Metric(), columns), key=key, team=team, actor=caller(request))
        return Response(_detail(made.key), status=status.HTTP_201_CREATED)


class MetricDetail(APIView):
    """One metric."""

    actions_by_method: ClassVar = {"GET": Action.READ, "PATCH": Action.DESIGN, "DELETE": Action.DESIGN}

    @operation("metrics_read", tag="Metrics", summary="Fetch a metric", gives=MetricSerializer, example=examples.METRIC)
    def get(self, request: Request, key: str) -> Response:
        """Return the metric's definition; the ETag is what a change needs."""
        access.get_metric(caller(request), key)
        return Response(_detail(key))

    @operation(
        "metrics_change",
        tag="Metrics",
        summary="Change a metric",
        takes=MetricChangeSerializer,
        gives=MetricSerializer,
        sends={"description": "Orders of a unit within the run."},
        example=examples.METRIC,
        parameters=(IF_MATCH,),
    )
    def patch(self, request: Request, key: str) -> Response:
        """Change what is given. Launched experiments keep the definition that they were launched with."""
        metric = access.get_metric(caller(request), key, Action.DESIGN)
        given = MetricChangeSerializer(data=request.data, partial=True)
        given.is_valid(raise_exception=True)
        with transaction.atomic():
            locked = Metric.objects.select_for_update(of=("self",)).get(pk=metric.pk)
            require_match(request.headers, _detail(key))
            metric_authoring.change(locked, _typed(locked, given.validated_data), actor=caller(request))
        changed = _detail(key)
        return Response(changed, headers={"ETag": etag_of(changed)})

    @operation("metrics_delete", tag="Metrics", summary="Delete a metric", status=204)
    def delete(self, request: Request, key: str) -> Response:
        """Delete a metric that no experiment uses."""
        metric = access.get_metric(caller(request), key, Action.DESIGN)
        metric_authoring.delete(metric, actor=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _typed(metric: Metric, given: dict[str, Any]) -> MetricInput:
    """Return the definition as it would be after the change."""
    return MetricInput(**{name: given.get(name, getattr(metric, name)) for name in MetricInput.__dataclass_fields__})


def _detail(key: str) -> dict[str, Any]:
    return dict(MetricSerializer(Metric.objects.select_related("team", "owner").get(key=key)).data)
