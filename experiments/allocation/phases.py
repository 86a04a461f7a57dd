"""The phases of a run: which units took part when, and which variant owned which buckets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from experiments.assignment.bucketing import Allotment, grow, ranges
from experiments.designs.design import Design, PhaseDesign
from experiments.models import Experiment, Phase, Run
from novarium.kernel.errors import Conflict
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


def open_next(
    last: Phase,
    *,
    kind: str,
    at: datetime,
    actor: User | None,
    coverage: float | None = None,
    weights: Sequence[float] | None = None,
    note: str = "",
) -> Phase:
    """Open the phase after ``last``; what is not given stays. Units move only where shares grow.

    Raises:
        Conflict: somebody else opened the next phase first.
    """
    share, weighed = coverage or last.coverage, list(weights or last.weights)
    is_same = share == last.coverage and weighed == last.weights
    allotment = last.allotment if is_same else _plain(grow(allotment_of(last), weights=weighed, coverage=share))
    try:
        with transaction.atomic():
            return Phase.objects.create(
                run_id=last.run_id,
                number=last.number + 1,
                kind=kind,
                paused=kind == Phase.Kind.PAUSE,
                coverage=share,
                weights=weighed,
                allotment=allotment,
                started_at=max(at, last.started_at),
                actor=actor,
                note=note,
            )
    except IntegrityError as error:
        if "phase_number_once" not in str(error):
            raise
        raise Conflict(_("Somebody else changed this run in the meantime. Look at it again.")) from error


def last_of(experiment: Experiment) -> Phase:
    """Return the present phase of the experiment's present run.

    Raises:
        Conflict: it was not launched.
    """
    found = (
        Phase.objects.filter(run__experiment=experiment, run__number=experiment.run_number)
        .select_related("run")
        .order_by("-number")
        .first()
    )
    if found is None:
        raise Conflict(_("This run was not launched."))
    return found


def phases_of(run: Run) -> tuple[PhaseDesign, ...]:
    """Return the run's phases, oldest first."""
    return tuple(
        PhaseDesign(
            number=phase.number,
            kind=phase.kind,
            paused=phase.paused,
            coverage=phase.coverage,
            weights=tuple(phase.weights),
            allotment=allotment_of(phase),
            started_at=phase.started_at,
        )
        for phase in run.phases.order_by("number")
    )


def allotment_of(phase: Phase) -> Allotment:
    """Return each variant's ranges of buckets."""
    return tuple(tuple((start, end) for start, end in owned) for owned in phase.allotment)


def _plain(allotment: Allotment) -> list[list[list[float]]]:
    return [[list(bounds) for bounds in owned] for owned in allotment]
