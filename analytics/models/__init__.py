"""The tables of decisions, the archive, the marts and live numbers."""

from analytics.models.archive import ArchiveEntry, LearningNote
from analytics.models.decision import Adoption, Decision
from analytics.models.live import LiveArm, LiveCheckpoint, LiveRun, LiveSum, LiveTotal, LiveUnit, LiveWindow
from analytics.models.mart import DailyMetric, MartRun, UserStat, VisitorDay

__all__ = [
    "Adoption",
    "ArchiveEntry",
    "DailyMetric",
    "Decision",
    "LearningNote",
    "LiveArm",
    "LiveCheckpoint",
    "LiveRun",
    "LiveSum",
    "LiveTotal",
    "LiveUnit",
    "LiveWindow",
    "MartRun",
    "UserStat",
    "VisitorDay",
]
