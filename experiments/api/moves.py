"""The moves of an experiment's life for programs: one view for all, told apart by a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments import access
from experiments.api import drafts, examples
from experiments.api.bodies import CloneSerializer
from experiments.api.experiments import caller, detail
from experiments.api.serializers import ExperimentDetailSerializer
from experiments.designs import authoring
from experiments.running import lifecycle
from novarium.kernel.strict_bodies import NoteSerializer
from novarium.portal.access import require
from novarium.portal.openapi import operation
from novarium.portal.roles import Action

NOTE = {"note": "The banner's new picture is online."}


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A move as the API describes it, and what makes it: a function of ``experiments.running.lifecycle``."""

    make: Callable[..., object]
    summary: str
    text: str
    takes_note: bool = True


MOVES: Mapping[str, Move] = {
    "launch": Move(
        make=lifecycle.launch,
        summary="Launch a draft",
        text=(
            "Freeze the design and start serving its variants.\n\n"
            "409 where another experiment holds the feature or the layer's slot, or a review is needed first; 400 with "
            "`errors` where the design is not complete."
        ),
        takes_note=False,
    ),
    "pause": Move(
        make=lifecycle.pause,
        summary="Pause an experiment",
        text="Show everybody the feature's live value for now; the analysis leaves the pause out.",
    ),
    "resume": Move(
        make=lifecycle.resume,
        summary="Resume an experiment",
        text="Go on with the shares of before the pause; everybody gets the variant they had.",
    ),
    "stop": Move(
        make=lifecycle.stop,
        summary="Stop an experiment",
        text="Stop it for good: everybody sees the feature's live value again, and the results stay.",
    ),
    "reset": Move(
        make=lifecycle.reset,
        summary="Make a draft of it again",
        text="Make a draft of a stopped or decided experiment, as its next run with a new split; earlier runs stay.",
    ),
}


def noted(request: Request) -> str:
    """Return the note in the request's body."""
    body = NoteSerializer(data=request.data)
    body.is_valid(raise_exception=True)
    return str(body.validated_data["note"])


def view_of(name: str) -> Any:
    """Return the view that makes a move."""
    move = MOVES[name]

    class Moving(APIView):
        """Makes the move."""

        actions_by_method: ClassVar = {"POST": Action.RUN}

        @operation(
            f"experiments_{name}",
            tag="Experiments",
            summary=move.summary,
            text=move.text,
            takes=NoteSerializer if move.takes_note else None,
            gives=ExperimentDetailSerializer,
            sends=NOTE if move.takes_note else None,
            example=examples.DETAIL,
        )
        def post(self, request: Request, key: str) -> Response:
            """Make the move and return the experiment as it is then."""
            experiment = access.get_experiment(caller(request), key, Action.RUN)
            noting = {"note": noted(request)} if move.takes_note else {}
            move.make(experiment, actor=caller(request), **noting)
            return Response(detail(key))

    return Moving.as_view()


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
