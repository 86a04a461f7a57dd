"""Where quality gates stand in a build: whoever has checks registers them for a place of the graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from analytics.marts.scope import Scope

# raw: before anything is built. marts: after facts and dimensions, before KPIs. kpis: at the end, before exports.
Place = Literal["raw", "marts", "kpis"]
Gate = Callable[[Scope], str]

_gates: dict[Place, list[Gate]] = {"raw": [], "marts": [], "kpis": []}


def register(place: Place, gate: Gate) -> None:
    """Ask this gate, too: it returns why the build must stop there, or an empty text."""
    _gates[place].append(gate)


def check(place: Place, scope: Scope) -> str:
    """Return what the place's gates found blocking; empty where the build may go on."""
    return "\n".join(found for gate in _gates[place] if (found := gate(scope)))
