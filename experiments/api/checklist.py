"""What should be so before a launch, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments import access
from experiments.api.experiments import caller
from experiments.designs import checklist
from experiments.models import Experiment
from novarium.kernel.errors import Conflict
from novarium.portal.openapi import operation
from novarium.portal.roles import Action

if TYPE_CHECKING:
    PlainSerializer = serializers.Serializer[Any]
else:
    PlainSerializer = serializers.Serializer

ITEM = {
    "key": "guardrails",
    "title": "Guardrails protect what must not get worse",
    "state": "warn",
    "sentence": "Nothing would show that something else got worse. Choose at least one.",
}


class ItemSerializer(PlainSerializer):
    """One line of the checklist."""

    key = serializers.CharField(help_text="design, power, guardrails, previews, room, balance, schedule or approval.")
    title = serializers.CharField()
    state = serializers.ChoiceField(
        choices=[checklist.OK, checklist.WARN, checklist.BLOCKED], help_text="blocked: a launch is refused."
    )
    sentence = serializers.CharField()


class ChecklistSerializer(PlainSerializer):
    """All lines, and whether none of them blocks the launch."""

    ready = serializers.BooleanField()
    items = ItemSerializer(many=True)


class Checklist(APIView):
    """The pre-launch checklist of a draft."""

    actions_by_method: ClassVar = {"GET": Action.READ}

    @operation(
        "experiments_checklist",
        tag="Experiments",
        summary="Read the pre-launch checklist",
        gives=ChecklistSerializer,
        example={"ready": True, "items": [ITEM]},
    )
    def get(self, request: Request, key: str) -> Response:
        """Return what is done, what should be looked at and what keeps the draft from being launched.

        409 where it is no draft.
        """
        experiment = access.get_experiment(caller(request), key)
        if experiment.status != Experiment.Status.DRAFT:
            raise Conflict(_("Only a draft has a checklist: this experiment was launched."))
        found = checklist.checklist_of(experiment)
        return Response(ChecklistSerializer({"ready": not checklist.blocking(found), "items": found}).data)
