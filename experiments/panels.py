"""What the overview shows of experiments."""

from __future__ import annotations

from typing import Any

from experiments.designs.listing import Wanted, listed
from experiments.models import Experiment
from novarium.portal.access import can
from novarium.portal.models import User
from novarium.portal.roles import Action

SHOWN = 8
DRAFTS = 5


def running(person: User) -> dict[str, Any]:
    """Return what runs, what waits for a decision, and the person's own drafts."""
    Status = Experiment.Status  # noqa: N806 - an enumeration
    drafts = listed(Wanted(status=Status.DRAFT, owner=person.username))[:DRAFTS]
    return {
        "running": [
            *listed(Wanted(status=Status.RUNNING, sort="-started"))[:SHOWN],
            *listed(Wanted(status=Status.PAUSED, sort="-started"))[:SHOWN],
        ],
        "stopped": list(listed(Wanted(status=Status.STOPPED, sort="-changed"))[:SHOWN]),
        "drafts": list(drafts),
        "may_design": can(person, Action.DESIGN),
    }
