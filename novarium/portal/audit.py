"""Writing the audit log, in the same transaction as the change itself."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from novarium.portal.models import AuditEntry, User


def record(
    *,
    actor: User | None,
    action: str,
    object_type: str,
    object_key: str,
    team_id: int | None = None,
    before: Any = None,
    after: Any = None,
    note: str = "",
) -> None:
    """Add one entry; ``action`` is a dotted verb such as ``experiment.launch``; before and after are JSON values.

    What a connection's program did has no actor: the note begins with the connection's name.
    """
    if actor is not None and actor.through:
        note = _("Connection “%(name)s”") % {"name": actor.through} + (f": {note}" if note else "")
        actor = None
    AuditEntry.objects.create(
        actor=actor,
        team_id=team_id,
        action=action,
        object_type=object_type,
        object_key=object_key,
        before=before,
        after=after,
        note=note,
    )
