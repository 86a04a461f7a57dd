"""What the phases of a run mean for its analysis: pauses, the allocation to expect, and strata. Pure.

Where weights change, a phase gives free buckets to the variants, and nobody changes sides. So the chance of a variant
depends on when a unit's bucket was given away, not on when the unit came: a unit that first comes late may well lie in
an early bucket, and one that returns may lie in a late one. Buckets that were given away with equal weights therefore
form a stratum. Within it every unit has the same chance of each variant, at all times and whatever it did before; so
neither a trend over time nor returning units can bias a comparison there, and the shares to expect follow from it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from experiments.public import BUCKETS, PhaseDesign, RunDesign, bucket_owners, unit_buckets

FEWEST_UNITS = 2  # of an arm in a stratum: with fewer its variance is unknown
ROUNDING = 2  # buckets by which equal weights may differ


@dataclass(frozen=True)
class Regions:
    """The buckets of a run by the weights with which they were given to the variants.

    Attributes:
        of_bucket: Number of the region of each bucket; the first for one that was never given away.
        weights: Of each region: share of each variant by position.
    """

    of_bucket: NDArray[np.int64]
    weights: tuple[tuple[float, ...], ...]

    @cached_property
    def differ(self) -> bool:
        """Whether weights changed at all."""
        return len(self.weights) > 1

    def of_units(self, units: Sequence[str], *, seed: str) -> NDArray[np.int64]:
        """Return the region of each unit."""
        return self.of_bucket[np.rint(unit_buckets(seed=seed, units=units) * BUCKETS).astype(np.int64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Strata:
    """The regions that are compared within and then combined.

    Attributes:
        used: Their numbers; one where all units are pooled.
        left_out: Units of regions in which a variant has too few of them to be compared.
    """

    used: tuple[int, ...] = (0,)
    left_out: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the strata, none where there is nothing to combine."""
        return tuple(f"weights {number + 1}" for number in self.used) if len(self.used) > 1 else ()

    def place(self, region: int) -> int | None:
        """Return the position of a region among the used ones; None where its units are left out."""
        return self.used.index(region) if region in self.used else None


def pauses_of(run: RunDesign) -> list[tuple[datetime, datetime | None]]:
    """Return when nobody was shown a variant; an open end is the run's own."""
    ends = [*(phase.started_at for phase in run.phases[1:]), run.stopped_at]
    return [(phase.started_at, end) for phase, end in zip(run.phases, ends, strict=False) if phase.paused]


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


def regions_of(phases: Sequence[PhaseDesign]) -> Regions:
    """Return the regions of a run's buckets, those of phases with equal weights as one."""
    weights = [phase.weights for phase in phases]
    if all(row == weights[0] for row in weights):
        return Regions(np.zeros(BUCKETS, dtype=np.int64), (weights[-1],))
    owner = np.full(BUCKETS, -1, dtype=np.int64)
    region = np.zeros(BUCKETS, dtype=np.int64)
    counts: list[NDArray[np.float64]] = []
    for phase in phases:
        owners = np.array(bucket_owners(phase.allotment), dtype=np.int64)
        fresh = (owner < 0) & (owners >= 0)
        if not fresh.any():
            continue
        owner[fresh] = owners[fresh]
        count = np.bincount(owners[fresh], minlength=len(phase.weights)).astype(np.float64)
        number = next((number for number, known in enumerate(counts) if _alike(known, count)), len(counts))
        if number == len(counts):
            counts.append(np.zeros(len(count)))
        counts[number] += count
        region[fresh] = number
    return Regions(region, tuple(tuple((count / count.sum()).tolist()) for count in counts) or (weights[-1],))


def units_by_phase(
    phases: Sequence[PhaseDesign], exposed: Mapping[tuple[datetime, str, int], int], arms: Sequence[str]
) -> list[list[int]]:
    """Return the units of each arm first exposed in each phase.

    Args:
        phases: Oldest first.
        exposed: Units by bucket of time, arm and region; a bucket of time lies within one phase.
        arms: In the order of the result.
    """
    starts = [phase.started_at for phase in phases]
    found = [[0] * len(arms) for _ in phases]
    for (at, arm, _), units in exposed.items():
        found[max(bisect_right(starts, at) - 1, 0)][arms.index(arm)] += units
    return found


def units_by_region(
    regions: Regions, exposed: Mapping[tuple[datetime, str, int], int], arms: Sequence[str]
) -> list[list[int]]:
    """Return the units of each arm in each region."""
    found = [[0] * len(arms) for _ in regions.weights]
    for (_, arm, region), units in exposed.items():
        found[region][arms.index(arm)] += units
    return found


def expected_units(regions: Regions, units: Sequence[Sequence[int]]) -> list[float]:
    """Return how many units each arm should have: of each region's units its share by the region's weights.

    Without any unit the weights of the last region stand for it.
    """
    shares = [[sum(row) * weight for weight in weights] for row, weights in zip(units, regions.weights, strict=True)]
    expected = [sum(column) for column in zip(*shares, strict=True)]
    return expected if any(expected) else list(regions.weights[-1])


def strata_of(units: Sequence[Sequence[int]]) -> Strata:
    """Return the strata of a run: the regions in which every arm that has units at all can be compared."""
    if len(units) == 1:
        return Strata()
    seen = [any(column) for column in zip(*units, strict=True)]
    usable = tuple(number for number, row in enumerate(units) if _comparable(row, seen))
    if not usable:
        return Strata(used=tuple(range(len(units))))
    return Strata(used=usable, left_out=sum(sum(row) for number, row in enumerate(units) if number not in usable))


def _comparable(row: Iterable[int], seen: Iterable[bool]) -> bool:
    return all(count >= FEWEST_UNITS for count, is_seen in zip(row, seen, strict=True) if is_seen)


def _alike(first: NDArray[np.float64], second: NDArray[np.float64]) -> bool:
    """Whether two regions' weights are equal but for the rounding to whole buckets."""
    slack = ROUNDING / first.sum() + ROUNDING / second.sum()
    return bool((np.abs(first / first.sum() - second / second.sum()) <= slack).all())
