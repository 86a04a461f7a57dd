"""What may change while an experiment runs, for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments import access
from experiments.allocation import phases, rollout
from experiments.api import examples
from experiments.api.bodies import AdvanceSerializer, EndSerializer, SharesSerializer
from experiments.api.experiments import caller, detail
from experiments.api.serializers import ExperimentDetailSerializer, PhaseSerializer
from experiments.models import Experiment, Phase
from experiments.running import ramp, scheduling
from novarium.kernel.errors import Invalid
from novarium.kernel.pagination import ForgeableCursorPagination
from novarium.portal.openapi import operation
from novarium.portal.roles import Action


class Newest(ForgeableCursorPagination):
    """Pages of what has a number of its own, newest first."""

    ordering = ("-id",)


class Phases(ListAPIView):  # type: ignore[type-arg]
    """The phases of an experiment's runs."""

    actions_by_method: ClassVar = {"GET": Action.READ}
    serializer_class = PhaseSerializer
    pagination_class = Newest
    queryset = Phase.objects.none()

    def get_queryset(self) -> QuerySet[Phase]:
        """Return the phases of all runs."""
        experiment = access.get_experiment(caller(self.request), self.kwargs["key"])
        return Phase.objects.filter(run__experiment=experiment).select_related("run", "actor")

    @operation(
        "experiments_phases",
        tag="Experiments",
        summary="List phases",
        gives=PhaseSerializer(many=True),
        example=examples.PHASE,
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return who took part when: a phase for the launch and each ramp, pause or other weights, newest first."""
        return self.list(request, *args, **kwargs)


class Advance(APIView):
    """Take the next step of the ramp."""

    actions_by_method: ClassVar = {"POST": Action.RUN}

    @operation(
        "experiments_ramp",
        tag="Experiments",
        summary="Take the ramp's next step",
        takes=AdvanceSerializer,
        gives=PhaseSerializer,
        sends={"expected_phase": 1},
        example=examples.PHASE,
    )
    def post(self, request: Request, key: str) -> Response:
        """Take the next step now, due or not; 400 with ``errors.reason`` where a check fails and no reason is given.

        403 where a check fails and you are no lead of the team.
        """
        experiment = access.get_experiment(caller(request), key, Action.RUN)
        given = AdvanceSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        phase = ramp.advance(
            experiment,
            actor=caller(request),
            reason=given.validated_data["reason"],
            expected=given.validated_data["expected_phase"],
        )
        return Response(PhaseSerializer(phase).data)


class Shares(APIView):
    """Raise the shares of units."""

    actions_by_method: ClassVar = {"POST": Action.RUN}

    @operation(
        "experiments_shares",
        tag="Experiments",
        summary="Raise coverage or weights",
        takes=SharesSerializer,
        gives=PhaseSerializer,
        sends={"expected_phase": 1, "coverage": 0.5, "note": "Support has no complaints."},
        example=examples.PHASE,
    )
    def post(self, request: Request, key: str) -> Response:
        """Let more units take part, where nobody who takes part changes sides; shares never fall."""
        experiment = access.get_experiment(caller(request), key, Action.RUN)
        given = SharesSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        phase = rollout.raise_shares(
            experiment,
            weights=_weights(experiment, wanted.get("weights")),
            coverage=wanted["coverage"],
            actor=caller(request),
            note=wanted["note"],
            expected=wanted["expected_phase"],
        )
        return Response(PhaseSerializer(phase).data)


class End(APIView):
    """Move the scheduled end."""

    actions_by_method: ClassVar = {"POST": Action.RUN}

    @operation(
        "experiments_end",
        tag="Experiments",
        summary="Move the scheduled end",
        takes=EndSerializer,
        gives=ExperimentDetailSerializer,
        sends={"ends_at": "2026-12-18T09:00:00+09:00"},
        example=examples.DETAIL,
    )
    def post(self, request: Request, key: str) -> Response:
        """Move the moment at which a live experiment stops by itself, or take it away with null."""
        experiment = access.get_experiment(caller(request), key, Action.RUN)
        given = EndSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        scheduling.change_end(experiment, ends_at=given.validated_data["ends_at"], actor=caller(request))
        return Response(detail(key))


def _weights(experiment: Experiment, wanted: Mapping[str, float] | None) -> Sequence[float]:
    if wanted is None:
        return list(phases.last_of(experiment).weights)
    keys = list(experiment.variants.order_by("position").values_list("key", flat=True))
    if set(wanted) != set(keys):
        raise Invalid(_("Some weights are missing."), fields={"weights": [_("Give each variant a weight.")]})
    return [wanted[key] / 100 for key in keys]
