"""The audit log and the caller itself for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from novarium.portal.api.paging import ByNumber
from novarium.portal.models import ApiToken, AuditEntry, Connection, Membership, User
from novarium.portal.openapi import operation
from novarium.portal.roles import Action

if TYPE_CHECKING:
    AuditBase = serializers.ModelSerializer[AuditEntry]
    PlainSerializer = serializers.Serializer[Any]
else:
    AuditBase = serializers.ModelSerializer
    PlainSerializer = serializers.Serializer

AUDIT = {
    "id": 812,
    "at": "2026-11-20T10:00:00+09:00",
    "actor": "analyst",
    "team": "novaeats",
    "action": "experiment.launch",
    "object_type": "experiment",
    "object_key": "checkout-green",
    "before": {"status": "draft"},
    "after": {"status": "running", "run": 1},
    "note": "",
}
CALLER = {"username": "analyst", "connection": None, "roles": {"novaeats": "analyst"}, "scopes": ["read", "manage"]}
AUDIT_TYPES = {"since": OpenApiTypes.DATETIME, "until": OpenApiTypes.DATETIME}
AUDIT_COLUMNS = {
    "actor": "actor__username",
    "team": "team__key",
    "action": "action__startswith",
    "object_type": "object_type",
    "object_key": "object_key",
    "since": "at__gte",
    "until": "at__lt",
}


class MomentField(serializers.DateTimeField):
    """A moment, or none."""

    def to_internal_value(self, value: Any) -> Any:
        """Return the moment."""
        return super().to_internal_value(value) if value else None


class AuditQuery(PlainSerializer):
    """Which changes to list; what is empty means any."""

    actor = serializers.CharField(allow_blank=True, help_text="User name.")
    team = serializers.CharField(allow_blank=True, help_text="Key of a team.")
    action = serializers.CharField(allow_blank=True, help_text="Begins with this, such as experiment.launch.")
    object_type = serializers.CharField(allow_blank=True, help_text="experiment, feature, metric, connection …")
    object_key = serializers.CharField(allow_blank=True)
    since = MomentField(help_text="From this moment on.")
    until = MomentField(help_text="Before this moment.")


class AuditEntrySerializer(AuditBase):
    """A change."""

    actor = serializers.CharField(source="actor.username", read_only=True, allow_null=True, default=None)
    team = serializers.CharField(source="team.key", read_only=True, allow_null=True, default=None)

    class Meta:
        model = AuditEntry
        fields: ClassVar = list(AUDIT)
        read_only_fields = fields


class CallerSerializer(PlainSerializer):
    """Who calls and what they may do."""

    username = serializers.CharField()
    connection = serializers.CharField(allow_null=True, help_text="Name of the connection whose key was sent.")
    roles = serializers.DictField(child=serializers.CharField(), help_text="Role by key of the team.")
    scopes = serializers.ListField(child=serializers.CharField(), help_text="Of the token or key.")


class AuditList(ListAPIView):  # type: ignore[type-arg]
    """The audit log."""

    actions_by_method: ClassVar = {"GET": Action.READ}
    serializer_class = AuditEntrySerializer
    pagination_class = ByNumber
    queryset = AuditEntry.objects.none()

    def get_queryset(self) -> QuerySet[AuditEntry]:
        """Return the entries that fit the filters."""
        query = AuditQuery(data={name: self.request.query_params.get(name, "") for name in AUDIT_COLUMNS})
        query.is_valid(raise_exception=True)
        asked = {AUDIT_COLUMNS[name]: value for name, value in query.validated_data.items() if value}
        return AuditEntry.objects.select_related("actor", "team").filter(**asked)

    @operation(
        "audit_list",
        tag="Audit",
        summary="Read the audit log",
        gives=AuditEntrySerializer(many=True),
        example=AUDIT,
        parameters=tuple(
            OpenApiParameter(name, AUDIT_TYPES.get(name, str), description=str(field.help_text or ""))
            for name, field in AuditQuery().fields.items()
        ),
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return a page of changes with what was before and after, newest first."""
        return self.list(request, *args, **kwargs)


class Caller(APIView):
    """The caller."""

    actions_by_method: ClassVar = {"GET": Action.READ}

    @operation("caller_read", tag="Audit", summary="See who you are", gives=CallerSerializer, example=CALLER)
    def get(self, request: Request) -> Response:
        """Return who calls, with the roles and scopes of the token or key that was sent."""
        user = cast(User, request.user)
        grant = request.auth
        through = grant if isinstance(grant, Connection) else None
        memberships = Membership.objects.filter(user=user).values_list("team__key", "role")
        return Response(
            {
                "username": user.get_username(),
                "connection": through.name if through else None,
                "roles": {through.team.key: "analyst"} if through else dict(memberships),
                "scopes": grant.scopes if isinstance(grant, ApiToken | Connection) else list(ApiToken.Scope.values),
            }
        )
