"""Sample size, duration and what can be found, and a metric's baseline from history, for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments import access
from experiments.allocation.expected_traffic import reach_of
from experiments.api import examples
from experiments.api.experiments import caller
from experiments.assignment import conditions
from experiments.designs.drafting import define
from experiments.models import Experiment, Feature, Metric
from experiments.planning import plan_questions
from experiments.planning.answers import Planned, planned
from experiments.planning.plan_page import history_of
from experiments.planning.plan_questions import MOST_WEEKS, PlanNumbers
from experiments.planning.planning_hooks import Baseline, Follows, PlanQuestion, baseline_for
from novarium.kernel.dataclass_schemas import schema_of
from novarium.kernel.errors import Conflict, Invalid, NotFound
from novarium.kernel.strict_bodies import FiniteField, StrictSerializer
from novarium.portal.openapi import operation
from novarium.portal.roles import Action

PLANNED: dict[str, Any] = {**schema_of(Planned), "description": "A plan, and what it was computed from."}
_BASELINE = schema_of(Baseline)
BASELINE: dict[str, Any] = {
    **_BASELINE,
    "required": [*_BASELINE["required"], "daily_units"],
    "properties": {**_BASELINE["properties"], "daily_units": {"type": "integer"}},
    "description": "A metric as recent history shows it, per unit that reached the feature's page.",
}
MOST_ARMS = 6
UNEVEN = 0.001


class NumbersSerializer(StrictSerializer):
    """Numbers of a plan: shares and effects in 0..1; what is left out is the experiment's, history's or usual."""

    baseline = FiniteField(required=False)
    baseline_deviation = FiniteField(required=False, allow_null=True, help_text="Between units; not of proportions.")
    daily_units = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=2_000_000_000, help_text="New units per day."
    )
    cuped_correlation = FiniteField(required=False, allow_null=True, min_value=-0.99, max_value=0.99)
    follows = serializers.ChoiceField(
        choices=[kind.value for kind in Follows], required=False, help_text="Which follows from the other two."
    )
    mde = FiniteField(required=False, help_text="Relative.")
    weeks = serializers.IntegerField(required=False, min_value=1, max_value=MOST_WEEKS)
    power = FiniteField(required=False)
    alpha = FiniteField(required=False)
    coverage = FiniteField(required=False)
    looks = serializers.IntegerField(required=False, min_value=0, max_value=20, help_text="1: once; 0: at any time.")
    planned_units = serializers.IntegerField(
        required=False, allow_null=True, min_value=2, max_value=2_000_000_000, help_text="Whose power is told."
    )
    weights = serializers.ListField(
        child=FiniteField(min_value=0.01, max_value=0.99),
        required=False,
        min_length=2,
        max_length=MOST_ARMS,
        help_text="Share of each arm, control first; together 1.",
    )
    compare = serializers.BooleanField(
        required=False, default=False, help_text="Tell the guardrails' power and the alternatives, too."
    )

    def validate_weights(self, weights: list[float]) -> list[float]:
        """Refuse shares that are not all of the units."""
        if abs(sum(weights) - 1) > UNEVEN:
            raise serializers.ValidationError(_("The shares must add up to 1."))
        return [weight / sum(weights) for weight in weights]


class PlaceSerializer(StrictSerializer):
    """A metric among the units of a page."""

    metric = serializers.SlugField(max_length=40)
    surface = serializers.ChoiceField(
        choices=Feature.Surface.choices, help_text="The page that units reach; external is any."
    )
    condition = serializers.DictField(required=False, default=dict, help_text="Which units, by their attributes.")


class PlanSerializer(NumbersSerializer, PlaceSerializer):
    """Numbers of a plan of no experiment; with a surface, its history gives what is left out."""

    surface = serializers.ChoiceField(choices=Feature.Surface.choices, required=False)


USUAL: dict[str, Any] = {"mde": 0.05, "alpha": 0.05, "power": 0.8, "coverage": 1.0, "baseline": None}


class ExperimentPlan(APIView):
    """The plan of an experiment, or what it would be with other numbers."""

    actions_by_method: ClassVar = {"POST": Action.READ}

    @operation(
        "experiments_plan",
        tag="Design",
        summary="Work out an experiment's plan",
        takes=NumbersSerializer,
        gives=PLANNED,
        sends={"mde": 0.08, "follows": "weeks", "compare": True},
        example=examples.PLANNED,
    )
    def post(self, request: Request, key: str) -> Response:
        """Return units, days and what is found; changes nothing.

        What is not given is as the planning page has it: the experiment's own numbers, and from history those that it
        has not. 409 without an OEC.
        """
        experiment = access.get_experiment(caller(request), key)
        if experiment.oec is None:
            raise Conflict(_("Choose the OEC first."))
        given = _given(NumbersSerializer, request)
        history = history_of(experiment)
        numbers = plan_questions.numbers_of(experiment, history) | given
        question = _question(
            experiment.oec,
            numbers,
            weights=tuple(given.get("weights") or plan_questions.weights_of(experiment)),
            history=history,
            share=reach_of(experiment).share,
            ramp=experiment.ramp,
        )
        return _answer(question, history, experiment=experiment, compares=given["compare"])


class AnyPlan(APIView):
    """A plan of given numbers."""

    actions_by_method: ClassVar = {"POST": Action.READ}

    @operation(
        "plan_work_out",
        tag="Design",
        summary="Work out a plan",
        takes=PlanSerializer,
        gives=PLANNED,
        sends={"metric": "cvr", "baseline": 0.21, "mde": 0.05, "daily_units": 1200, "weights": [0.5, 0.5]},
        example=examples.PLANNED,
    )
    def post(self, request: Request) -> Response:
        """Return units, days and what is found for a metric and numbers of your own, before there is an experiment."""
        given = _given(PlanSerializer, request)
        metric = _metric(request, given["metric"])
        history = _history(metric, given) if "surface" in given else None
        known = {"baseline": history.value, "baseline_deviation": history.deviation} if history else {}
        flow = {"daily_units": history.daily_units or None} if history else {}
        question = _question(
            metric,
            {**USUAL, **known, **flow, **given},
            weights=tuple(given.get("weights", (0.5, 0.5))),
            history=history,
        )
        return _answer(question, history, compares=given["compare"])


class ExperimentBaseline(APIView):
    """A metric as history shows it to an experiment."""

    actions_by_method: ClassVar = {"GET": Action.READ}

    @operation(
        "experiments_baseline",
        tag="Design",
        summary="Fetch a baseline from history",
        gives=BASELINE,
        example=examples.BASELINE,
        parameters=(OpenApiParameter("metric", str, description="Key of a metric; the OEC by default."),),
    )
    def get(self, request: Request, key: str) -> Response:
        """Return the metric on the feature's page among the experiment's audience; 404 where history does not know."""
        experiment = access.get_experiment(caller(request), key)
        wanted = request.query_params.get("metric", "").replace("\0", "")
        metric = _metric(request, wanted) if wanted else experiment.oec
        if metric is None:
            raise Conflict(_("Choose the OEC first."))
        place = {"surface": experiment.feature.surface, "condition": experiment.condition}
        return _baseline(_history(metric, place))


class AnyBaseline(APIView):
    """A metric as history shows it on a page."""

    actions_by_method: ClassVar = {"POST": Action.READ}

    @operation(
        "plan_baseline",
        tag="Design",
        summary="Measure a baseline",
        takes=PlaceSerializer,
        gives=BASELINE,
        sends={"metric": "cvr", "surface": "cart", "condition": {"device": "mobile"}},
        example=examples.BASELINE,
    )
    def post(self, request: Request) -> Response:
        """Return the metric among the units that reached the page and meet the condition; changes nothing.

        404 where history does not know it: fewer than a hundred units, or no value above zero.
        """
        given = _given(PlaceSerializer, request)
        return _baseline(_history(_metric(request, given["metric"]), given))


def _given(kind: type[StrictSerializer], request: Request) -> dict[str, Any]:
    body = kind(data=request.data)
    body.is_valid(raise_exception=True)
    return dict(body.validated_data)


def _metric(request: Request, key: str) -> Metric:
    return access.get_metric(caller(request), key)


def _history(metric: Metric, place: Mapping[str, Any]) -> Baseline | None:
    condition = place.get("condition") or {}
    if problems := conditions.check(condition):
        raise Invalid(_("The audience's condition is not right."), fields={"condition": problems})
    return baseline_for(define(metric), surface=place["surface"], condition=condition)


def _question(metric: Metric, numbers: Mapping[str, Any], **more: Any) -> PlanQuestion:
    """Return the question, with numbers that the planner can take."""
    problems = plan_questions.problems_of(numbers, metric_type=metric.type)
    if problems:
        raise Invalid(_("Some numbers of the plan are not right."), fields=problems)
    known = {name: numbers[name] for name in PlanNumbers.__dataclass_fields__ if name in numbers}
    question = plan_questions.ask(define(metric), PlanNumbers(**known), **more)
    if question is None:
        sentence = _("History does not know it, so give it.")
        raise Invalid(_("The baseline is missing."), fields={"baseline": [sentence]})
    return question


def _answer(
    question: PlanQuestion, history: Baseline | None, *, compares: bool, experiment: Experiment | None = None
) -> Response:
    return Response(asdict(planned(question, history=history, experiment=experiment, compares=compares)))


def _baseline(found: Baseline | None) -> Response:
    if found is None:
        raise NotFound(_("Recent history does not know this metric there."))
    return Response({**asdict(found), "daily_units": found.daily_units})
