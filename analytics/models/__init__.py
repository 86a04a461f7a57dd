"""The tables of decisions, the archive, imported logs, the marts and live numbers."""

from analytics.models.admin_rows import DailyMetricRow, UserStatRow
from analytics.models.archive import ArchiveEntry, LearningNote
from analytics.models.build import BuiltDay, DirtyDay, MartRun, MartStage
from analytics.models.crm import CrmRule, CrmTarget
from analytics.models.decision import Adoption, Decision
from analytics.models.imported import Dataset, ImportFile, RejectedLine
from analytics.models.live import LiveArm, LiveCheckpoint, LiveRun, LiveSum, LiveTotal, LiveUnit, LiveWindow
from analytics.models.mart import (
    CohortWeek,
    DailyMetric,
    DimCategory,
    DimItem,
    DimVisitor,
    ExperimentUnit,
    FactEvent,
    FactSession,
    FunnelCategoryDay,
    FunnelDay,
    NameKey,
    UserStat,
    VisitorDay,
)
from analytics.models.quality import AcceptedFailure, CheckFailure, CheckResult, GateRun
from analytics.models.raw import (
    RawCdnowPurchase,
    RawOpenBanditImpression,
    RawRetailRocketCategory,
    RawRetailRocketEvent,
    RawRetailRocketProperty,
)

__all__ = [
    "AcceptedFailure",
    "Adoption",
    "ArchiveEntry",
    "BuiltDay",
    "CheckFailure",
    "CheckResult",
    "CohortWeek",
    "CrmRule",
    "CrmTarget",
    "DailyMetric",
    "DailyMetricRow",
    "Dataset",
    "Decision",
    "DimCategory",
    "DimItem",
    "DimVisitor",
    "DirtyDay",
    "ExperimentUnit",
    "FactEvent",
    "FactSession",
    "FunnelCategoryDay",
    "FunnelDay",
    "GateRun",
    "ImportFile",
    "LearningNote",
    "LiveArm",
    "LiveCheckpoint",
    "LiveRun",
    "LiveSum",
    "LiveTotal",
    "LiveUnit",
    "LiveWindow",
    "MartRun",
    "MartStage",
    "NameKey",
    "RawCdnowPurchase",
    "RawOpenBanditImpression",
    "RawRetailRocketCategory",
    "RawRetailRocketEvent",
    "RawRetailRocketProperty",
    "RejectedLine",
    "UserStat",
    "UserStatRow",
    "VisitorDay",
]
