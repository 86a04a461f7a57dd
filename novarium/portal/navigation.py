"""The left navigation: which places there are and which one is open.

An app registers its places in ``AppConfig.ready``::

    from novarium.portal import navigation
    navigation.register(
        navigation.Place(_("Experiments"), "experiments:list", "experiments", 20, {"experiments", "results"})
    )
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from novarium.portal.access import can
from novarium.portal.models import Notification, User
from novarium.portal.roles import Action


@dataclass(frozen=True, slots=True)
class Place:
    """One place in the navigation; it is open for every page of its URL namespaces.

    ``icon`` is a name in ``components/icons.html``; ``position`` orders the places (Overview is 10, Experiments 20,
    Features 30, Metrics 40, Monitor 50, Data Lab 60, Simulator 70, Labs 80, Archive 90).
    """

    label: str | Promise
    url_name: str
    icon: str
    position: int
    namespaces: AbstractSet[str] = field(default_factory=frozenset)
    action: Action = Action.READ


_places: dict[str, Place] = {}


def register(place: Place) -> None:
    """Add a place; registering the same URL name again replaces it."""
    _places[place.url_name] = place


ACCOUNT_PLACES = (
    Place(_("Notifications"), "portal:notifications", "bell", 10),
    Place(_("Teams"), "portal:teams", "teams", 20),
    Place(_("Connections"), "portal:connections", "external", 25),
    Place(_("API tokens"), "portal:tokens", "token", 30),
    Place(_("API"), "api:docs", "api", 40),
    Place(_("Audit log"), "portal:audit", "audit", 50),
    Place(_("Administration"), "admin:index", "admin", 60, action=Action.ADMINISTER),
)


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Give templates the places the reader may open; nothing is read unless a template asks."""
    return {
        "places": SimpleLazyObject(
            lambda: _visible(request, sorted(_places.values(), key=lambda place: place.position))
        ),
        "account_places": SimpleLazyObject(lambda: _visible(request, ACCOUNT_PLACES)),
        "unread_count": SimpleLazyObject(lambda: _unread(request)),
    }


def _visible(request: HttpRequest, places: Any) -> list[dict[str, Any]]:
    return [
        {
            "label": place.label,
            "url": reverse(place.url_name),
            "icon": place.icon,
            "is_open": _is_open(request, place),
            "current": "page" if _view_name(request) == place.url_name else "true",
            "count": _unread(request) if place.url_name == "portal:notifications" else 0,
        }
        for place in places
        if can(request.user, place.action)
    ]


def _is_open(request: HttpRequest, place: Place) -> bool:
    match = request.resolver_match
    return _view_name(request).startswith(place.url_name) or bool(match and match.namespace in place.namespaces)


def _view_name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _unread(request: HttpRequest) -> int:
    if not isinstance(request.user, User):
        return 0
    if not hasattr(request, "unread_notifications"):
        request.unread_notifications = Notification.objects.filter(  # type: ignore[attr-defined]  # once a request
            user=request.user, read_at=None
        ).count()
    return int(request.unread_notifications)  # type: ignore[attr-defined]
