"""A whole experiment at once: the swarm's behaviour in arrays, stored by COPY, for runs of the past.

The visitors are the ones that the swarm would send for the same seed, and see what the shop would show them; they
only take milliseconds instead of minutes, and their visits lie in the past.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connections, transaction
from django.utils import timezone
from numpy.typing import NDArray

from experiments.public import Design, Gate, PhaseDesign, RunDesign, allot_many, present_gates
from simulation import behaviour, known_units, traits
from simulation.arrivals import Rhythm
from simulation.catalogue import Catalogue
from simulation.copying import EVENT_COLUMNS, copy_rows, event_ids, event_lines, timestamps
from simulation.draws import Step, draws, unit_ids
from simulation.emission import Events, Timeline, events, exposed, timeline
from simulation.personas import PERSONAS, shares
from simulation.truth import SURFACES
from simulation.visits import Visits, visits

CHUNK = 25_000


@dataclass(frozen=True, slots=True)
class Crowd:
    """Visitors ``first`` to ``first + count - 1`` of a seed, in a shop that shows ``live`` and an experiment.

    Attributes:
        mix: The personas' shares in per cent.
        start: The first moment of an arrival.
        end: The moment after the last arrival.
        live: The values of features that differ from their defaults, the experiment's aside.
    """

    seed: int
    first: int
    count: int
    mix: Mapping[str, float]
    start: datetime
    end: datetime
    catalogue: Catalogue
    live: behaviour.Shown


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a crowd did.

    Attributes:
        units: Unit ids.
        combination: What the shop can tell of each, an index into ``traits.COMBINATIONS``.
        variant: Index of each unit's variant, -1 outside the experiment.
        exposed: Who came to the experiment's page and is in a variant.
        exposed_at: When, in microseconds since 1970.
    """

    units: list[str]
    combination: NDArray[np.int64]
    variant: NDArray[np.int64]
    seen: Visits
    times: Timeline
    exposed: NDArray[np.bool_]
    exposed_at: NDArray[np.int64]
    events: Events


@dataclass(frozen=True, slots=True)
class Stored:
    """How many rows were written."""

    visitors: int
    exposures: int
    events: int


def outcome(crowd: Crowd, run: RunDesign, *, gates: Sequence[Gate]) -> Outcome:
    """Return what the crowd does in a run; no database is touched.

    Args:
        crowd: Who comes, and when.
        run: The design and its phases; who comes before the first one counts to it.
        gates: What a unit must pass before it is split (``experiments.public.present_gates``).
    """
    design = run.design
    numbers = draws(seed=crowd.seed, first=crowd.first, count=crowd.count)
    units = unit_ids(seed=crowd.seed, first=crowd.first, count=crowd.count)
    surface = SURFACES[design.feature]
    rhythm = Rhythm(start=crowd.start, end=crowd.end, zone=timezone.get_default_timezone())
    times = timeline(numbers, rhythm.moments(numbers[:, Step.ARRIVAL]))
    variant = _assigned(run, units, times.of(surface), gates)
    persona = _personas(crowd, numbers)
    combination = traits.combinations(numbers, persona)
    if design.condition:
        # A tracking page is seen after the order, which already counts in what the shop tells of the visitor.
        variant[~traits.matching(design.condition, ordered=surface == "tracking")[combination]] = -1
    seen = visits(numbers=numbers, odds=_odds(crowd, design, persona, variant), catalogue=crowd.catalogue)
    return Outcome(
        units=units,
        combination=combination,
        variant=variant,
        seen=seen,
        times=times,
        exposed=exposed(seen, surface) & (variant >= 0),
        exposed_at=times.of(surface),
        events=events(
            seen=seen, times=times, orders=[f"SIM-{unit[:12].upper()}" for unit in units], catalogue=crowd.catalogue
        ),
    )


def _assigned(run: RunDesign, units: Sequence[str], at: NDArray[np.int64], gates: Sequence[Gate]) -> NDArray[np.int64]:
    """Return each unit's variant by the phase in which it comes to the page; -1 outside, and in a pause."""
    begins = np.array([int(phase.started_at.timestamp() * 1_000_000) for phase in run.phases], dtype=np.int64)
    present = np.maximum(np.searchsorted(begins, at, side="right") - 1, 0)
    by_phase = np.stack([_split(phase, run.design.seed, units, gates) for phase in run.phases])
    variant: NDArray[np.int64] = by_phase[present, np.arange(len(units))]
    return variant


