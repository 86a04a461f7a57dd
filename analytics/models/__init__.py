"""The tables of decisions, the archive, imported logs and the marts."""

from analytics.models.archive import ArchiveEntry, LearningNote
from analytics.models.decision import Adoption, Decision
from analytics.models.imported import Dataset, ImportFile, RejectedLine
from analytics.models.mart import DailyMetric, MartRun, UserStat, VisitorDay
from analytics.models.raw import (
    RawCdnowPurchase,
    RawOpenBanditImpression,
    RawRetailRocketCategory,
    RawRetailRocketEvent,
    RawRetailRocketProperty,
)

__all__ = [
    "Adoption",
    "ArchiveEntry",
    "DailyMetric",
    "Dataset",
    "Decision",
    "ImportFile",
    "LearningNote",
    "MartRun",
    "RawCdnowPurchase",
    "RawOpenBanditImpression",
    "RawRetailRocketCategory",
    "RawRetailRocketEvent",
    "RawRetailRocketProperty",
    "RejectedLine",
    "UserStat",
    "VisitorDay",
]
