"""Templates of designs for programs: list, keep, begin from one, delete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments import access
from experiments.api import drafts, examples
from experiments.api.experiments import caller, detail
from experiments.api.live import Newest
from experiments.api.serializers import ExperimentDetailSerializer
from experiments.designs import design_templates
from experiments.models import DesignTemplate
from novarium.kernel.strict_bodies import StrictSerializer
from novarium.portal.openapi import operation
from novarium.portal.roles import Action

if TYPE_CHECKING:
    TemplateBase = serializers.ModelSerializer[DesignTemplate]
    PlainSerializer = serializers.Serializer[Any]
else:
    TemplateBase = serializers.ModelSerializer
    PlainSerializer = serializers.Serializer

TEMPLATE = {
    "id": 4,
    "team": "novaeats",
    "name": "Button test, three weeks",
    "description": "For buttons on the way to the order.",
    "content": {"feature": "checkout-button", "oec": "cvr", "guardrails": {"aov": 0.05}, "plan": {"mde": 0.05}},
    "created_by": "analyst",
    "created_at": "2026-11-20T09:00:00+09:00",
}


class TemplateSerializer(TemplateBase):
    """A design that a team begins new experiments from."""

    team = serializers.CharField(source="team.key", read_only=True)
    created_by = serializers.CharField(source="created_by.username", read_only=True, allow_null=True, default=None)
    content = serializers.DictField(read_only=True, help_text="Hypothesis, metrics, plan, traffic and variants.")

    class Meta:
        model = DesignTemplate
        fields: ClassVar = list(TEMPLATE)
        read_only_fields = fields


class NewTemplateSerializer(StrictSerializer):
    """Which design is kept, and under which name."""

    experiment = serializers.SlugField(max_length=60, help_text="Key of the experiment whose design is kept.")
    name = serializers.CharField(max_length=80)
    description = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class StartSerializer(StrictSerializer):
    """The new experiment."""

    name = serializers.CharField(max_length=120)
    feature = serializers.SlugField(max_length=60, required=False, help_text="The template's own by default.")


class StartedSerializer(PlainSerializer):
    """The draft, and what the template names that is there no more."""

    experiment = ExperimentDetailSerializer()
    missing = serializers.ListField(child=serializers.CharField(), help_text="Keys of metrics and layers left out.")


class Templates(ListAPIView):  # type: ignore[type-arg]
    """The templates of all teams."""

    actions_by_method: ClassVar = {"GET": Action.READ, "POST": Action.DESIGN}
    serializer_class = TemplateSerializer
    pagination_class = Newest
    queryset = DesignTemplate.objects.none()

    def get_queryset(self) -> QuerySet[DesignTemplate]:
        """Return the templates of the team, or all."""
        team = self.request.query_params.get("team", "").replace("\0", "")
        found = DesignTemplate.objects.select_related("team", "created_by")
        return found.filter(team__key=team) if team else found

    @operation(
        "templates_list",
        tag="Design",
        summary="List templates",
        gives=TemplateSerializer(many=True),
        example=TEMPLATE,
        parameters=(OpenApiParameter("team", str, description="Key of a team."),),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a page of the designs that teams keep to begin from, newest first."""
        return self.list(request, *args, **kwargs)

    @operation(
        "templates_keep",
        tag="Design",
        summary="Keep a design as a template",
        takes=NewTemplateSerializer,
        gives=TemplateSerializer,
        status=201,
        sends={"experiment": "checkout-green", "name": TEMPLATE["name"], "description": TEMPLATE["description"]},
        example=TEMPLATE,
    )
    def post(self, request: Request) -> Response:
        """Keep an experiment's design, in whatever state it is, as a template of its team."""
        given = NewTemplateSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        experiment = access.get_experiment(caller(request), wanted["experiment"], Action.DESIGN)
        kept = design_templates.keep(
            experiment, name=wanted["name"], description=wanted["description"], actor=caller(request)
        )
        return Response(TemplateSerializer(kept).data, status=status.HTTP_201_CREATED)


class TemplateDetail(APIView):
    """One template."""

    actions_by_method: ClassVar = {"GET": Action.READ, "DELETE": Action.DESIGN}

    @operation("templates_read", tag="Design", summary="Fetch a template", gives=TemplateSerializer, example=TEMPLATE)
    def get(self, request: Request, template: int) -> Response:
        """Return the template with the design that it holds."""
        return Response(TemplateSerializer(access.get_template(caller(request), template)).data)

    @operation("templates_delete", tag="Design", summary="Delete a template", status=204)
    def delete(self, request: Request, template: int) -> Response:
        """Delete the template; experiments made from it stay."""
        found = access.get_template(caller(request), template, Action.DESIGN)
        design_templates.delete(found, actor=caller(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class Start(APIView):
    """Begin from a template."""

    actions_by_method: ClassVar = {"POST": Action.DESIGN}

    @operation(
        "templates_start",
        tag="Design",
        summary="Make a draft from a template",
        takes=StartSerializer,
        gives=StartedSerializer,
        status=201,
        sends={"name": "Green order button", "feature": "checkout-button"},
        example={"experiment": examples.DETAIL, "missing": []},
    )
    def post(self, request: Request, template: int) -> Response:
        """Make a draft with the template's design; you are its owner.

        On another feature of the team than the template's, what belongs to the feature is left out: baseline, traffic
        and the variants' values.
        """
        found = access.get_template(caller(request), template, Action.DESIGN)
        given = StartSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        feature = drafts.feature_named(given.validated_data.get("feature", found.content["feature"]))
        started = design_templates.start(
            found, feature=feature, name=given.validated_data["name"], owner=caller(request)
        )
        shown = {"experiment": detail(started.experiment.key), "missing": list(started.missing)}
        return Response(shown, status=status.HTTP_201_CREATED)
