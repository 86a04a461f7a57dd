"""The builder's planner: sample sizes, days, and baselines from the history."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.utils import timezone

from analytics.planning import StatisticsPlanner
from experiments.design import MetricDefinition
from experiments.drafting import define
from experiments.models import Metric
from experiments.planning_hooks import PlanQuestion
from experiments.public import EventInput, new_event_id, record

CTR = MetricDefinition(
    key="ctr", name="CTR", type="proportion", numerator_event="click", numerator_aggregation="exists", unit="percent"
)
ARPU = replace(CTR, key="arpu", type="mean", numerator_event="purchase", numerator_aggregation="sum", unit="won")
QUESTION = PlanQuestion(
    metric=CTR,
    baseline=0.1,
    deviation=None,
    mde=0.1,
    alpha=0.05,
    power=0.8,
    weights=(0.5, 0.5),
    coverage=1.0,
    daily_units=1000,
)
PLANNER = StatisticsPlanner()


def textbook(baseline, effect, *, alpha_quantile=1.959964, power_quantile=0.841621):
    """Return units in two equal arms by the normal approximation with each arm's own variance."""
    other = baseline * (1 + effect)
    variance = baseline * (1 - baseline) + other * (1 - other)
    return 2 * (alpha_quantile + power_quantile) ** 2 * variance / (other - baseline) ** 2


def test_proportion_needs_what_the_textbook_says():
    plan = PLANNER.plan(QUESTION)
    assert plan.total == pytest.approx(textbook(0.1, 0.1), rel=2e-3)
    assert sum(plan.per_arm) == plan.total
    assert plan.power >= 0.8


def test_effect_of_a_metric_to_be_lowered_is_a_decrease():
    plan = PLANNER.plan(replace(QUESTION, metric=replace(CTR, direction="decrease")))
    assert plan.total == pytest.approx(textbook(0.1, -0.1), rel=2e-3)


def test_smaller_effects_need_more_units_all_along_the_curve():
    plan = PLANNER.plan(QUESTION)
    totals = [point.total for point in plan.curve]
    assert totals == sorted(totals, reverse=True)
    assert min(point.mde for point in plan.curve) < 0.1 < max(point.mde for point in plan.curve)


def test_days_are_whole_weeks_and_halve_with_the_coverage():
    full, half = PLANNER.plan(QUESTION), PLANNER.plan(replace(QUESTION, coverage=0.5))
    assert full.days == math.ceil(full.total / 1000 / 7) * 7
    assert half.days == math.ceil(half.total / 500 / 7) * 7
    assert half.total == full.total


def test_power_over_days_passes_the_target_when_the_units_are_in():
    plan = PLANNER.plan(QUESTION)
    enough = next(point for point in plan.daily if point.power >= 0.8)
    assert enough.units == pytest.approx(plan.total, abs=1000)


def test_falling_traffic_takes_longer_than_an_even_flow():
    falling = tuple(round(2000 / day**0.4) for day in range(1, 15))
    assert PLANNER.plan(replace(QUESTION, new_units=falling)).days > PLANNER.plan(QUESTION).days


def test_mean_without_a_deviation_says_what_is_missing():
    plan = PLANNER.plan(replace(QUESTION, metric=ARPU, baseline=9000.0))
    assert plan.total is None
    assert "standard deviation" in plan.reason


def test_effect_beyond_the_range_is_named():
    plan = PLANNER.plan(replace(QUESTION, baseline=0.9, mde=0.5))
    assert plan.total is None
    assert "below 0% or above 100%" in plan.reason


def test_endless_duration_is_named_and_the_units_stay():
    plan = PLANNER.plan(replace(QUESTION, daily_units=1))
    assert plan.total
    assert plan.days is None
    assert "more than a year" in plan.reason_days


def test_without_daily_units_there_are_no_days():
    plan = PLANNER.plan(replace(QUESTION, daily_units=None))
    assert plan.total
    assert (plan.days, plan.daily) == (None, ())
    assert plan.reason_days


@pytest.fixture
def history(catalogue):
    """200 units over eight days: all view home; every fourth clicks; every tenth buys, half of them twice."""
    now = timezone.now()
    events = []

    def add(unit, name, at, amount=None, **properties):
        value = None if amount is None else Decimal(amount)
        events.append(
            EventInput(
                event_id=new_event_id(at),
                name=name,
                unit_id=f"u{unit}",
                occurred_at=at,
                amount=value,
                properties=properties,
            )
        )

    for unit in range(200):
        at = now - timedelta(days=unit % 8, hours=1)
        add(unit, "click", at - timedelta(minutes=5), component="hero")  # before the first view: does not count
        add(unit, "page_view", at, page="home")
        if unit % 4 == 0:
            add(unit, "click", at + timedelta(minutes=1), component="hero")
        if unit % 10 == 0:
            add(unit, "purchase", at + timedelta(minutes=2), 10_000, order=f"a{unit}")
        if unit % 20 == 0:
            add(unit, "purchase", at + timedelta(minutes=3), 40_000, order=f"b{unit}")
        if unit % 2 == 0:
            add(unit, "page_view", at + timedelta(minutes=4), page="search")
    record(events=events, using="default")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("metric", "surface", "value", "units"),
    [
        ("ctr", "home", 0.25, 200),
        ("arpu", "home", 3000.0, 200),
        ("orders", "home", 0.15, 200),
        ("aov", "home", 20_000.0, 200),
        ("ctr", "external", 0.25, 200),
    ],
)
def test_baseline_is_the_metric_after_the_first_view_of_the_page(history, metric, surface, value, units):
    found = PLANNER.baseline(define(Metric.objects.get(key=metric)), surface=surface)
    assert found.value == pytest.approx(value)
    assert found.units == units
    assert sum(found.new_units) == 200
    assert found.daily_units == 25


@pytest.mark.django_db
def test_deviation_of_a_mean_is_that_between_units(history):
    found = PLANNER.baseline(define(Metric.objects.get(key="arpu")), surface="home")
    amounts = np.array([10_000 * (unit % 10 == 0) + 40_000 * (unit % 20 == 0) for unit in range(200)])
    assert found.deviation == pytest.approx(amounts.std(ddof=1))


@pytest.mark.django_db
def test_deviation_of_a_ratio_is_that_of_the_delta_method(history):
    """By hand: each unit's contribution is (amount - ratio x orders) / mean orders."""
    found = PLANNER.baseline(define(Metric.objects.get(key="aov")), surface="home")
    amounts = np.array([10_000 * (unit % 10 == 0) + 40_000 * (unit % 20 == 0) for unit in range(200)])
    orders = np.array([(unit % 10 == 0) + (unit % 20 == 0) for unit in range(200)])
    contributions = (amounts - amounts.sum() / orders.sum() * orders) / orders.mean()
    assert found.deviation == pytest.approx(contributions.std(ddof=1))


@pytest.mark.django_db
def test_too_little_history_gives_no_baseline(history):
    assert PLANNER.baseline(CTR, surface="cart") is None