def _split(phase: PhaseDesign, seed: str, units: Sequence[str], gates: Sequence[Gate]) -> NDArray[np.int64]:
    if phase.paused:
        return np.full(len(units), -1, dtype=np.int64)
    return allot_many(seed=seed, units=units, allotment=phase.allotment, gates=gates)


def _personas(crowd: Crowd, numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    edges = behaviour.cumulated(shares(crowd.mix))
    found = np.searchsorted(edges, numbers[:, Step.PERSONA], side="right")
    personas: NDArray[np.int64] = np.minimum(found, len(PERSONAS) - 1)
    return personas


def _odds(crowd: Crowd, design: Design, persona: NDArray[np.int64], variant: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return each visitor's probabilities: by persona, and by what the visitor is shown."""
    values: list[Mapping[str, Any]] = [{}] + [{design.feature: item.value} for item in design.variants]
    rows = [behaviour.chances(who, {**crowd.live, **value}) for value in values for who in PERSONAS]
    odds: NDArray[np.float64] = behaviour.table(rows)[(variant + 1) * len(PERSONAS) + persona]
    return odds


def run(
    *,
    run: RunDesign,
    visitors: int,
    seed: int,
    mix: Mapping[str, float],
    start: datetime,
    end: datetime,
    catalogue: Catalogue,
    live: behaviour.Shown | None = None,
) -> Stored:
    """Simulate an experiment's run and store its exposures and events, in one transaction.

    Args:
        run: The launched run, to which the exposures belong.
        visitors: How many people come; each is simulated, none is weighted.
        seed: Which people.
        mix: The personas' shares in per cent.
        start: When the first may come.
        end: By when the last has come.
        catalogue: What the shop offers.
        live: The values of features that differ from their defaults, the experiment's aside.

    Raises:
        BadMixError: The mix does not sum to 100.
        ValueError: The end is not after the start.
    """
    stored, gates = Stored(0, 0, 0), present_gates(run.design)
    with transaction.atomic():
        for first in range(0, visitors, CHUNK):
            crowd = Crowd(seed, first, min(CHUNK, visitors - first), mix, start, end, catalogue, live or {})
            stored = _store(outcome(crowd, run, gates=gates), run, crowd, stored)
    return stored


def _store(result: Outcome, run: RunDesign, crowd: Crowd, before: Stored) -> Stored:
    ensure_partitions(result.events.at)
    ids = event_ids(result.events.at, seed=crowd.seed, first=before.events)
    lines = event_lines(result.events, units=result.units, ids=ids)
    copy_rows(table="experiment.experiments_event", columns=EVENT_COLUMNS, lines=lines)
    known_units.keep(
        units=result.units,
        combination=result.combination,
        ordered=result.seen.ordered,
        seen_at=result.times.home,
    )
    who = np.flatnonzero(result.exposed)
    now = timezone.now().isoformat()
    variants = [item.id for item in run.design.variants]
    exposures = [
        f"{run.run_id}\t{result.units[n]}\t{variants[result.variant[n]]}\t{at}\t{now}"
        for n, at in zip(who.tolist(), timestamps(result.exposed_at[who]), strict=True)
    ]
    if exposures:
        copy_rows(
            table="experiment.experiments_exposure",
            columns=("run_id", "unit_id", "variant_id", "exposed_at", "received_at"),
            lines=exposures,
        )
    return Stored(before.visitors + crowd.count, before.exposures + len(exposures), before.events + len(lines))


def ensure_partitions(at: NDArray[np.int64]) -> None:
    """Make the event table's partitions for the days (UTC) of these moments, in microseconds since 1970."""
    days: list[int] = np.unique(at // 86_400_000_000).tolist()
    with connections["default"].cursor() as cursor:
        for day in days:
            cursor.execute("select experiment.ensure_event_partition(%s)", [date(1970, 1, 1) + timedelta(days=day)])
