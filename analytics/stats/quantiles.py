"""Quantiles of unit values and of events clustered in units.

The standard error of a quantile comes from two order statistics around it, so a database
delivers three sorted values per group instead of all of them.

References: Woodruff (1952), "Confidence intervals for medians and other position
measures", JASA 47, section 2; Deng, Knoblich and Lu (2018), "Applying the delta method in
metric analytics", KDD, section 5 (percentiles of clustered events).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from analytics.stats.estimands import PairEstimates
from analytics.stats.layout import ArmEstimates
from analytics.stats.moments import Floats, Moments
from analytics.stats.reasons import Reason, StatisticsError, mark, no_reasons


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

    def reshape(self, *shape: int) -> QuantileSummary:
        """Return the same groups in a batch of another shape."""
        return QuantileSummary(
            probability=self.probability,
            level=self.level,
            count=self.count.reshape(shape),
            value=self.value.reshape(shape),
            lower=self.lower.reshape(shape),
            upper=self.upper.reshape(shape),
            design_effect=self.design_effect.reshape(shape),
            clusters=self.clusters.reshape(shape),
        )

    @classmethod
    def of_units(
        cls,
        *,
        probability: float,
        count: ArrayLike,
        value: ArrayLike,
        lower: ArrayLike,
        upper: ArrayLike,
        level: float = 0.95,
    ) -> QuantileSummary:
        """Return the summary of independent values from what SQL delivers."""
        n = np.asarray(count, dtype=np.float64)
        return cls(
            probability=probability,
            count=n,
            value=np.asarray(value, dtype=np.float64),
            lower=np.asarray(lower, dtype=np.float64),
            upper=np.asarray(upper, dtype=np.float64),
            level=level,
            design_effect=np.ones(n.shape),
            clusters=n,
        )

    @classmethod
    def of_clusters(
        cls,
        *,
        probability: float,
        clusters: Moments,
        value: ArrayLike,
        lower: ArrayLike,
        upper: ArrayLike,
        level: float = 0.95,
    ) -> QuantileSummary:
        """Return the summary of events clustered in units.

        Args:
            probability: Which quantile.
            clusters: Moments over units of (events at or below the quantile, events).
            value: The sample quantile of all events.
            lower: Lower order statistic, placed as if events were independent.
            upper: Upper order statistic.
            level: Confidence level whose z placed them.
        """
        events = clusters.count * clusters.mean[..., 1]
        return cls(
            probability=probability,
            count=events,
            value=np.asarray(value, dtype=np.float64),
            lower=np.asarray(lower, dtype=np.float64),
            upper=np.asarray(upper, dtype=np.float64),
            level=level,
            design_effect=_design_effect(clusters, events, probability),
            clusters=clusters.count,
        )

    @staticmethod
    def stack(parts: list[QuantileSummary]) -> QuantileSummary:
        """Return a batch of equally shaped summaries along a new last axis (arms)."""
        first = parts[0]
        if any((p.probability, p.level) != (first.probability, first.level) for p in parts):
            raise StatisticsError("summaries of different quantiles cannot be stacked")

        def joined(name: str) -> Floats:
            return np.stack([getattr(part, name) for part in parts], axis=-1)

        return QuantileSummary(
            probability=first.probability,
            level=first.level,
            count=joined("count"),
            value=joined("value"),
            lower=joined("lower"),
            upper=joined("upper"),
            design_effect=joined("design_effect"),
            clusters=joined("clusters"),
        )


def quantile_ranks(*, count: int, probability: float, level: float = 0.95) -> tuple[int, int, int]:
    """Return the 1-based ranks of the lower limit, the quantile and the upper limit.

    >>> quantile_ranks(count=1000, probability=0.9)
    (881, 900, 919)
    """
    z = float(-special.ndtri((1 - level) / 2))
    half = z * float(np.sqrt(count * probability * (1 - probability)))
    middle = count * probability
    low, mid, high = np.floor(middle - half), np.ceil(middle), np.ceil(middle + half)
    return (max(int(low), 1), min(max(int(mid), 1), count), min(int(high), count))


def summarise(
    *, values: ArrayLike, probability: float, cluster: ArrayLike | None = None, level: float = 0.95
) -> QuantileSummary:
    """Return the summary of one group from its values.

    Args:
        values: Values of units, or of events when ``cluster`` is given.
        probability: Which quantile.
        cluster: Unit of each event.
        level: Confidence level that places the order statistics.

    >>> summary = summarise(values=np.arange(1.0, 1001.0), probability=0.9)
    >>> float(summary.value), float(summary.lower), float(summary.upper)
    (900.0, 881.0, 919.0)
    """
    data = np.asarray(values, dtype=np.float64).ravel()
    ordered = np.sort(data)
    if data.size == 0:
        empty = np.array(np.nan)
        return QuantileSummary.of_units(
            probability=probability, count=0.0, value=empty, lower=empty, upper=empty, level=level
        )
    ranks = quantile_ranks(count=data.size, probability=probability, level=level)
    low, value, high = (float(ordered[rank - 1]) for rank in ranks)
    if cluster is None:
        return QuantileSummary.of_units(
            probability=probability,
            count=float(data.size),
            value=value,
            lower=low,
            upper=high,
            level=level,
        )
    _, unit = np.unique(np.asarray(cluster).ravel(), return_inverse=True)
    units = int(unit.max()) + 1
    below = np.bincount(unit, weights=(data <= value).astype(float), minlength=units)
    clusters = Moments.from_arrays(below=below, events=np.bincount(unit, minlength=units))
    return QuantileSummary.of_clusters(
        probability=probability, clusters=clusters, value=value, lower=low, upper=high, level=level
    )


@np.errstate(invalid="ignore", divide="ignore", over="ignore")  # nan marks what does not exist
def quantile_arms(*, summary: QuantileSummary) -> ArmEstimates:
    """Return each group's quantile and its sampling variance.

    Estimand: the population quantile of each arm.
    Formula: ``((upper - lower) / 2z)² × design effect × (n - 1) / n`` (Woodruff 1952;
    design effect of Deng, Knoblich and Lu 2018, section 5). The last factor is the
    convention of the one peer that offers quantiles.
    Assumptions: a positive density at the quantile; at least some ten values beyond it.
    """
    n = summary.count
    z = -special.ndtri((1 - summary.level) / 2)
    reason = no_reasons(summary.shape)
    mark(reason, n == 0, Reason.NO_UNITS)
    mark(reason, ~np.isfinite(summary.value), Reason.NO_DATA)
    mark(reason, summary.clusters <= 1, Reason.ONE_UNIT)
    # The limits must lie inside the sample: n p - z sqrt(n p q) >= 1 on the short side.
    short = min(summary.probability, 1 - summary.probability)
    room = n * short - z * np.sqrt(n * short * (1 - short))
    mark(reason, room < 1, Reason.TOO_FEW_UNITS)
    safe = np.where(n > 0, n, 1.0)
    variance = ((summary.upper - summary.lower) / (2 * z)) ** 2 * summary.design_effect * (safe - 1) / safe
    mark(reason, ~np.isfinite(variance), Reason.NOT_FINITE)
    mark(reason, variance <= 0, Reason.ZERO_VARIANCE)
    return ArmEstimates(
        units=summary.clusters,
        value=np.where(n > 0, summary.value, np.nan),
        variance=np.where(reason == 0, variance, np.nan),
        reason=reason,
    )


@np.errstate(invalid="ignore", divide="ignore", over="ignore")  # nan marks what does not exist
def quantile_pairs(*, summary: QuantileSummary, control: int = 0) -> PairEstimates:
    """Return estimates of differences between quantiles; the last axis holds the arms.

    Estimand: the difference of the arms' population quantiles (not the quantile of unit
    differences). Degrees of freedom count units: a peer counts clustered events, as if
    they were independent after all.

    >>> summary = QuantileSummary.of_units(
    ...     probability=0.9, count=[5000, 5100], value=[145.0, 139.0],
    ...     lower=[142.1, 136.4], upper=[148.2, 141.9])
    >>> quantile_pairs(summary=summary).difference.tolist()
    [-6.0]
    """
    arms = quantile_arms(summary=summary)
    treated = np.array([a for a in range(summary.shape[-1]) if a != control], dtype=np.intp)
    v_c, v_t = arms.variance[..., [control]], arms.variance[..., treated]
    n_c, n_t = arms.units[..., [control]], arms.units[..., treated]
    value_c, value_t = arms.value[..., [control]], arms.value[..., treated]
    variance = v_c + v_t
    df = variance**2 / (v_c**2 / (n_c - 1) + v_t**2 / (n_t - 1))
    reason = np.where(arms.reason[..., [control]] != 0, arms.reason[..., [control]], arms.reason[..., treated])
    shape = variance.shape
    return PairEstimates(
        control=np.broadcast_to(value_c, shape),
        treatment=value_t,
        difference=value_t - value_c,
        difference_variance=variance,
        control_variance=np.broadcast_to(v_c, shape),
        covariance=np.broadcast_to(-v_c, shape),
        df=df,
        units=n_c + n_t,
        reason=np.asarray(reason, dtype=np.int8),
    )


def _design_effect(clusters: Moments, events: Floats, probability: float) -> Floats:
    """Return the clustered variance of the share below the quantile over p(1 - p) / n."""
    covariance = clusters.covariance()
    below, size = clusters.mean[..., 0], clusters.mean[..., 1]
    safe = np.where(size > 0, size, np.nan)
    share = below / safe
    numerator = covariance[..., 0, 0] - 2 * share * covariance[..., 0, 1] + share**2 * covariance[..., 1, 1]
    variance = numerator / (safe**2 * np.where(clusters.count > 0, clusters.count, np.nan))
    return np.asarray(variance * events / (probability * (1 - probability)))
