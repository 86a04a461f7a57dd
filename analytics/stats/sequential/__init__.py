"""Sequential tests: group-sequential boundaries and always-valid confidence sequences."""

from analytics.stats.sequential.boundaries import (
    Boundaries,
    Classical,
    classical_boundaries,
    spending_boundaries,
)
from analytics.stats.sequential.confidence import (
    AlwaysValid,
    ConfidenceSequence,
    confidence_sequence,
    running_intersection,
)
from analytics.stats.sequential.crossing import Crossing, crossing_probability
from analytics.stats.sequential.groups import GroupSequential
from analytics.stats.sequential.spending import Spending, SpendingFunction

__all__ = [
    "AlwaysValid",
    "Boundaries",
    "Classical",
    "ConfidenceSequence",
    "Crossing",
    "GroupSequential",
    "Spending",
    "SpendingFunction",
    "classical_boundaries",
    "confidence_sequence",
    "crossing_probability",
    "running_intersection",
    "spending_boundaries",
]
