"""The analysis plan: everything that is decided before looking at the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analytics.stats.bayes import NormalPrior
from analytics.stats.designs import Alternative, Design, FixedHorizon
from analytics.stats.metrics import Metric, Role
from analytics.stats.multiplicity import Correction
from analytics.stats.reasons import StatisticsError


def _corrections() -> Mapping[Role, Correction]:
    return {
        Role.PRIMARY: Correction.HOLM,
        Role.SECONDARY: Correction.BENJAMINI_HOCHBERG,
        # Shipping needs every guardrail to be safe: an intersection-union test, which
        # keeps its level without correction (Berger 1982, Technometrics 24(4), theorem 1).
        Role.GUARDRAIL: Correction.NONE,
    }


@dataclass(frozen=True, kw_only=True)
class AnalysisPlan:
    """How an experiment is analysed.

    Attributes:
        metrics: What is measured; the order is that of the report.
        control: Name of the arm the others are compared with.
        alpha: Error level of the difference tests, both tails together.
        alternative: Two-sided unless a direction was fixed in advance.
        design: Fixed horizon, or a sequential rule that allows several looks.
        corrections: Correction for multiplicity, per role.
        guardrail_alpha: One-sided level of the non-inferiority tests.
        weights: Planned allocation by arm (any positive scale), for the sample-ratio test.
        sample_ratio_alpha: Level below which the sample ratio counts as mismatched.
        post_stratify: Combine strata of the moments by their share of the units.
        stratum_weights: Known population shares of the strata; None estimates them.
        prior: What is believed of every effect before the data; None for no Bayesian reading.
        family_spans_segments: Whether all segments of one call form one family, as in an
            exploration of segments; False corrects within each segment.
    """

    metrics: tuple[Metric, ...]
    control: str
    alpha: float = 0.05
    alternative: Alternative = Alternative.TWO_SIDED
    design: Design = field(default_factory=FixedHorizon)
    corrections: Mapping[Role, Correction] = field(default_factory=_corrections)
    guardrail_alpha: float = 0.05
    weights: Mapping[str, float] | None = None
    sample_ratio_alpha: float = 0.001
    post_stratify: bool = False
    stratum_weights: tuple[float, ...] | None = None
    prior: NormalPrior | None = None
    family_spans_segments: bool = True

    def __post_init__(self) -> None:
        """Refuse levels that are no probabilities and metrics that repeat."""
        for level in (self.alpha, self.guardrail_alpha, self.sample_ratio_alpha):
            if not 0 < level < 1:
                raise StatisticsError(f"an error level lies between 0 and 1, not {level}")
        names = [metric.name for metric in self.metrics]
        if len(set(names)) != len(names):
            raise StatisticsError(f"metric names repeat: {names}")
