"""The running and paused runs, as the reader follows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings

from analytics.models import LiveArm, LiveRun, LiveSum, LiveTotal, LiveUnit, LiveWindow
from analytics.results import sides
from analytics.results.phases import Regions, pauses_of, phases_or_one, regions_of
from experiments.public import LiveRunState, RunDesign, get_run_design, live_runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """One run and where its numbers stand; ``row`` is changed by the step and saved at its end."""

    run: RunDesign
    regions: Regions
    row: LiveRun

    @property
    def run_id(self) -> int:
        """The run's id."""
        return self.run.run_id

    @property
    def phase_starts(self) -> str:
        """When phases after the first one began, as Postgres writes an array: a bucket lies within one phase."""
        return "{" + ",".join(phase.started_at.isoformat() for phase in self.run.phases[1:]) + "}"

    def place(self) -> dict[str, Any]:
        """Return what statements bind to say where a unit of the run belongs."""
        return {
            "run_id": self.run_id,
            "strata": len(self.regions.weights),
            "grain": self.row.grain,
            "zone": settings.TIME_ZONE,
            "phase_starts": self.phase_starts,
        }

    @property
    def pauses(self) -> str:
        """When nobody was shown a variant, as Postgres writes a multirange."""
        return sides.multirange(pauses_of(self.run))


@dataclass(slots=True)
class Designs:
    """Keeps the designs of live runs, which change with their phases only."""

    _kept: dict[LiveRunState, tuple[RunDesign, Regions]] = field(default_factory=dict)

    def current(self) -> dict[int, tuple[RunDesign, Regions]]:
        """Return design and regions of each live run by its id."""
        states = live_runs()
        self._kept = {state: self._kept.get(state) or _read(state) for state in states}
        return {state.run_id: kept for state, kept in self._kept.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """The followed runs of a step; those ``afresh`` are computed from their first exposure on."""

    runs: dict[int, Followed]
    afresh: tuple[int, ...]

    def columns(self) -> dict[str, Any]:
        """Return what statements about all runs bind."""
        followed = list(self.runs.values())
        return {
            "run_ids": [one.run_id for one in followed],
            "grains": [one.row.grain for one in followed],
            "phase_starts": [one.phase_starts for one in followed],
            "pauses": [one.pauses for one in followed],
            "features": [one.run.design.feature for one in followed],
            "afresh": list(self.afresh),
        }


def follow(designs: Designs, *, is_new: bool) -> Following:
    """Return the runs to follow; forget those that ended, and begin afresh where a run or a phase of it is new.

    Args:
        designs: Of live runs.
        is_new: Whether the checkpoint is, so that nothing that is kept fits to it.
    """
    current = designs.current()
    rows = {row.run_id: row for row in LiveRun.objects.all()}
    ended = [run_id for run_id in rows if run_id not in current]
    afresh = tuple(
        run_id
        for run_id, (run, _) in current.items()
        if is_new or run_id not in rows or rows[run_id].phases != len(run.phases)
    )
    forget([*ended, *(run_id for run_id in afresh if run_id in rows)])
    LiveWindow.objects.filter(run_id__in=afresh).delete()
    runs = {}
    for run_id, (run, regions) in current.items():
        row = LiveRun(run_id=run_id, phases=len(run.phases)) if run_id in afresh else rows[run_id]
        runs[run_id] = Followed(run=run, regions=regions, row=row)
    return Following(runs=runs, afresh=afresh)


def forget(run_ids: Sequence[int]) -> None:
    """Drop the numbers of runs; the windows stay."""
    if run_ids:
        for model in (LiveRun, LiveUnit, LiveArm, LiveTotal, LiveSum):
            model._default_manager.filter(run_id__in=run_ids).delete()


def span_of(row: LiveRun, first_at: datetime, last_at: datetime) -> None:
    """Widen the stretch of first exposures."""
    row.first_at = min(row.first_at, first_at) if row.first_at else first_at
    row.last_at = max(row.last_at, last_at) if row.last_at else last_at


def _read(state: LiveRunState) -> tuple[RunDesign, Regions]:
    run = get_run_design(state.experiment, state.number)
    return run, regions_of(phases_or_one(run))
