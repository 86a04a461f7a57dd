"""The tables of the simulation: the swarm's work, the background traffic, and the made-up history."""

from simulation.models.history import Customer, CustomerOrder, HistoryEvent
from simulation.models.swarm import CatalogueSnapshot, SwarmBatch, SwarmRun, TrafficSetting

__all__ = [
    "CatalogueSnapshot",
    "Customer",
    "CustomerOrder",
    "HistoryEvent",
    "SwarmBatch",
    "SwarmRun",
    "TrafficSetting",
]
