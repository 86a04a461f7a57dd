"""Which API requests are let in; DRF's default permission, so a view that names no action is closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from novarium.portal.access import can
from novarium.portal.models import ApiToken
from novarium.portal.roles import Action

if TYPE_CHECKING:
    from rest_framework.views import APIView


class ApiAccess(BasePermission):
    """Let an API request in: its view names an action per method, its token must have the scope for it.

    The scope is read or manage by the action, unless the view names a ``token_scope``.
    """

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Deny unless the view names an action for this method that the caller may do."""
        actions: dict[str, Action] = getattr(view, "actions_by_method", {})
        action = actions.get(request.method or "")
        if action is None or not can(cast(Any, request.user), action):
            return False
        token = request.auth
        if isinstance(token, ApiToken):
            usual = ApiToken.Scope.READ if action is Action.READ else ApiToken.Scope.MANAGE
            return getattr(view, "token_scope", usual) in token.scopes
        return True
