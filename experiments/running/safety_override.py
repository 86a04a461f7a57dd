"""Taking more units in although a check fails: a lead may, and writes down why."""

from __future__ import annotations

from django.utils.translation import gettext as _

from experiments.designs.design import RunDesign
from experiments.running import safety_hooks
from novarium.kernel.errors import Forbidden, Invalid
from novarium.portal.access import can
from novarium.portal.models import User
from novarium.portal.roles import Action


def agreed_note(run: RunDesign, *, team_id: int, actor: User | None, reason: str, field: str) -> str:
    """Return what to keep with the step: the reason, and the objections that it overrules.

    Args:
        run: The run that is to go on.
        team_id: Whose leads may overrule a check.
        actor: Who goes on; None is the system, which only goes on where every check passes.
        reason: What was written down.
        field: The form's name for the reason, under which it is asked for.

    Raises:
        Forbidden: a check fails, and the person is no lead of the team.
        Invalid: a check fails and no reason is given; ``fields`` has the objections.
    """
    given, objections = reason.strip(), safety_hooks.check(run).objections()
    if not objections:
        return given
    if actor is None or not can(actor, Action.APPROVE, team_id):
        sentence = _("Not all checks pass: only a lead of the team may go on all the same.")
        raise Forbidden(" ".join([sentence, *objections]))
    if not given:
        raise Invalid(_("Not all checks pass. To go on all the same, write down why."), fields={field: objections})
    return " ".join([given, *(f"({objection})" for objection in objections)])
