"""The portal's own panels of the overview page."""

from __future__ import annotations

from typing import Any

from novarium.portal import panels
from novarium.portal.models import Membership, Notification, User


def register_panels() -> None:
    """Register what waits for the reader and their teams."""
    panels.register(panels.Panel("waiting", "portal/panels/waiting.html", waiting, position=10, wide=False))
    panels.register(panels.Panel("teams", "portal/panels/teams.html", teams, position=90, wide=False))


def waiting(person: User) -> dict[str, Any]:
    """Return the newest unread notifications."""
    unread = Notification.objects.filter(user=person, read_at=None)
    return {"notifications": list(unread[:5])}


def teams(person: User) -> dict[str, Any]:
    """Return the person's memberships."""
    return {"memberships": list(Membership.objects.filter(user=person).select_related("team").order_by("team__name"))}
