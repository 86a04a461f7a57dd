"""The staged ramp: its next step, taken by a person or when it is due, if the checks pass."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.allocation import rollout
from experiments.collaboration import announcements
from experiments.designs.design import RunDesign
from experiments.models import Experiment, Phase
from experiments.running import safety_hooks
from experiments.running.ramp_state import RampState, state_of
from experiments.running.runs import get_run_design
from experiments.running.safety_override import agreed_note
from novarium.kernel.errors import Conflict
from novarium.portal import numbers
from novarium.portal.models import User


def advance(
    experiment: Experiment,
    *,
    actor: User | None,
    reason: str = "",
    expected: int | None = None,
    now: datetime | None = None,
) -> Phase:
    """Take the next step of the ramp now, whether it is due or not.

    Args:
        reason: Why it is taken although a check fails; needed then, and kept with the objections.
        expected: Number of the phase that the person saw.

    Raises:
        Invalid: a check fails and no reason is given; ``fields`` has the objections.
        Forbidden: a check fails, and the person is no lead of the team.
        Conflict: there is no next step, it is not running, or somebody was faster.
    """
    at = now or timezone.now()
    run = get_run_design(experiment.key)
    state = state_of(run, now=at)
    if state is None or state.next_coverage is None:
        raise Conflict(_("There is no further step of the ramp."))
    if expected is not None and expected != state.phase:
        raise Conflict(_("Somebody else changed this run in the meantime. Look at it again."))
    note = agreed_note(run, team_id=experiment.team_id, actor=actor, reason=reason, field="reason")
    return rollout.ramp_up(
        experiment, coverage=state.next_coverage, actor=actor, note=note, expected=state.phase, now=at
    )


def carry_on(experiment: Experiment, *, now: datetime) -> str:
    """Take a due step if the checks pass, else hold the ramp and say so once.

    Returns:
        ``waiting`` where nothing is due, ``advanced``, ``held``, or ``outrun`` where somebody else was faster.
    """
    run = get_run_design(experiment.key)
    state = state_of(run, now=now)
    if state is None or run.status != Experiment.Status.RUNNING or not state.is_due(now):
        return "waiting"
    objections = safety_hooks.check(run).objections()
    if objections or not state.is_automatic:
        _hold(experiment, run, state, objections, now=now)
        return "held"
    try:
        rollout.ramp_up(experiment, coverage=state.next_coverage or 1.0, actor=None, expected=state.phase, now=now)
    except Conflict:
        return "outrun"
    return "advanced"


def held_because(experiment: Experiment, run: RunDesign) -> str:
    """Return why the ramp is held in the present phase, or an empty text."""
    said = announcements.said(experiment, kind=announcements.Kind.RAMP_HELD, occasion=_occasion(run))
    return said.text if said else ""


def due_experiments() -> list[Experiment]:
    """Return the running experiments that have a ramp."""
    return list(Experiment.objects.filter(status=Experiment.Status.RUNNING).exclude(ramp=[]).order_by("pk"))


def _hold(experiment: Experiment, run: RunDesign, state: RampState, objections: list[str], *, now: datetime) -> None:
    if objections:
        said = gettext_lazy("The ramp of “{name}” is held at {share}. {reasons}")
    else:
        said = gettext_lazy("“{name}” has been at {share} for as long as planned. Take the next step of its ramp.")
    share = numbers.percent(state.coverage)
    text = format_lazy(said, name=experiment.name, share=share, reasons=" ".join(objections))
    announcements.say_once(experiment, text, kind=announcements.Kind.RAMP_HELD, occasion=_occasion(run), now=now)


def _occasion(run: RunDesign) -> str:
    return f"{run.run_id}:{run.phases[-1].number if run.phases else 0}"
