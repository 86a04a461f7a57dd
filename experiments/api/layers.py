"""Layers and the global holdout for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import transaction
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experiments import access
from experiments.allocation import holdout, layers
from experiments.api import drafts, examples
from experiments.api.bodies import NewLayerSerializer
from experiments.api.experiments import caller
from experiments.api.features import ByKey
from experiments.api.serializers import LayerSerializer
from experiments.models import Holdout, Layer
from novarium.kernel.conditional import etag_of, require_match
from novarium.kernel.strict_bodies import FiniteField, NoteSerializer, StrictSerializer
from novarium.portal.access import require
from novarium.portal.openapi import IF_MATCH, operation
from novarium.portal.roles import Action

if TYPE_CHECKING:
    PlainSerializer = serializers.Serializer[Any]
else:
    PlainSerializer = serializers.Serializer

SLOT = {"experiment": "checkout-green", "start": 0, "end": 5000, "live": True}
OCCUPIED = {**examples.LAYER, "free_share": 0.5, "largest_gap": 0.5, "slots": [SLOT]}
HOLDOUT = {"share": 0.05, "updated_at": "2026-11-20T10:00:00+09:00"}


class SlotSerializer(PlainSerializer):
    """An experiment's part of a layer, in 1/10,000 of it; a draft's is only meant."""

    experiment = serializers.CharField(source="experiment.key")
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    live = serializers.BooleanField(source="is_live")


class OccupancySerializer(LayerSerializer):
    """A layer with its slots; shares in 0..1."""

    free_share = serializers.FloatField(read_only=True, help_text="That no live experiment holds.")
    largest_gap = serializers.FloatField(read_only=True, help_text="The largest free part in one piece.")
    slots = SlotSerializer(many=True, read_only=True)

    class Meta(LayerSerializer.Meta):
        fields: ClassVar = [*LayerSerializer.Meta.fields, "free_share", "largest_gap", "slots"]
        read_only_fields = fields


class LayerChangeSerializer(StrictSerializer):
    """A layer's words; what is left out stays."""

    name = serializers.CharField(max_length=80, required=False)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)


class HoldoutSerializer(PlainSerializer):
    """The share of all units that takes part in no experiment that keeps the holdout."""

    share = serializers.FloatField(help_text="0..0.5")
    updated_at = serializers.DateTimeField(allow_null=True)


class HoldoutChangeSerializer(NoteSerializer):
    """Another share."""

    share = FiniteField(min_value=0, max_value=holdout.LARGEST, help_text="0..0.5")


class LayerList(ListAPIView):  # type: ignore[type-arg]
    """Layers."""

    actions_by_method: ClassVar = {"GET": Action.READ, "POST": Action.DESIGN}
    serializer_class = LayerSerializer
    pagination_class = ByKey
    queryset = Layer.objects.select_related("team")

    @operation(
        "layers_list",
        tag="Design",
        summary="List layers",
        gives=LayerSerializer(many=True),
        example=examples.LAYER,
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a page of layers; experiments of one layer never share a unit."""
        return self.list(request, *args, **kwargs)

    @operation(
        "layers_create",
        tag="Design",
        summary="Create a layer",
        takes=NewLayerSerializer,
        gives=LayerSerializer,
        status=201,
        sends=examples.LAYER,
        example=examples.LAYER,
    )
    def post(self, request: Request) -> Response:
        """Create a layer, with a split of its own."""
        given = NewLayerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        columns = {"description": "", **given.validated_data}
        team = drafts.team_named(columns.pop("team"))
        require(request.user, Action.DESIGN, team.pk)
        made = layers.create(team=team, actor=caller(request), **columns)
        return Response(LayerSerializer(made).data, status=status.HTTP_201_CREATED)


class LayerDetail(APIView):
    """One layer with its slots."""

    actions_by_method: ClassVar = {"GET": Action.READ, "PATCH": Action.DESIGN}

    @operation("layers_read", tag="Design", summary="Fetch a layer", gives=OccupancySerializer, example=OCCUPIED)
    def get(self, request: Request, key: str) -> Response:
        """Return the layer with who holds, or as a draft means to hold, which part; the ETag is what a change needs."""
        return Response(_occupied(access.get_layer(caller(request), key)))

    @operation(
        "layers_change",
        tag="Design",
        summary="Change a layer",
        takes=LayerChangeSerializer,
        gives=OccupancySerializer,
        sends={"description": "Everything between cart and order."},
        example=OCCUPIED,
        parameters=(IF_MATCH,),
    )
    def patch(self, request: Request, key: str) -> Response:
        """Change a layer's words; its key, team and split never change."""
        layer = access.get_layer(caller(request), key, Action.DESIGN)
        given = LayerChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with transaction.atomic():
            locked = Layer.objects.select_for_update(of=("self",)).select_related("team").get(pk=layer.pk)
            require_match(request.headers, _occupied(locked))
            words = {name: given.validated_data.get(name, getattr(locked, name)) for name in ("name", "description")}
            layers.change(locked, **words, actor=caller(request))
        changed = _occupied(access.get_layer(caller(request), key))
        return Response(changed, headers={"ETag": etag_of(changed)})


class HoldoutDetail(APIView):
    """The global holdout."""

    actions_by_method: ClassVar = {"GET": Action.READ, "PATCH": Action.ADMINISTER}

    @operation("holdout_read", tag="Design", summary="Fetch the holdout", gives=HoldoutSerializer, example=HOLDOUT)
    def get(self, request: Request) -> Response:
        """Return the share of the global holdout; the ETag is what a change needs."""
        return Response(_holdout())

    @operation(
        "holdout_change",
        tag="Design",
        summary="Change the holdout",
        takes=HoldoutChangeSerializer,
        gives=HoldoutSerializer,
        sends={"share": 0.05, "note": "A yardstick for the year."},
        example=HOLDOUT,
        parameters=(IF_MATCH,),
    )
    def patch(self, request: Request) -> Response:
        """Change the share, as an admin. Only the difference moves: in or out of live experiments, one way only."""
        given = HoldoutChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        read = _holdout()
        require_match(request.headers, read)
        wanted = given.validated_data
        holdout.set_share(wanted["share"], actor=caller(request), expected=read["share"], note=wanted["note"])
        changed = _holdout()
        return Response(changed, headers={"ETag": etag_of(changed)})


def _occupied(layer: Layer) -> dict[str, Any]:
    """Return the representation of a layer with its slots."""
    found = layers.occupancy(layer)
    shown = {"free_share": found.free_share, "largest_gap": found.largest_gap}
    slots = SlotSerializer([*found.live, *found.drafts], many=True).data
    return {**LayerSerializer(layer).data, **shown, "slots": slots}


def _holdout() -> dict[str, Any]:
    """Return the representation of the holdout."""
    present = Holdout.objects.first()
    return dict(HoldoutSerializer(present or {"share": 0.0, "updated_at": None}).data)
