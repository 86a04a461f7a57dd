"""Planning of experiments: sample size, power, detectable effect and duration."""

from analytics.stats.designs import Alternative, FixedHorizon
from analytics.stats.planning.baseline import (
    Baseline,
    mean_baseline,
    rate_baseline,
    ratio_baseline,
)
from analytics.stats.planning.design import (
    ExperimentDesign,
    NonInferiority,
    Scale,
    Superiority,
    WatchedAlways,
    WatchedAtLooks,
)
from analytics.stats.planning.duration import DailyPlan, Duration, daily_plan, duration
from analytics.stats.planning.size import (
    Detectable,
    Power,
    SampleSize,
    minimum_detectable_effect,
    power,
    sample_size,
    smallest_margin,
)
from analytics.stats.planning.traffic import Traffic
from analytics.stats.planning.underway import AdditionalUnits, additional_units, credible_power
from analytics.stats.planning.watching import Watching, watched_at_any_time, watched_at_looks

__all__ = [
    "AdditionalUnits",
    "Alternative",
    "Baseline",
    "DailyPlan",
    "Detectable",
    "Duration",
    "ExperimentDesign",
    "FixedHorizon",
    "NonInferiority",
    "Power",
    "SampleSize",
    "Scale",
    "Superiority",
    "Traffic",
    "WatchedAlways",
    "WatchedAtLooks",
    "Watching",
    "additional_units",
    "credible_power",
    "daily_plan",
    "duration",
    "mean_baseline",
    "minimum_detectable_effect",
    "power",
    "rate_baseline",
    "ratio_baseline",
    "sample_size",
    "smallest_margin",
    "watched_at_any_time",
    "watched_at_looks",
]
