"""The intake of events for programs; how it is described stands in ``experiments.serving``."""

from __future__ import annotations

from typing import Any, ClassVar, cast

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.views import APIView

from experiments.serving import events, messages
from novarium.portal import grants_store
from novarium.portal.grants import Grant
from novarium.portal.models import ApiToken, Connection, User
from novarium.portal.roles import Action


class EventBodyParser(BaseParser):
    """Leaves the body to the intake."""

    media_type = "*/*"


@extend_schema(exclude=True)
class Events(APIView):
    """The intake of events: committed before it is acknowledged, harmless to repeat."""

    actions_by_method: ClassVar = {"POST": Action.RUN}
    token_scope = ApiToken.Scope.INGEST
    parser_classes = (EventBodyParser,)

    def post(self, request: Request) -> HttpResponse:
        """Store up to 500 events; each gets a receipt, in the order they were sent."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        body = request._request.body
        sent = messages.Request(method="POST", path=request.path, headers=headers, body=body)
        answer = events.receive(sent, _grant(request))
        return HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))


def _grant(request: Request) -> Grant:
    bearer: Any = request.auth
    if isinstance(bearer, Connection):
        return grants_store.grant_of(bearer)
    scopes = bearer.scopes if isinstance(bearer, ApiToken) else ["ingest"]
    bearer_id = bearer.digest if isinstance(bearer, ApiToken) else ""
    name = cast(User, request.user).get_username()
    return Grant(kind="token", id=bearer_id, name=name, team_id=None, scopes=frozenset(scopes))
