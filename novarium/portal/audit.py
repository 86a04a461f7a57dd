"""Writing the audit log, in the same transaction as the change itself."""

from __future__ import annotations

from typing import Any

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
    """Add one entry; ``action`` is a dotted verb such as ``experiment.launch``; before and after are JSON values."""
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
