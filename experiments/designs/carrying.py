"""Giving a new draft the audience and traffic of another design."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from experiments.designs.drafting import lock_draft
from experiments.models import Experiment, Layer
from novarium.portal import audit
from novarium.portal.models import User

# Which units take part and how a run begins; the slot within a layer and the schedule are each experiment's own.
TRAFFIC = ("condition", "layer", "keeps_holdout", "ramp", "ramp_automatic")


def carry_traffic(experiment: Experiment, traffic: Mapping[str, Any], *, actor: User) -> None:
    """Give a draft the audience and traffic of another design; its slot in the layer is to be chosen anew.

    Args:
        experiment: The draft.
        traffic: Values by the names in ``TRAFFIC``; what is left out stays.
        actor: Who makes the draft.

    Raises:
        Conflict: the design is frozen.
    """
    with transaction.atomic():
        locked = lock_draft(experiment)
        changed = {name: value for name, value in traffic.items() if getattr(locked, name) != value}
        if not changed:
            return
        before = {name: getattr(locked, name) for name in changed}
        for name, value in changed.items():
            setattr(locked, name, value)
        if "layer" in changed:
            locked.layer_start = locked.layer_end = None
            changed |= {"layer_start": None, "layer_end": None}
        locked.updated_at = timezone.now()
        locked.save(update_fields=[*changed, "updated_at"])
        audit.record(
            actor=actor,
            action="experiment.traffic",
            object_type="experiment",
            object_key=locked.key,
            team_id=locked.team_id,
            before={name: _plain(value) for name, value in before.items()},
            after={name: _plain(changed[name]) for name in before},
        )


def traffic_of(experiment: Experiment) -> dict[str, Any]:
    """Return what ``carry_traffic`` takes of a design."""
    return {name: getattr(experiment, name) for name in TRAFFIC}


def _plain(value: Any) -> Any:
    return value.key if isinstance(value, Layer) else value
