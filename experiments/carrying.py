"""Giving a new draft the audience and traffic of another design."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from experiments.drafting import lock_draft
from experiments.models import Experiment, Layer
from novarium.portal import audit
from novarium.portal.models import User


def carry_traffic(
    experiment: Experiment,
    *,
    condition: dict[str, Any],
    layer: Layer | None,
    ramp: list[dict[str, Any]],
    keeps_holdout: bool,
    actor: User,
) -> None:
    """Set who takes part and how the run begins; the slot within the layer is to be chosen anew.

    Raises:
        Conflict: the design is frozen.
    """
    wanted = {"condition": condition, "layer": layer, "ramp": ramp, "keeps_holdout": keeps_holdout}
    with transaction.atomic():
        locked = lock_draft(experiment)
        changed = {name: value for name, value in wanted.items() if getattr(locked, name) != value}
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


def _plain(value: Any) -> Any:
    return value.key if isinstance(value, Layer) else value
