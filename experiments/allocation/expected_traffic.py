"""Which share of a feature's visitors a draft can count on: its slot of a layer, the global holdout, and the ramp."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiments.allocation import holdout
from experiments.assignment.bucketing import BUCKETS
from experiments.models import Experiment

HOURS_A_DAY = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What is open to a draft before its own coverage.

    Attributes:
        of_layer: Share of the layer that its slot has, 0..1; 1 without a layer.
        held_out: Share of all units that the global holdout keeps from it, 0..0.5.
    """

    of_layer: float
    held_out: float

    @property
    def share(self) -> float:
        """Share of all units that both leave; slot and holdout are drawn by seeds of their own."""
        return self.of_layer * (1 - self.held_out)


def reach_of(experiment: Experiment) -> Reach:
    """Return what is open to a draft as its traffic stands."""
    start, end = experiment.layer_start, experiment.layer_end
    return Reach(
        of_layer=1.0 if start is None or end is None else (end - start) / BUCKETS,
        held_out=holdout.share() if experiment.keeps_holdout else 0.0,
    )


def ramp_by_day(steps: Sequence[Mapping[str, float]], *, coverage: float) -> tuple[float, ...]:
    """Return the share of the coverage that a ramp lets in on each of its days.

    Args:
        steps: The stages before the full coverage: ``coverage`` (0..1) and the ``hours`` it is held at least.
        coverage: The full one; a stage above it lets all of it in.

    Returns:
        One share a day, the last day in part at full coverage; empty without a ramp.

    >>> ramp_by_day([{"coverage": 0.1, "hours": 24}, {"coverage": 0.5, "hours": 12}], coverage=1.0)
    (0.1, 0.75)
    """
    ends, held = [], 0.0
    for step in steps:
        held += step["hours"]
        ends.append((held, min(step["coverage"] / coverage, 1.0)))
    days = math.ceil(held / HOURS_A_DAY)
    return tuple(_mean_share(ends, start=day * HOURS_A_DAY, end=(day + 1) * HOURS_A_DAY) for day in range(days))


def _mean_share(ends: Sequence[tuple[float, float]], *, start: float, end: float) -> float:
    """Return the mean share between two hours, of stages that each last until their end; 1 after the last."""
    total, at = 0.0, start
    for until, share in [*ends, (math.inf, 1.0)]:
        hours = max(min(until, end) - at, 0.0)
        total += hours * share
        at += hours
    return min(total / (end - start), 1.0)
