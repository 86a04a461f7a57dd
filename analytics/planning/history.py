"""A metric's baseline, variance, correlation with its past, and the arrival of new units, from recent history."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from analytics.metric_preview import measure
from analytics.stats import planning
from analytics.stats.reasons import StatisticsError
from experiments.audiences.audience import matching_unit_ids
from experiments.designs.design import MetricDefinition
from experiments.planning.planning_hooks import Baseline
from novarium.kernel import sql

# A unit's value is measured over two weeks and its past over the two before, unless the metric says how far CUPED looks
# back: together what the 30-day history holds.
MEASURED_DAYS = 14
LOOKBACK_DAYS = 14
ARRIVAL_DAYS = 28
FEWEST_UNITS = 100
CACHE_SECONDS = 600
PLAIN_TYPES = frozenset({"proportion", "mean", "ratio"})
PLAIN_SIDES = frozenset({"exists", "count", "sum"})

# The page_view events' page on which a feature's surface is met; any page for those not listed.
SURFACE_PAGES = {"home": "home", "search": "search", "restaurant": "restaurant", "cart": "cart", "tracking": "tracking"}


def baseline_from_history(metric: MetricDefinition, *, surface: str, condition: Mapping[str, Any]) -> Baseline | None:
    """Return the metric per unit that saw the surface's page and meets the condition; kept for ten minutes.

    None where fewer than a hundred units did, or the metric shows no value above zero.
    """
    asked = f"{metric!r} {surface} {json.dumps(condition, sort_keys=True)}"
    key = f"baseline:{hashlib.sha256(asked.encode()).hexdigest()[:32]}"
    known = cache.get(key)
    if known is None:
        found = _found(metric, surface=surface, units=matching_unit_ids(condition), now=timezone.now())
        known = found or "none"
        cache.set(key, known, CACHE_SECONDS)
    return known if isinstance(known, Baseline) else None


def _found(metric: MetricDefinition, *, surface: str, units: list[str] | None, now: datetime) -> Baseline | None:
    measured = _measured if is_plain(metric) else _by_definition
    return measured(metric, surface=surface, units=units, now=now)


def _by_definition(
    metric: MetricDefinition, *, surface: str, units: list[str] | None, now: datetime
) -> Baseline | None:
    """Measure as the results would, whatever the definition says."""
    page = SURFACE_PAGES.get(surface)
    found = measure(metric, until=now, days=MEASURED_DAYS, page=page, units=units)
    if found.units < FEWEST_UNITS or not found.value or found.value <= 0 or found.deviation is None:
        return None
    return Baseline(
        value=found.value,
        deviation=found.deviation,
        units=found.units,
        new_units=_new_units(page=page, units=units, now=now),
        days=MEASURED_DAYS,
        lookback_days=metric.lookback_days,
        correlation=_correlation(found.correlation),
    )


def is_plain(metric: MetricDefinition) -> bool:
    """Whether all events of the metric's names count, for as long as they are seen, and without a cap."""
    beyond = (
        metric.numerator_filters,
        metric.denominator_filters,
        metric.numerator_property,
        metric.denominator_property,
        metric.window_hours,
        metric.cap_value,
        metric.cap_percentile,
    )
    sides = {metric.numerator_aggregation, metric.denominator_aggregation or "exists"}
    return metric.type in PLAIN_TYPES and sides <= PLAIN_SIDES and not any(beyond)


def _measured(metric: MetricDefinition, *, surface: str, units: list[str] | None, now: datetime) -> Baseline | None:
    place = {"until": now, "page": SURFACE_PAGES.get(surface), "units": units}
    definition = {
        "since": now - timedelta(days=MEASURED_DAYS),
        "lookback": timedelta(days=metric.lookback_days or LOOKBACK_DAYS),
        "numerator_event": metric.numerator_event,
        "numerator_aggregation": metric.numerator_aggregation,
        "denominator_event": metric.denominator_event,
        "denominator_aggregation": metric.denominator_aggregation,
    }
    row = sql.rows("analytics/sql/planning/baseline.sql", place | definition)[0]
    if int(row["units"]) < FEWEST_UNITS:
        return None
    value, deviation = _value(metric, row)
    if not math.isfinite(value) or value <= 0 or not math.isfinite(deviation):
        return None
    return Baseline(
        value=value,
        deviation=deviation,
        units=int(row["units"]),
        new_units=_new_units(page=SURFACE_PAGES.get(surface), units=units, now=now),
        days=MEASURED_DAYS,
        lookback_days=metric.lookback_days or LOOKBACK_DAYS,
        returning=int(row["returning_units"]) / int(row["units"]),
        correlation=_correlation(row["correlation"]),
        returning_correlation=_correlation(row["returning_correlation"]),
    )


def _new_units(*, page: str | None, units: list[str] | None, now: datetime) -> tuple[int, ...]:
    window = {"since": now - timedelta(days=ARRIVAL_DAYS), "until": now, "page": page, "units": units}
    return tuple(int(row["new_units"]) for row in sql.rows("analytics/sql/planning/new_units.sql", window))


def _correlation(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _value(metric: MetricDefinition, row: Mapping[str, Any]) -> tuple[float, float]:
    """Return the metric's value and the standard deviation of one unit's contribution."""
    if metric.type != "ratio":
        return float(row["mean"]), math.sqrt(float(row["variance"]))
    if float(row["below"]) <= 0:
        return math.nan, math.nan
    try:
        ratio = planning.ratio_baseline(
            numerator_mean=float(row["mean"]),
            denominator_mean=float(row["below"]),
            numerator_variance=float(row["variance"]),
            denominator_variance=float(row["below_variance"]),
            covariance=float(row["covariance"]),
        )
    except StatisticsError:  # where every unit has the same ratio, rounding may leave less than no variance
        return math.nan, math.nan
    return float(ratio.mean), math.sqrt(float(ratio.variance))
