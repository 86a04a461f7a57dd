"""Where a run stands on its staged ramp, and when the next step is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from experiments.designs.design import PhaseDesign, RampStep, RunDesign
from novarium.portal import numbers

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
