"""Quantiles of unit values and of events clustered in units."""
from __future__ import annotations

from dataclasses import dataclass

from analytics.stats.moments import Floats


@dataclass(frozen=True, kw_only=True, eq=False)
class QuantileSummary:
    """A quantile with the order statistics around it, for a batch of groups.

    Attributes:
        probability: Which quantile.
        count: Values (units, or events when clustered), shape ``batch``.
        value: The sample quantile.
        lower: Order statistic at rank ``n p - z sqrt(n p (1 - p))``.
        upper: Order statistic at rank ``n p + z sqrt(n p (1 - p))``.
        level: Confidence level whose z placed ``lower`` and ``upper``.
        design_effect: Variance of the share of values below the quantile over what
            independent values would have; 1 for unit values.
        clusters: Units behind clustered events; equals ``count`` otherwise.
    """

    probability: float
    count: Floats
    value: Floats
    lower: Floats
    upper: Floats
    level: float
    design_effect: Floats
    clusters: Floats

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the batch of groups."""
        return self.count.shape
