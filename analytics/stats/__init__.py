"""Statistics of experiments: pure functions of moments.

Imports only the standard library, numpy, scipy and statsmodels. The door is
`analyse(plan, moments) -> Report`; everything it is made of can be called on its own.
"""

from analytics.stats.adjustment import estimate_pairs, mean_pairs
from analytics.stats.analysis import analyse
from analytics.stats.balance import CovariateBalance, PreExposureBalance, pre_exposure_balance
from analytics.stats.bayes import NormalPrior
from analytics.stats.bayes_rates import BetaPrior
from analytics.stats.beliefs import Belief, Beliefs, EffectBelief
from analytics.stats.designs import Alternative, Design, FixedHorizon
from analytics.stats.estimands import Effects, PairEstimates, compare
from analytics.stats.experiment import ExperimentMoments
from analytics.stats.grouping import Grouping
from analytics.stats.guardrails import GuardrailVerdict, Verdict, non_inferiority
from analytics.stats.layout import ArmEstimates, estimate_arms, layout_of
from analytics.stats.measuring import Aggregation, cap, cap_limits, retained, unit_values, window_closed
from analytics.stats.metrics import (
    Capping,
    ConversionWindow,
    Covariate,
    Direction,
    FunnelStep,
    Margin,
    MarginScale,
    Mean,
    Measure,
    Metric,
    Proportion,
    Quantile,
    RateTest,
    Ratio,
    Retention,
    Role,
)
from analytics.stats.moments import Moments
from analytics.stats.multiplicity import Adjusted, Correction, adjust
from analytics.stats.plan import AnalysisPlan
from analytics.stats.quantiles import QuantileSummary, quantile_pairs, summarise
from analytics.stats.reading import (
    BestArm,
    Heterogeneity,
    RateBelief,
    best_arm,
    effects_across_segments,
    heterogeneity,
    rate_belief,
)
from analytics.stats.reasons import Reason, StatisticsError
from analytics.stats.report import ArmResult, Comparison, Corrected, Interval, Report
from analytics.stats.trace import ArmTrace, Trace, TraceStep, explain
from analytics.stats.trust import (
    MismatchSource,
    MultipleExposures,
    SampleRatioTest,
    SequentialSampleRatio,
    mismatch_sources,
    multiple_exposures,
    sample_ratio,
    sequential_sample_ratio,
)

__all__ = [
    "Adjusted",
    "Aggregation",
    "Alternative",
    "AnalysisPlan",
    "ArmEstimates",
    "ArmResult",
    "ArmTrace",
    "Belief",
    "Beliefs",
    "BestArm",
    "BetaPrior",
    "Capping",
    "Comparison",
    "ConversionWindow",
    "Corrected",
    "Correction",
    "Covariate",
    "CovariateBalance",
    "Design",
    "Direction",
    "EffectBelief",
    "Effects",
    "ExperimentMoments",
    "FixedHorizon",
    "FunnelStep",
    "Grouping",
    "GuardrailVerdict",
    "Heterogeneity",
    "Interval",
    "Margin",
    "MarginScale",
    "Mean",
    "Measure",
    "Metric",
    "MismatchSource",
    "Moments",
    "MultipleExposures",
    "NormalPrior",
    "PairEstimates",
    "PreExposureBalance",
    "Proportion",
    "Quantile",
    "QuantileSummary",
    "RateBelief",
    "RateTest",
    "Ratio",
    "Reason",
    "Report",
    "Retention",
    "Role",
    "SampleRatioTest",
    "SequentialSampleRatio",
    "StatisticsError",
    "Trace",
    "TraceStep",
    "Verdict",
    "adjust",
    "analyse",
    "best_arm",
    "cap",
    "cap_limits",
    "compare",
    "effects_across_segments",
    "estimate_arms",
    "estimate_pairs",
    "explain",
    "heterogeneity",
    "layout_of",
    "mean_pairs",
    "mismatch_sources",
    "multiple_exposures",
    "non_inferiority",
    "pre_exposure_balance",
    "quantile_pairs",
    "rate_belief",
    "retained",
    "sample_ratio",
    "sequential_sample_ratio",
    "summarise",
    "unit_values",
    "window_closed",
]
