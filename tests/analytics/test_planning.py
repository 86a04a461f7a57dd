"""The builder's planner: sample sizes, days, and baselines from the history."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.utils import timezone
from statsmodels.stats.power import NormalIndPower, TTestIndPower

from analytics.planning import StatisticsPlanner
from experiments.designs.design import MetricDefinition
from experiments.designs.drafting import define
from experiments.models import Metric
from experiments.planning.planning_hooks import AT_ANY_TIME, Follows, GuardrailQuestion, PlanQuestion
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


def test_ramp_takes_its_days_off_the_units_that_have_come():
    """A tenth on the first day and a half on the second: 600 instead of 2,000, and 1,400 are missing from then on."""
    whole = PLANNER.plan(replace(QUESTION, mde=0.05))
    ramped = PLANNER.plan(replace(QUESTION, mde=0.05, ramp=(0.1, 0.5)))
    assert ramped.arriving[:3] == (100, 600, 1600)
    assert whole.arriving[-1] - ramped.arriving[len(whole.arriving) - 1] == 1400
    assert ramped.total == whole.total
    assert ramped.first_day == math.ceil((whole.total + 1400) / 1000)


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


@pytest.mark.parametrize("split", [0.5, 0.8])
def test_proportion_needs_what_statsmodels_says(split):
    plan = PLANNER.plan(replace(QUESTION, weights=(split, 1 - split)))
    ratio = (1 - split) / split
    # One standardised effect for both arms' own variances, as the split weighs them.
    variance = (0.1 * 0.9 / 1 + 0.11 * 0.89 / ratio) / (1 + 1 / ratio)
    control = NormalIndPower().solve_power(effect_size=0.01 / math.sqrt(variance), alpha=0.05, power=0.8, ratio=ratio)
    assert plan.total == pytest.approx(control * (1 + ratio), rel=1e-3)


def test_mean_needs_what_statsmodels_says():
    plan = PLANNER.plan(replace(QUESTION, metric=ARPU, baseline=100.0, deviation=200.0))
    arm = TTestIndPower().solve_power(effect_size=10 / 200, alpha=0.05, power=0.8)
    assert plan.total == 2 * math.ceil(arm)


def test_correlation_saves_its_square():
    mean = replace(QUESTION, metric=ARPU, baseline=100.0, deviation=200.0)
    plain, adjusted = PLANNER.plan(mean), PLANNER.plan(replace(mean, correlation=0.6))
    assert adjusted.total == pytest.approx(plain.total * (1 - 0.6**2), rel=1e-3)


def test_third_quantity_follows_from_the_other_two():
    """Six weeks found with the plan's effect: given back as weeks, effect and power."""
    plan = PLANNER.plan(QUESTION)
    given = replace(QUESTION, weeks=plan.weeks)
    found = PLANNER.plan(replace(given, mde=0.5, follows=Follows.MDE))
    assert found.mde <= QUESTION.mde
    assert PLANNER.plan(replace(QUESTION, mde=found.mde)).total == pytest.approx(found.total, rel=2e-3)
    reached = PLANNER.plan(replace(given, mde=found.mde, follows=Follows.POWER))
    assert reached.power == pytest.approx(QUESTION.power, abs=2e-3)
    assert (found.days, reached.days) == (plan.days, plan.days)


def test_weeks_without_traffic_say_what_is_missing():
    plan = PLANNER.plan(replace(QUESTION, daily_units=None, follows=Follows.MDE, weeks=3))
    assert plan.total is None
    assert "visitors per day" in plan.reason


def test_hand_typed_units_are_told_their_power():
    plan = PLANNER.plan(replace(QUESTION, typed_units=10_000))
    variance = (0.1 * 0.9 + 0.11 * 0.89) / 2
    expected = NormalIndPower().power(effect_size=0.01 / math.sqrt(variance), nobs1=5000, alpha=0.05)
    assert plan.typed_power == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("looks", [2, 4, AT_ANY_TIME])
def test_looks_cost_units_at_most_and_save_them_on_average(looks):
    once, watched = PLANNER.plan(QUESTION), PLANNER.plan(replace(QUESTION, looks=looks))
    assert watched.total == pytest.approx(once.total * watched.inflation, rel=1e-3)
    assert watched.total > once.total
    assert watched.average_units < watched.total
    assert watched.power == pytest.approx(0.8, abs=1e-3)


def test_more_arms_share_alpha_and_the_smallest_decides():
    """By hand: alpha / 2 for each of two comparisons, a third of the units in each arm."""
    plan = PLANNER.plan(replace(QUESTION, weights=(1 / 3, 1 / 3, 1 / 3)))
    arm = textbook(0.1, 0.1, alpha_quantile=2.241403) / 2
    assert plan.total == pytest.approx(3 * arm, rel=2e-3)


def test_curve_passes_through_the_plan_and_weeks_grow_as_effects_shrink():
    plan = PLANNER.plan(QUESTION)
    middle = plan.curve[len(plan.curve) // 2]
    assert middle.mde == pytest.approx(0.1)
    assert middle.total == pytest.approx(plan.total, rel=1e-3)
    assert middle.weeks == plan.weeks
    weeks = [point.weeks for point in plan.curve if point.weeks]
    assert weeks == sorted(weeks, reverse=True)


def test_sketch_agrees_with_the_plan():
    plan = PLANNER.plan(QUESTION)
    sketch = PLANNER.sketch(QUESTION, days=plan.days)
    assert (sketch.total, sketch.days, sketch.average_units) == (plan.total, plan.days, plan.total)
    assert sketch.mde == pytest.approx(plan.after_week(plan.weeks).mde)


def test_guardrail_has_the_power_of_a_one_sided_test_at_its_margin():
    """By hand: the estimate of treatment - 0.95 control against its standard error, at half of alpha."""
    guardrail = GuardrailQuestion(metric=ARPU, margin=0.05, baseline=100.0, deviation=200.0)
    found = PLANNER.guardrails(QUESTION, [guardrail], total=60_000)[0]
    error = 200 * math.sqrt((1 + 0.95**2) / 30_000)
    assert found.power == pytest.approx(normal_cdf(5 / error - 1.959964), abs=1e-3)
    assert found.total == pytest.approx(60_000 * ((1.959964 + 0.841621) / (5 / error)) ** 2, rel=1e-3)
    assert PLANNER.guardrails(QUESTION, [guardrail], total=found.total)[0].smallest_margin == pytest.approx(
        0.05, rel=1e-3
    )


def normal_cdf(value):
    return (1 + math.erf(value / math.sqrt(2))) / 2


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
