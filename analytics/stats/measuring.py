"""From events and unit values to what a metric averages: windows, capping, retention.

For data in memory (uploads, labs, simulations). Marts do the same in SQL; both follow the
metric's description.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.stats.metrics import Capping, ConversionWindow, Retention
from analytics.stats.moments import Floats
from analytics.stats.reasons import StatisticsError


class Aggregation(StrEnum):
    """How the events of a unit become its value."""

    SUM = "sum"
    COUNT = "count"
    ANY = "any"


def unit_values(
    *,
    unit: ArrayLike,
    hours_since_exposure: ArrayLike,
    units: int,
    value: ArrayLike | None = None,
    window: ConversionWindow | None = None,
    aggregation: Aggregation = Aggregation.SUM,
) -> Floats:
    """Return each unit's value from its events inside the window; 0 without events.

    Args:
        unit: Unit number of each event, 0 to ``units - 1``.
        hours_since_exposure: Time of each event after its unit's first exposure;
            negative before it.
        units: Number of exposed units, with or without events.
        value: Amount of each event (needed to sum).
        window: Events that count; by default all from exposure on.
        aggregation: Sum of amounts, number of events, or whether there was any.

    >>> unit_values(unit=[0, 0, 1], hours_since_exposure=[1, 30, 2], units=3, value=[5.0, 7.0, 2.0],
    ...             window=ConversionWindow(length_hours=24)).tolist()
    [5.0, 2.0, 0.0]
    """
    chosen = window or ConversionWindow()
    hours = np.asarray(hours_since_exposure, dtype=np.float64)
    inside = (hours >= chosen.start_hours) & (hours < chosen.end_hours)
    index = np.asarray(unit, dtype=np.intp)[inside]
    if aggregation is Aggregation.SUM:
        if value is None:
            raise StatisticsError("a sum needs the amounts of the events")
        amounts = np.asarray(value, dtype=np.float64)[inside]
        return np.bincount(index, weights=amounts, minlength=units).astype(np.float64)
    count = np.bincount(index, minlength=units).astype(np.float64)
    return count if aggregation is Aggregation.COUNT else np.minimum(count, 1.0)


def window_closed(*, hours_observed: ArrayLike, window: ConversionWindow) -> NDArray[np.bool_]:
    """Return which units have been observed to the end of the window.

    >>> window_closed(hours_observed=[12, 48], window=ConversionWindow(length_hours=24)).tolist()
    [False, True]
    """
    return np.asarray(np.asarray(hours_observed, dtype=np.float64) >= window.end_hours)


def retained(
    *,
    unit: ArrayLike,
    hours_since_exposure: ArrayLike,
    hours_observed: ArrayLike,
    retention: Retention,
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return which units came back in the retention window, and which can be judged.

    Args:
        unit: Unit number of each activity.
        hours_since_exposure: Time of each activity after its unit's first exposure.
        hours_observed: Per unit, time from first exposure to the end of the data.
        retention: The metric.

    Returns:
        Ones and zeros per unit, and a mask of the units whose window has ended: only those
        belong into the moments.

    >>> came_back, judged = retained(unit=[0, 1], hours_since_exposure=[170.0, 20.0],
    ...     hours_observed=[400.0, 400.0, 30.0], retention=Retention(from_day=7))
    >>> came_back.tolist(), judged.tolist()
    ([1.0, 0.0, 0.0], [True, True, False])
    """
    observed = np.asarray(hours_observed, dtype=np.float64)
    came_back = unit_values(
        unit=unit,
        hours_since_exposure=hours_since_exposure,
        units=observed.size,
        window=retention.window,
        aggregation=Aggregation.ANY,
    )
    return came_back, window_closed(hours_observed=observed, window=retention.window)


def cap_limits(*, values: ArrayLike, capping: Capping) -> tuple[float, float]:
    """Return the lower and upper limit, a percentile being taken from these values.

    Args:
        values: Unit values of all arms together: limits that differ by arm would bias
            the difference.
        capping: The metric's capping.

    >>> cap_limits(values=range(101), capping=Capping(percentile=0.95))
    (-inf, 95.0)
    """
    lower = -np.inf if capping.lower is None else capping.lower
    if capping.percentile is None:
        return float(lower), float(np.inf if capping.upper is None else capping.upper)
    data = np.asarray(values, dtype=np.float64).ravel()
    if capping.ignore_zeros:
        data = data[data != 0]
    upper = np.quantile(data, capping.percentile) if data.size else np.inf
    return float(lower), float(upper)


def cap(*, values: ArrayLike, limits: tuple[float, float]) -> Floats:
    """Return values moved to the limits where they lie beyond (winsorised).

    >>> cap(values=[1.0, 50.0], limits=(2.0, 10.0)).tolist()
    [2.0, 10.0]
    """
    return np.clip(np.asarray(values, dtype=np.float64), *limits)
