"""Where quality gates stand in a build: whoever has checks registers them for a place of the graph."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from analytics.marts.scope import Scope

# raw: before anything is built. marts: after facts and dimensions, before KPIs. kpis: at the end, before exports.
Place = Literal["raw", "marts", "kpis"]


@dataclass(frozen=True, slots=True)
class Hold:
    """What a gate found blocking; ``day`` is None where it is no matter of one day."""

    sentence: str
    day: int | None = None


Gate = Callable[[Scope], Sequence[Hold]]

_gates: dict[Place, list[Gate]] = {"raw": [], "marts": [], "kpis": []}


def register(place: Place, gate: Gate) -> None:
    """Ask this gate, too: it returns why the build must stop there, on all days or on some."""
    _gates[place].append(gate)


def check(place: Place, scope: Scope) -> list[Hold]:
    """Return what the place's gates found blocking; empty where the build may go on."""
    return [hold for gate in _gates[place] for hold in gate(scope)]
