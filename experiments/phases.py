"""The phases of a run: which units took part when, and which variant owned which buckets."""

from __future__ import annotations

from experiments.bucketing import ranges
from experiments.design import Design, PhaseDesign
from experiments.models import Phase, Run
from novarium.portal.models import User


def open_first(run: Run, design: Design, *, actor: User | None) -> Phase:
    """Open the run's first phase, with the coverage of the ramp's first step, or the full one without a ramp."""
    weights = [variant.weight for variant in design.variants]
    coverage = design.ramp[0].coverage if design.ramp else design.coverage
    return Phase.objects.create(
        run=run,
        number=1,
        kind=Phase.Kind.LAUNCH,
        coverage=coverage,
        weights=weights,
        allotment=[[list(owned)] for owned in ranges(weights=weights, coverage=coverage)],
        started_at=run.started_at,
        actor=actor,
    )


def phases_of(run: Run) -> tuple[PhaseDesign, ...]:
    """Return the run's phases, oldest first."""
    return tuple(
        PhaseDesign(
            number=phase.number,
            kind=phase.kind,
            paused=phase.paused,
            coverage=phase.coverage,
            weights=tuple(phase.weights),
            allotment=tuple(tuple((start, end) for start, end in owned) for owned in phase.allotment),
            started_at=phase.started_at,
        )
        for phase in run.phases.order_by("number")
    )
