"""Who may do what: the only place that decides it.

Everybody with a role in any team may read everything; all other actions need a role in the object's team.
An admin has the admin role in every team.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from novarium.kernel.errors import Forbidden
from novarium.portal.models import Team, User
from novarium.portal.roles import MAY, Action, Role

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def roles_in(user: User | AnonymousUser, team_id: int | None) -> frozenset[Role]:
    """Return the person's roles in the team, or in all teams together for None."""
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    if user.is_platform_admin:
        return frozenset({Role.ADMIN})
    if team_id is None:
        return frozenset(user.roles.values())
    return frozenset({user.roles[team_id]} if team_id in user.roles else ())


def can(user: User | AnonymousUser, action: Action, team_id: int | None = None) -> bool:
    """Whether the person may do the action to an object of the team (None: in any team of theirs)."""
    scope = None if action is Action.READ else team_id
    return not MAY[action].isdisjoint(roles_in(user, scope))


def require(user: User | AnonymousUser, action: Action, team_id: int | None = None) -> None:
    """Raise Forbidden unless the person may do the action."""
    if not can(user, action, team_id):
        raise Forbidden(_("Your role does not allow this."))


def teams_for(user: User, action: Action) -> list[Team]:
    """Return the teams in which the person may do the action."""
    return [team for team in Team.objects.all() if can(user, action, team.pk)]


def allow(action: Action) -> Callable[[View[P]], View[P]]:
    """Let in only people who may do the action in some team; the view then checks the object's own team."""

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def checked(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            require(person(request), action)
            return view(request, *args, **kwargs)

        checked.action = action  # type: ignore[attr-defined]  # read by the test that walks all addresses
        return cast(View[P], checked)

    return decorate


def person(request: HttpRequest) -> User:
    """Return the logged-in person; views behind the login call it instead of ``request.user``."""
    return cast(User, request.user)


def personal(view: View[P]) -> View[P]:
    """Mark a view that only concerns the person's own account; every logged-in person may open it."""
    view.personal = True  # type: ignore[attr-defined]  # read by the test that walks all addresses
    return view
