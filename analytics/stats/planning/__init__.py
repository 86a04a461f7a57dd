"""Planning of experiments: sample size, power, detectable effect and duration."""

from analytics.stats.planning.baseline import (
    Baseline,
    mean_baseline,
    rate_baseline,
    ratio_baseline,
)
from analytics.stats.planning.design import (
    Alternative,
    Design,
    FixedHorizon,
    NonInferiority,
    Scale,
    Superiority,
)
from analytics.stats.planning.size import (
    Detectable,
    Power,
    SampleSize,
    minimum_detectable_effect,
    power,
    sample_size,
    smallest_margin,
)
from analytics.stats.planning.unavailable import Reason

__all__ = [
    "Alternative",
    "Baseline",
    "Design",
    "Detectable",
    "FixedHorizon",
    "NonInferiority",
    "Power",
    "Reason",
    "SampleSize",
    "Scale",
    "Superiority",
    "mean_baseline",
    "minimum_detectable_effect",
    "power",
    "rate_baseline",
    "ratio_baseline",
    "sample_size",
    "smallest_margin",
]
