"""The data of an experiment, reduced to moments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analytics.stats.moments import Moments
from analytics.stats.quantiles import QuantileSummary
from analytics.stats.reasons import StatisticsError


@dataclass(frozen=True, kw_only=True, eq=False)
class ExperimentMoments:
    """What an analysis reads: moments per metric, segment and arm, and who was exposed.

    Attributes:
        arms: Names of the arms, in the order of the last batch axis.
        metrics: Per metric, moments of shape ``(arm,)``, ``(segment, arm)`` or, with strata,
            ``(segment, stratum, arm)``; for a quantile metric a `QuantileSummary` of shape
            ``(arm,)`` or ``(segment, arm)``. A metric of the plan that is missing here is
            reported as ``no_data``.
        segments: Names of the segments; one for the whole.
        strata: Names of the strata, when the moments have that axis.
        exposed: Units exposed per arm, for the sample-ratio test.
        multiply_exposed: Units seen in more than one arm (and left out of the moments).
    """

    arms: tuple[str, ...]
    metrics: Mapping[str, Moments | QuantileSummary]
    segments: tuple[str, ...] = ("all",)
    strata: tuple[str, ...] = ()
    exposed: tuple[int, ...] | None = None
    multiply_exposed: int | None = None

    def __post_init__(self) -> None:
        """Check that the axes match the names."""
        if len(set(self.arms)) != len(self.arms) or len(set(self.segments)) != len(self.segments):
            raise StatisticsError("names of arms and segments must not repeat")
        for name, part in self.metrics.items():
            if part.shape not in self._allowed(part):
                raise StatisticsError(
                    f"metric {name!r} has batch shape {part.shape}; expected one of "
                    f"{sorted(self._allowed(part))} for {len(self.arms)} arms, "
                    f"{len(self.segments)} segments and {len(self.strata)} strata"
                )
        if self.exposed is not None and len(self.exposed) != len(self.arms):
            raise StatisticsError("one number of exposed units per arm is needed")

    def _allowed(self, part: Moments | QuantileSummary) -> set[tuple[int, ...]]:
        segments, arms = len(self.segments), len(self.arms)
        if self.strata and isinstance(part, Moments):
            return {(segments, len(self.strata), arms)}
        return {(segments, arms), (arms,)} if segments == 1 else {(segments, arms)}

    def cells(self, name: str) -> Moments:
        """Return a metric's moments with the axes (segment, stratum, arm)."""
        part = self.metrics[name]
        if not isinstance(part, Moments):
            raise StatisticsError(f"metric {name!r} has quantiles, not moments")
        return part.reshape(len(self.segments), max(len(self.strata), 1), len(self.arms))

    def quantiles(self, name: str) -> QuantileSummary:
        """Return a metric's quantiles with the axes (segment, arm)."""
        part = self.metrics[name]
        if not isinstance(part, QuantileSummary):
            raise StatisticsError(f"metric {name!r} has moments, not quantiles")
        return part.reshape(len(self.segments), len(self.arms))
