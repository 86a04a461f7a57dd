"""The tables of decisions, the archive and the marts."""

from analytics.models.archive import ArchiveEntry, LearningNote
from analytics.models.decision import Adoption, Decision
from analytics.models.mart import DailyMetric, MartRun, UserStat, VisitorDay

__all__ = [
    "Adoption",
    "ArchiveEntry",
    "DailyMetric",
    "Decision",
    "LearningNote",
    "MartRun",
    "UserStat",
    "VisitorDay",
]
