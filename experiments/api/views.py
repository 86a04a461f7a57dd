"""The intake of events for programs."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import ClassVar

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments.api import examples
from experiments.api.serializers import EventBatchSerializer, ReceiptsSerializer
from experiments.public import receive
from novarium.kernel.json_bodies import LenientJSONParser
from novarium.portal.models import ApiToken
from novarium.portal.openapi import operation
from novarium.portal.roles import Action


class Events(APIView):
    """The intake of events: committed before it is acknowledged, harmless to repeat."""

    actions_by_method: ClassVar = {"POST": Action.RUN}
    token_scope = ApiToken.Scope.INGEST
    parser_classes = (LenientJSONParser,)

    @operation(
        "events_receive",
        tag="Events",
        summary="Send events",
        takes=EventBatchSerializer,
        gives=ReceiptsSerializer,
        sends=examples.EVENTS,
        example=examples.RECEIPTS,
    )
    def post(self, request: Request) -> Response:
        """Store up to 500 events; each gets a receipt, in the order they were sent."""
        batch = EventBatchSerializer(data=request.data)
        batch.is_valid(raise_exception=True)
        receipts = receive(batch.validated_data["events"])
        counts = Counter(receipt.status for receipt in receipts)
        totals = {name: counts[name] for name in ("stored", "duplicate", "rejected")}
        return Response({**totals, "receipts": [asdict(receipt) for receipt in receipts]})
