"""Duration from traffic in which users come back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.stats.planning import (
    ExperimentDesign,
    NonInferiority,
    Traffic,
    daily_plan,
    duration,
    mean_baseline,
    minimum_detectable_effect,
    power,
    smallest_margin,
)
from analytics.stats.reasons import Reason, StatisticsError, reasons_of


def test_returning_users_make_it_longer_than_daily_actives_promise() -> None:
    """10,000 actives a day of whom most were there before are not 10,000 new ones."""
    first_seen = [round(10_000 * day**-0.8) for day in range(1, 15)]
    real = duration(total=60_000, traffic=Traffic.observed(new_units=first_seen))
    naive = duration(total=60_000, traffic=Traffic.constant(new_units_per_day=10_000))
    assert naive.days == 7
    assert real.days is not None
    assert real.days > 3 * naive.days


def test_days_of_the_record_are_used_as_they_are() -> None:
    record = [500.0, 0.0, 900.0, 10.0, 20.0, 30.0, 40.0, 50.0]
    traffic = Traffic.observed(new_units=record)
    assert traffic.cumulative(days=8).tolist() == np.cumsum(record).tolist()
    found = duration(total=1_400, traffic=traffic, whole_weeks=False)
    assert (found.days, found.units) == (3, 1_400.0)


def test_fall_and_weekdays_are_recovered_from_the_record() -> None:
    factors = np.array([1.3, 1.2, 1.1, 1.0, 0.9, 0.8, 0.7])
    day = np.arange(1, 57)
    truth = 5_000 * day**-0.6 * factors[(day - 1) % 7]
    traffic = Traffic.observed(new_units=truth[:28])
    assert traffic.decay == pytest.approx(0.6, abs=1e-9)
    assert traffic.weekday_factors == pytest.approx(factors, rel=1e-9)
    assert traffic.expected_new(days=56) == pytest.approx(truth, rel=1e-8)


def test_noisy_record_foretells_later_weeks() -> None:
    rng = np.random.default_rng(11)
    day = np.arange(1, 57)
    truth = 4_000 * day**-0.5
    traffic = Traffic.observed(new_units=rng.poisson(truth)[:21])
    assert traffic.cumulative(days=56)[-1] == pytest.approx(truth.sum(), rel=0.03)


def test_growing_traffic_is_not_extrapolated_upwards() -> None:
    traffic = Traffic.observed(new_units=[100 * day for day in range(1, 15)])
    assert traffic.decay == 0.0
    assert traffic.expected_new(days=60)[-7:].mean() == pytest.approx(750.0)


def test_short_record_serves_its_days_and_refuses_later_ones() -> None:
    traffic = Traffic.observed(new_units=[1_000, 800, 700])
    assert duration(total=1_500, traffic=traffic, whole_weeks=False).days == 2
    beyond = duration(total=10_000, traffic=traffic)
    assert (beyond.days, beyond.reason) == (None, Reason.TOO_SHORT_HISTORY)
    empty = Traffic.observed(new_units=np.zeros(30))
    assert duration(total=10, traffic=empty).reason is Reason.NO_UNITS


def test_units_that_never_come_are_a_reason() -> None:
    found = duration(total=10**9, traffic=Traffic.constant(new_units_per_day=1), horizon_days=100)
    assert (found.days, found.enrolment_days, found.units) == (None, None, None)
    assert found.reason is Reason.BEYOND_HORIZON


def test_share_weeks_and_window_count() -> None:
    traffic = Traffic.constant(new_units_per_day=1_000)
    found = duration(total=4_000, traffic=traffic, exposed_share=0.5, window_days=3)
    assert (found.enrolment_days, found.days, found.units) == (14, 17, 7_000.0)


def test_daily_plan_is_the_plan_of_each_days_units() -> None:
    baseline = mean_baseline(mean=20, standard_deviation=20)
    design = ExperimentDesign()
    traffic = Traffic.observed(new_units=[900, 700, 600, 500, 450, 400, 380, 360])
    plan = daily_plan(baseline=baseline, design=design, traffic=traffic, effect=0.05, days=20)
    expected = power(baseline=baseline, effect=0.05, total=plan.units[11], design=design)
    assert plan.power[11] == float(expected.power)
    detect = minimum_detectable_effect(baseline=baseline, total=plan.units[11], design=design)
    assert plan.detectable[11] == pytest.approx(float(detect.relative), rel=1e-12)
    assert np.all(np.diff(plan.detectable) < 0)


def test_daily_plan_of_a_guardrail_gives_margins() -> None:
    baseline = mean_baseline(mean=20, standard_deviation=20)
    design = ExperimentDesign(hypothesis=NonInferiority(margin=0.02))
    plan = daily_plan(baseline=baseline, design=design, traffic=Traffic.constant(new_units_per_day=1_000), days=5)
    margin = smallest_margin(baseline=baseline, total=5_000, design=design)
    assert plan.detectable[-1] == pytest.approx(float(margin.relative), rel=1e-12)


def test_daily_plan_beyond_a_short_record_is_a_reason() -> None:
    plan = daily_plan(
        baseline=mean_baseline(mean=20, standard_deviation=20),
        design=ExperimentDesign(),
        traffic=Traffic.observed(new_units=[100, 90]),
        effect=0.1,
        days=4,
    )
    assert reasons_of(plan.reason) == (None, None, Reason.TOO_SHORT_HISTORY, Reason.TOO_SHORT_HISTORY)
    assert np.isnan(plan.power[2:]).all()


@pytest.mark.parametrize("share", [0.0, 1.01])
def test_impossible_share_is_refused(share: float) -> None:
    with pytest.raises(StatisticsError):
        duration(total=10, traffic=Traffic.constant(new_units_per_day=1), exposed_share=share)


@pytest.mark.parametrize("record", [[], [1.0, -1.0], [[1.0]], [np.nan]])
def test_impossible_record_is_refused(record: list[float]) -> None:
    with pytest.raises(StatisticsError):
        Traffic.observed(new_units=record)


@settings(deadline=None)
@given(
    record=st.lists(st.integers(0, 10_000), min_size=7, max_size=40).filter(any),
    total=st.floats(1, 1e6),
    more=st.floats(1.01, 5),
)
def test_more_units_never_take_fewer_days(record: list[int], total: float, more: float) -> None:
    traffic = Traffic.observed(new_units=record)
    assert np.all(np.isfinite(traffic.expected_new(days=100)))
    short = duration(total=total, traffic=traffic, horizon_days=2_000)
    long = duration(total=total * more, traffic=traffic, horizon_days=2_000)
    if long.days is not None:
        assert short.days is not None
        assert short.days <= long.days
