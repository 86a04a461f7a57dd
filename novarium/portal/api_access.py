"""Which API requests are let in, and how many: DRF's defaults, so a view that names no action is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

from novarium.portal.access import can
from novarium.portal.models import ApiToken, Connection
from novarium.portal.roles import Action

if TYPE_CHECKING:
    from rest_framework.views import APIView


class ApiAccess(BasePermission):
    """Let an API request in: its view names an action per method, its token or key must have the scope for it.

    The scope is read or manage by the action, unless the view names a ``token_scope``.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Deny unless the view names an action for this method that the caller may do."""
        actions: dict[str, Action] = getattr(view, "actions_by_method", {})
        action = actions.get(request.method or "")
        if actions and action is None and request.user.is_authenticated:
            raise MethodNotAllowed(request.method or "")
        if action is None or not can(cast(Any, request.user), action):
            return False
        if isinstance(request.auth, ApiToken | Connection):
            usual = ApiToken.Scope.READ if action is Action.READ else ApiToken.Scope.MANAGE
            return getattr(view, "token_scope", usual) in request.auth.scopes
        return True


class CallerRate(UserRateThrottle):
    """So many calls a minute for each person, and for each connection as it says."""

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """Count connections apart from the people who made them."""
        if isinstance(request.auth, Connection):
            return f"throttle-connection-{request.auth.pk}"
        return super().get_cache_key(request, view)

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Whether the caller has calls left in this minute."""
        if isinstance(request.auth, Connection):
            self.num_requests, self.duration = request.auth.per_minute, 60
        return super().allow_request(request, view)
