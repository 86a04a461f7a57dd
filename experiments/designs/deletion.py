"""Deleting a draft that never ran; the audit log keeps all of what it said."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from experiments.designs.design_templates import content_of
from experiments.designs.drafting import lock_draft
from experiments.models import Experiment
from novarium.kernel.errors import Conflict
from novarium.portal import audit
from novarium.portal.models import User


def delete(experiment: Experiment, *, actor: User) -> None:
    """Delete a draft that never ran.

    Raises:
        Conflict: it ran; what ran is history.
    """
    with transaction.atomic():
        locked = lock_draft(experiment)
        if locked.runs.exists():
            raise Conflict(_("This experiment has run before. What ran is kept."))
        audit.record(
            actor=actor,
            action="experiment.delete",
            object_type="experiment",
            object_key=locked.key,
            team_id=locked.team_id,
            before={"name": locked.name, "owner": locked.owner.get_username(), **content_of(locked)},
        )
        locked.delete()
