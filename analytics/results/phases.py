"""What the phases of a run mean for its analysis: pauses, the allocation to expect, and strata. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from experiments.public import Design, PhaseDesign, RunDesign

FEWEST_UNITS = 2  # of an arm in a stratum: with fewer its variance is unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Strata:
    """How units are grouped by the phase of their first exposure, so that a change of weights does no harm.

    Phases with equal weights form one stratum: within it every unit had the same chance of each variant, whenever it
    came. Between strata the chances differ, and with them the share of early and late units in each variant.

    Attributes:
        names: Of the strata that are used; empty where all units are pooled.
        left_out: Units of strata in which a variant has too few of them to be compared.
    """

    starts: tuple[datetime, ...]
    of_phase: tuple[int, ...]
    used: tuple[int, ...]
    left_out: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the strata, none where there is nothing to combine."""
        return tuple(f"weights {number + 1}" for number in self.used) if len(self.used) > 1 else ()

    def place(self, at: datetime) -> int | None:
        """Return the position among the used strata of units first exposed then; None where they are left out."""
        stratum = self.of_phase[index_at(self.starts, at)]
        return self.used.index(stratum) if stratum in self.used else None


def index_at(starts: Sequence[datetime], at: datetime) -> int:
    """Return the position of the phase that a moment lies in; what comes before the first counts as the first."""
    return max(bisect_right(starts, at) - 1, 0)


def pauses_of(run: RunDesign) -> list[tuple[datetime, datetime | None]]:
    """Return when nobody was shown a variant; an open end is the run's own."""
    ends = [phase.started_at for phase in run.phases[1:]]
    return (
        [
            (phase.started_at, end)
            for phase, end in zip(run.phases, [*ends, run.stopped_at], strict=True)
            if phase.paused and phase.started_at != end
        ]
        if run.phases
        else []
    )


def phases_or_one(run: RunDesign) -> tuple[PhaseDesign, ...]:
    """Return the phases; a run from before there were any has had one."""
    if run.phases:
        return run.phases
    return (
        PhaseDesign(
            number=1,
            kind="launch",
            paused=False,
            coverage=run.design.coverage,
            weights=tuple(variant.weight for variant in run.design.variants),
            allotment=(),
            started_at=run.started_at,
        ),
    )


def units_by_phase(
    phases: Sequence[PhaseDesign], exposed: Mapping[tuple[datetime, str], int], arms: Sequence[str]
) -> list[list[int]]:
    """Return the units of each arm first exposed in each phase.

    Args:
        phases: Oldest first.
        exposed: Units by bucket of first exposure and arm; a bucket lies within one phase.
        arms: In the order of the result.
    """
    starts = [phase.started_at for phase in phases]
    found = [[0] * len(arms) for _ in phases]
    for (at, arm), units in exposed.items():
        found[index_at(starts, at)][arms.index(arm)] += units
    return found


def expected_units(phases: Sequence[PhaseDesign], units: Sequence[Sequence[int]], design: Design) -> dict[str, float]:
    """Return how many units each arm should have: of each phase's units its share by the phase's weights.

    Without any unit the weights of the last phase stand for it.
    """
    expected = [
        sum(sum(row) * phase.weights[arm] for phase, row in zip(phases, units, strict=True))
        for arm in range(len(design.variants))
    ]
    if not any(expected):
        expected = list(phases[-1].weights)
    return {variant.key: value for variant, value in zip(design.variants, expected, strict=True)}


def strata_of(phases: Sequence[PhaseDesign], units: Sequence[Sequence[int]]) -> Strata:
    """Return the strata of a run: one for each set of weights, of those in which every arm can be compared."""
    kinds = list(dict.fromkeys(_rounded(phase.weights) for phase in phases))
    of_phase = tuple(kinds.index(_rounded(phase.weights)) for phase in phases)
    starts = tuple(phase.started_at for phase in phases)
    sizes = [
        _summed(row for row, kind in zip(units, of_phase, strict=True) if kind == number)
        for number in range(len(kinds))
    ]
    seen = [any(size[arm] for size in sizes) for arm in range(len(units[0]))]
    usable = [
        number
        for number, size in enumerate(sizes)
        if all(count >= FEWEST_UNITS for count, is_seen in zip(size, seen, strict=True) if is_seen)
    ]
    if len(kinds) == 1 or not usable:
        return Strata(starts=starts, of_phase=(0,) * len(phases), used=(0,))
    left_out = sum(sum(size) for number, size in enumerate(sizes) if number not in usable)
    return Strata(starts=starts, of_phase=of_phase, used=tuple(usable), left_out=left_out)


def _rounded(weights: Iterable[float]) -> tuple[float, ...]:
    return tuple(round(weight, 9) for weight in weights)


def _summed(rows: Iterable[Sequence[int]]) -> list[int]:
    return [sum(column) for column in zip(*rows, strict=True)]
