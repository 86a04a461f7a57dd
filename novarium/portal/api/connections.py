"""The connections of products for programs: list, make, change, roll the key, revoke."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from novarium.kernel.errors import Forbidden, Invalid
from novarium.kernel.strict_bodies import StrictSerializer
from novarium.portal import connections
from novarium.portal.access import require
from novarium.portal.api.paging import ByNumber
from novarium.portal.connections import Settings, get_connection
from novarium.portal.models import ApiToken, Connection, Team, User
from novarium.portal.models.connection import MOST_PER_MINUTE
from novarium.portal.openapi import operation
from novarium.portal.roles import Action

if TYPE_CHECKING:
    ConnectionBase = serializers.ModelSerializer[Connection]
else:
    ConnectionBase = serializers.ModelSerializer

CONNECTION = {
    "id": 3,
    "name": "Web shop, production",
    "team": "novaeats",
    "kind": "client",
    "key_prefix": "nvr_client_4f9a1c",
    "scopes": ["evaluate", "ingest"],
    "origins": ["https://shop.example"],
    "per_minute": 6000,
    "logs_exposures": True,
    "state": "active",
    "expires_at": None,
    "revoked_at": None,
    "last_used_at": "2026-11-27T10:15:00+09:00",
    "created_at": "2026-11-20T09:00:00+09:00",
}
KEYED = {**CONNECTION, "last_used_at": None, "key": f"{CONNECTION['key_prefix']}…"}
NEW = {name: CONNECTION[name] for name in ("name", "team", "kind", "scopes", "origins")}
UNSTORED = {"Cache-Control": "no-store"}


class ConnectionSerializer(ConnectionBase):
    """A product's connection; its key is told once only."""

    team = serializers.CharField(source="team.key", read_only=True)
    state = serializers.ChoiceField(choices=["active", "expired", "revoked"], read_only=True)

    class Meta:
        model = Connection
        fields: ClassVar = list(CONNECTION)
        read_only_fields = fields


class KeyedSerializer(ConnectionSerializer):
    """A connection with its key, this once."""

    key = serializers.CharField(read_only=True, help_text="Keep it: only its hash is stored.")

    class Meta(ConnectionSerializer.Meta):
        fields: ClassVar = list(KEYED)
        read_only_fields = fields


class ConnectionChangeSerializer(StrictSerializer):
    """What changes; what is left out stays. Kind and scopes are what the key was made for."""

    name = serializers.CharField(max_length=80, required=False)
    origins = serializers.ListField(
        child=serializers.CharField(max_length=300),
        max_length=connections.MOST_ORIGINS,
        required=False,
        help_text="Of a client key: pages from there may call; * lets in all.",
    )
    per_minute = serializers.IntegerField(min_value=1, max_value=MOST_PER_MINUTE, required=False)
    logs_exposures = serializers.BooleanField(required=False, help_text="Store an exposure at each evaluation.")
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class NewConnectionSerializer(ConnectionChangeSerializer):
    """A new connection."""

    name = serializers.CharField(max_length=80)
    team = serializers.SlugField(max_length=40)
    kind = serializers.ChoiceField(choices=Connection.Kind.choices)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=Connection.Scope.choices), max_length=4)


