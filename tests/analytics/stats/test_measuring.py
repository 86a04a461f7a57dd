"""Windows, caps and retention as the metric describes them."""

import numpy as np
import pytest

from analytics.stats import (
    Aggregation,
    Capping,
    ConversionWindow,
    Retention,
    StatisticsError,
    cap,
    cap_limits,
    retained,
    unit_values,
    window_closed,
)

EVENTS = {"unit": [0, 0, 0, 2], "hours_since_exposure": [-5.0, 0.0, 24.0, 23.9], "units": 4}


def test_events_before_exposure_and_after_the_window_do_not_count():
    day = ConversionWindow(length_hours=24)
    assert unit_values(**EVENTS, value=[9.0, 1.0, 2.0, 4.0], window=day).tolist() == [1, 0, 4, 0]
    assert unit_values(**EVENTS, value=[9.0, 1.0, 2.0, 4.0]).tolist() == [3, 0, 4, 0]


def test_counts_and_occurrence():
    assert unit_values(**EVENTS, aggregation=Aggregation.COUNT).tolist() == [2, 0, 1, 0]
    assert unit_values(**EVENTS, aggregation=Aggregation.ANY).tolist() == [1, 0, 1, 0]


def test_a_window_before_exposure_makes_a_covariate():
    before = ConversionWindow(start_hours=-24, length_hours=24)
    assert unit_values(**EVENTS, value=[9.0, 1.0, 2.0, 4.0], window=before).tolist() == [9, 0, 0, 0]


def test_a_sum_needs_amounts():
    with pytest.raises(StatisticsError, match="amounts"):
        unit_values(**EVENTS)


def test_units_that_could_not_return_yet_are_not_judged():
    retention = Retention(from_day=7, days=2)
    came_back, judged = retained(
        unit=[0, 1, 2],
        hours_since_exposure=[7 * 24, 9 * 24, 8 * 24],
        hours_observed=[300, 300, 200],
        retention=retention,
    )
    assert came_back.tolist() == [1, 0, 1]
    assert judged.tolist() == [True, True, False]
    assert not window_closed(hours_observed=[1e9], window=ConversionWindow()).any()


def test_percentile_caps_come_from_all_values():
    values = np.arange(1000.0)
    limits = cap_limits(values=values, capping=Capping(percentile=0.99, lower=10.0))
    assert limits == (10.0, pytest.approx(989.01))
    capped = cap(values=values, limits=limits)
    assert (capped.min(), capped.max()) == limits


def test_zeros_can_be_left_out_of_the_percentile():
    values = [0.0] * 90 + [float(v) for v in range(1, 11)]
    assert cap_limits(values=values, capping=Capping(percentile=0.9))[1] == pytest.approx(0.1, abs=0.2)
    assert cap_limits(values=values, capping=Capping(percentile=0.9, ignore_zeros=True))[1] == pytest.approx(9.1)
    assert cap_limits(values=[0.0], capping=Capping(percentile=0.9, ignore_zeros=True)) == (-np.inf, np.inf)


def test_absolute_caps():
    assert cap_limits(values=[], capping=Capping(upper=5.0)) == (-np.inf, 5.0)
    assert cap_limits(values=[], capping=Capping(lower=0.0)) == (0.0, np.inf)
