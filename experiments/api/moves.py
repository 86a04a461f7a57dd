"""The moves of an experiment's life for programs."""

from __future__ import annotations

from typing import ClassVar

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments import access, authoring, lifecycle
from experiments.api import drafts, examples
from experiments.api.bodies import CloneSerializer
from experiments.api.experiments import caller, detail
from experiments.api.serializers import ExperimentDetailSerializer
from novarium.kernel.strict_bodies import NoteSerializer
from novarium.portal.access import require
from novarium.portal.openapi import operation
from novarium.portal.roles import Action

NOTE = {"note": "The banner's new picture is online."}


def noted(request: Request) -> str:
    """Return the note in the request's body."""
    body = NoteSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    return str(body.validated_data["note"])


class Launch(APIView):
    """Launch a draft."""

    actions_by_method: ClassVar = {"POST": Action.RUN}

    @operation(
        "experiments_launch",
        tag="Experiments",
        summary="Launch a draft",
        gives=ExperimentDetailSerializer,
        example=examples.DETAIL,
    )
    def post(self, request: Request, key: str) -> Response:
        """Freeze the design and start serving its variants.

        409 where another experiment holds the feature or the layer's slot, or a review is needed first; 400 with
        ``errors`` where the design is not complete.
        """
        experiment = access.get_experiment(caller(request), key, Action.RUN)
        lifecycle.launch(experiment, actor=caller(request))
        return Response(detail(key))


class Stop(APIView):
    """Stop a running experiment."""

    actions_by_method: ClassVar = {"POST": Action.RUN}

    @operation(
        "experiments_stop",
        tag="Experiments",
        summary="Stop an experiment",
        takes=NoteSerializer,
        gives=ExperimentDetailSerializer,
        sends=NOTE,
        example=examples.DETAIL,
    )
    def post(self, request: Request, key: str) -> Response:
        """Stop it for good: everybody sees the feature's live value again, and the results stay."""
        experiment = access.get_experiment(caller(request), key, Action.RUN)
        lifecycle.stop(experiment, actor=caller(request), note=noted(request))
        return Response(detail(key))


class Reset(APIView):
    """Make a draft of a stopped or decided experiment."""

    actions_by_method: ClassVar = {"POST": Action.RUN}

    @operation(
        "experiments_reset",
        tag="Experiments",
        summary="Make a draft of it again",
        takes=NoteSerializer,
        gives=ExperimentDetailSerializer,
        sends=NOTE,
        example=examples.DETAIL,
    )
    def post(self, request: Request, key: str) -> Response:
        """Make a draft of a stopped or decided experiment, as its next run with a new split; earlier runs stay."""
        experiment = access.get_experiment(caller(request), key, Action.RUN)
        lifecycle.reset(experiment, actor=caller(request), note=noted(request))
        return Response(detail(key))


class Clone(APIView):
    """Copy an experiment's design."""

    actions_by_method: ClassVar = {"POST": Action.DESIGN}

    @operation(
        "experiments_clone",
        tag="Experiments",
        summary="Clone an experiment",
        takes=CloneSerializer,
        gives=ExperimentDetailSerializer,
        status=201,
        sends={},
        example=examples.DETAIL,
    )
    def post(self, request: Request, key: str) -> Response:
        """Create a draft with the same design, a key of its own and another split; you are its owner."""
        body = CloneSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        experiment = access.get_experiment(caller(request), key)
        team = drafts.team_named(body.validated_data["team"]) if "team" in body.validated_data else experiment.team
        require(request.user, Action.DESIGN, team.pk)
        copy = authoring.clone(experiment, team=team, owner=caller(request))
        return Response(detail(copy.key), status=status.HTTP_201_CREATED)
