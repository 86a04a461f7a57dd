"""The staged ramp: on which step a run is, when the next is due, and what must hold before it is taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments import announcements, rollout, safety_hooks
from experiments.design import PhaseDesign, RampStep, RunDesign
from experiments.models import Experiment, Phase
from experiments.runs import get_run_design
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal import numbers
from novarium.portal.models import User

_EXACT = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of the ramp; the last is the full coverage, which has no hours."""

    coverage: float
    hours: float | None
    state: str

    @property
    def label(self) -> str:
        """The share of units in words."""
        return numbers.percent(self.coverage, digits=2 if self.coverage < 0.01 else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RampState:
    """Where a run stands on its ramp.

    Attributes:
        phase: Number of the present phase.
        next_coverage: Share of the next stage; None on the last one.
        due_at: When the present stage's hours are over; None on the last one, and while paused.
    """

    stages: tuple[Stage, ...]
    phase: int
    coverage: float
    next_coverage: float | None
    due_at: datetime | None
    is_automatic: bool

    def is_due(self, now: datetime) -> bool:
        """Whether the hours of the present stage are over."""
        return self.due_at is not None and self.due_at <= now


def state_of(run: RunDesign, *, now: datetime) -> RampState | None:
    """Return where the run stands, or None where its design has no ramp."""
    design = run.design
    if not design.ramp or not run.phases:
        return None
    steps = (*design.ramp, RampStep(coverage=design.coverage, hours=0))
    present = run.phases[-1]
    reached = max((n for n, step in enumerate(steps) if step.coverage <= present.coverage + _EXACT), default=0)
    is_last = reached == len(steps) - 1
    left = timedelta(hours=steps[reached].hours) - _held(run.phases, steps[reached].coverage, now=now)
    return RampState(
        stages=tuple(
            Stage(
                coverage=step.coverage,
                hours=step.hours or None,
                state="done" if number < reached else "current" if number == reached else "ahead",
            )
            for number, step in enumerate(steps)
        ),
        phase=present.number,
        coverage=present.coverage,
        next_coverage=None if is_last else steps[reached + 1].coverage,
        due_at=None if is_last or present.paused else now + left,
        is_automatic=design.ramp_automatic,
    )


def _held(phases: Sequence[PhaseDesign], coverage: float, *, now: datetime) -> timedelta:
    """Return for how long variants have been shown to at least this share; a pause does not count."""
    ends = [phase.started_at for phase in phases[1:]] + [now]
    return sum(
        (
            max(end - phase.started_at, timedelta())
            for phase, end in zip(phases, ends, strict=True)
            if not phase.paused and phase.coverage >= coverage - _EXACT
        ),
        timedelta(),
    )


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
        Conflict: there is no next step, it is not running, or somebody was faster.
    """
    at = now or timezone.now()
    run = get_run_design(experiment.key)
    state = state_of(run, now=at)
    if state is None or state.next_coverage is None:
        raise Conflict(_("There is no further step of the ramp."))
    if expected is not None and expected != state.phase:
        raise Conflict(_("Somebody else changed this run in the meantime. Look at it again."))
    objections = safety_hooks.check(run).objections()
    if objections and not reason.strip():
        raise Invalid(_("Not all checks pass. To go on all the same, write down why."), fields={"reason": objections})
    note = " ".join([reason.strip(), *(f"({sentence})" for sentence in objections)]).strip()
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
