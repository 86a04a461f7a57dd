"""What a metric measured over the last days: on live events and the simulated history, by the statements of results."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from analytics.results import sides, statement
from analytics.results.arrange import moments_of, quantile_of
from analytics.results.moments import Asked, RunSums, Sums, summed
from analytics.results.plan import metric_of
from analytics.results.statement import Reads
from analytics.stats import Quantile
from analytics.stats.layout import ArmEstimates, estimate_arms, layout_of
from analytics.stats.quantiles import quantile_arms
from analytics.stats.reasons import reason_of
from experiments.metrics.metric_previews import MetricPreview, PreviewDay
from experiments.public import MetricDefinition

DAYS = 30
KEPT = 10 * 60  # seconds; another definition is another key
UNITS = "analytics/sql/preview/units.sql"
EVERYBODY = ""


class EventPreviewer:
    """Measures on events; see ``experiments.metrics.metric_previews.Previewer``."""

    def preview(self, definition: MetricDefinition) -> MetricPreview:
        """Return the definition as the last days show it; kept for ten minutes."""
        digest = hashlib.sha256(repr(definition).encode()).hexdigest()[:24]
        key = f"metric-preview:{digest}"
        known: MetricPreview | None = cache.get(key)
        if known is None:
            known = measure(definition, until=timezone.now())
            cache.set(key, known, KEPT)
        return known


def measure(
    definition: MetricDefinition,
    *,
    until: datetime,
    days: int = DAYS,
    page: str | None = None,
    units: Sequence[str] | None = None,
) -> MetricPreview:
    """Return a metric per unit, from its first page view in the days on, as if that had been its exposure.

    Args:
        definition: What is measured.
        until: End of the days.
        days: How many.
        page: The page whose first view counts; None for any page.
        units: Who counts; None for everybody.
    """
    sums = _sums(definition, until=until, days=days, page=page, units=units)
    whole = sum((cell for cell in sums.cells.values()), Sums())
    values = [part for part in sums.values.values() if len(part)]
    estimate = _estimate(definition, whole, np.concatenate(values) if values else np.empty(0))
    value, deviation, reason = _numbers(estimate)
    return MetricPreview(
        days=days,
        units=whole.units,
        value=value,
        deviation=deviation,
        reason=reason,
        correlation=_correlation(definition, whole),
        daily=tuple(_day(definition, sums, at) for at in sums.buckets),
    )


def _sums(
    definition: MetricDefinition, *, until: datetime, days: int, page: str | None, units: Sequence[str] | None
) -> RunSums:
    since = until - timedelta(days=days)
    metrics = (definition,)
    params = {
        **sides.parameters(metrics, until=until, pauses=()),
        "since": since - sides.longest_lookback(metrics),
        "from": since,
        "until": until,
        "page": page,
        "unit_ids": None if units is None else list(units),
        "zone": settings.TIME_ZONE,
    }
    asked = Asked(
        metrics=metrics,
        params=params,
        arms={0: (EVERYBODY, 0)},
        reads=Reads(units=UNITS, events=statement.events_with_history()),
    )
    return summed(asked, bucket="day")


def _estimate(definition: MetricDefinition, sums: Sums, values: np.typing.NDArray[np.float64]) -> ArmEstimates:
    metric = metric_of(definition)
    if isinstance(metric.measure, Quantile):
        return quantile_arms(summary=quantile_of(definition, values))
    return estimate_arms(moments=moments_of(definition, [sums])[0], layout=layout_of(metric))


def _numbers(estimate: ArmEstimates) -> tuple[float | None, float | None, str | None]:
    """Return value, the standard deviation of a unit's contribution, and the reason where there is no value."""
    value, variance = float(estimate.value), float(estimate.variance)
    if not math.isfinite(value):
        return None, None, reason_of(int(estimate.reason))
    deviation = math.sqrt(variance * float(estimate.units)) if math.isfinite(variance) else None
    return value, deviation, None


def _correlation(definition: MetricDefinition, sums: Sums) -> float | None:
    """Return the correlation of the (linearised) metric with what CUPED regresses it on."""
    if not definition.lookback_days or sums.units < 2:
        return None
    moments = moments_of(definition, [sums])[0]
    covariance = moments.covariance()
    outcome = np.zeros(len(moments.columns))
    outcome[0] = 1.0
    covariates = [i for i, column in enumerate(moments.columns) if column.startswith("before")]
    if "denominator" in moments.columns:
        below = moments.columns.index("denominator")
        outcome[below] = -moments.mean[0] / moments.mean[below] if moments.mean[below] else 0.0
    own = float(outcome @ covariance @ outcome)
    cross = (outcome @ covariance)[covariates]
    among = covariance[np.ix_(covariates, covariates)]
    explained = float(cross @ np.linalg.pinv(among, hermitian=True) @ cross)
    return math.sqrt(max(explained, 0.0) / own) if own > 0 else None


def _day(definition: MetricDefinition, sums: RunSums, at: datetime) -> PreviewDay:
    place = (definition.key, at, EVERYBODY, 0)
    cell = sums.cells.get(place, Sums())
    estimate = _estimate(definition, cell, sums.values.get(place, np.empty(0)))
    return PreviewDay(day=timezone.localdate(at), units=cell.units, value=_numbers(estimate)[0])
