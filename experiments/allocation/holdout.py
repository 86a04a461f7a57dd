"""The global holdout: the share of all units that takes part in no experiment that leaves it out."""

from __future__ import annotations

import secrets

from django.db import transaction
from django.utils.translation import gettext as _

from experiments.assignment import definitions
from experiments.models import Holdout
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal import audit
from novarium.portal.models import User

LARGEST = 0.5


def share() -> float:
    """Return the holdout's share of all units, 0..0.5."""
    return Holdout.objects.values_list("share", flat=True).first() or 0.0


def set_share(wanted: float, *, actor: User, expected: float | None = None, note: str = "") -> None:
    """Change the share. The seed stays for ever, so that only the difference moves, and one way only.

    Raises:
        Invalid: the share is out of its range.
        Conflict: somebody else has changed it from ``expected`` in the meantime.
    """
    if not 0 <= wanted <= LARGEST:
        raise Invalid(_("From 0% to 50%."), fields={"share": [_("From 0% to 50%.")]})
    with transaction.atomic():
        Holdout.objects.get_or_create(id=1, defaults={"seed": f"holdout:{secrets.token_hex(6)}"})
        holdout = Holdout.objects.select_for_update().get(id=1)
        before = holdout.share
        if expected is not None and expected != before:
            raise Conflict(_("Somebody else changed the holdout in the meantime. Look at it again."))
        if before == wanted:
            return
        holdout.share = wanted
        holdout.save(update_fields=["share", "updated_at"])
        audit.record(
            actor=actor,
            action="holdout.share",
            object_type="holdout",
            object_key="global",
            before={"share": before},
            after={"share": wanted},
            note=note,
        )
        definitions.changed()
