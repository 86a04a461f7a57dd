"""The door through which other apps use the simulation: people, their truth, and whole runs at once."""

from __future__ import annotations

from simulation.bulk import Stored, run
from simulation.catalogue import Catalogue
from simulation.overview import catalogue
from simulation.past_menus import whole_catalogue
from simulation.personas import DEFAULT_MIX, BadMixError
from simulation.swarm.traffic import change as change_traffic
from simulation.truth import METRICS, SURFACES, UnknownMetricError, expected, lift

__all__ = [
    "DEFAULT_MIX",
    "METRICS",
    "SURFACES",
    "BadMixError",
    "Catalogue",
    "Stored",
    "UnknownMetricError",
    "catalogue",
    "change_traffic",
    "expected",
    "lift",
    "run",
    "whole_catalogue",
]