class ConnectionList(ListAPIView):  # type: ignore[type-arg]
    """Connections."""

    actions_by_method: ClassVar = {"GET": Action.READ, "POST": Action.CONNECT}
    serializer_class = ConnectionSerializer
    pagination_class = ByNumber
    queryset = Connection.objects.none()

    def get_queryset(self) -> QuerySet[Connection]:
        """Return the connections of the team, or all."""
        team = self.request.query_params.get("team", "").replace("\0", "")
        found = Connection.objects.select_related("team")
        return found.filter(team__key=team) if team else found

    @operation(
        "connections_list",
        tag="Audit",
        summary="List connections",
        gives=ConnectionSerializer(many=True),
        example=CONNECTION,
        parameters=(OpenApiParameter("team", str, description="Key of a team."),),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a page of the connections of products, newest first."""
        return self.list(request, *args, **kwargs)

    @operation(
        "connections_create",
        tag="Audit",
        summary="Make a connection",
        takes=NewConnectionSerializer,
        gives=KeyedSerializer,
        status=201,
        sends=NEW,
        example=KEYED,
    )
    def post(self, request: Request) -> Response:
        """Make a connection of a team that you lead; the answer has its key, this once.

        A token makes no key that may do more than itself.
        """
        given = NewConnectionSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data
        team = Team.objects.filter(key=wanted["team"]).first()
        if team is None:
            raise Invalid(_("There is no such team."), fields={"team": [_("There is no such team.")]})
        require(request.user, Action.CONNECT, team.pk)
        _require_scopes(request, wanted["scopes"])
        made, key = connections.create(
            team=team,
            kind=wanted["kind"],
            scopes=wanted["scopes"],
            settings=_settings(wanted),
            actor=cast(User, request.user),
        )
        return _keyed(made, key, status=status.HTTP_201_CREATED)


class ConnectionDetail(APIView):
    """One connection."""

    actions_by_method: ClassVar = {"GET": Action.READ, "PATCH": Action.CONNECT}

    @operation(
        "connections_read",
        tag="Audit",
        summary="Fetch a connection",
        gives=ConnectionSerializer,
        example=CONNECTION,
    )
    def get(self, request: Request, connection: int) -> Response:
        """Return the connection, without its key."""
        return Response(ConnectionSerializer(get_connection(cast(User, request.user), connection)).data)

    @operation(
        "connections_change",
        tag="Audit",
        summary="Change a connection",
        takes=ConnectionChangeSerializer,
        gives=ConnectionSerializer,
        sends={"per_minute": 60_000},
        example=CONNECTION,
    )
    def patch(self, request: Request, connection: int) -> Response:
        """Change what is given; it counts within a second. What others change at the same time stays theirs."""
        user = cast(User, request.user)
        shown = get_connection(user, connection, Action.CONNECT)
        given = ConnectionChangeSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        with transaction.atomic():
            present = Connection.objects.select_for_update().get(pk=shown.pk)
            connections.change(present, _settings(given.validated_data, present), actor=user)
        return Response(ConnectionSerializer(get_connection(user, connection)).data)


class Roll(APIView):
    """Another key."""

    actions_by_method: ClassVar = {"POST": Action.CONNECT}

    @operation("connections_roll", tag="Audit", summary="Roll a connection's key", gives=KeyedSerializer, example=KEYED)
    def post(self, request: Request, connection: int) -> Response:
        """Give the connection another key, told this once; the former one is refused within a second."""
        user = cast(User, request.user)
        shown = get_connection(user, connection, Action.CONNECT)
        _require_scopes(request, shown.scopes)
        rolled, key = connections.roll(shown, actor=user)
        return _keyed(rolled, key, status=status.HTTP_200_OK)


class Revoke(APIView):
    """The end of a connection."""

    actions_by_method: ClassVar = {"POST": Action.CONNECT}

    @operation(
        "connections_revoke",
        tag="Audit",
        summary="Revoke a connection",
        gives=ConnectionSerializer,
        example={**CONNECTION, "state": "revoked", "revoked_at": "2026-11-27T11:00:00+09:00"},
    )
    def post(self, request: Request, connection: int) -> Response:
        """End the connection for good; its key is refused within a second."""
        user = cast(User, request.user)
        connections.revoke(get_connection(user, connection, Action.CONNECT), actor=user)
        return Response(ConnectionSerializer(get_connection(user, connection)).data)


def _settings(given: dict[str, Any], present: Connection | None = None) -> Settings:
    """Return the settings that are given, the others as they are."""
    known = {name: getattr(present, name) for name in Settings.__dataclass_fields__} if present else {}
    wanted = {**known, **{name: given[name] for name in Settings.__dataclass_fields__ if name in given}}
    return Settings(**{**wanted, "origins": tuple(wanted.get("origins", ()))})


def _require_scopes(request: Request, scopes: list[str]) -> None:
    """Refuse to hand out a key that may do more than the token by which it is asked for."""
    token = request.auth
    if isinstance(token, ApiToken) and (beyond := sorted(set(scopes) - set(token.scopes))):
        raise Forbidden(
            _("Your token lacks: %(scopes)s. A key may do no more than it.") % {"scopes": ", ".join(beyond)}
        )


def _keyed(connection: Connection, key: str, *, status: int) -> Response:
    """Answer with the key, which nothing on the way may keep."""
    shown = {**ConnectionSerializer(connection).data, "key": key}
    return Response(shown, status=status, headers=UNSTORED)
