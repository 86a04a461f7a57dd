"""Was the split even before the launch, and do the data allow the next step of a ramp?"""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.balance import LEVEL, HistoryBalance
from analytics.safety import FEWEST_UNITS, ResultsGuard
from experiments.allocation import holdout, layers, traffic
from experiments.assignment.bucketing import assign, bucket
from experiments.designs import checklist
from experiments.designs.drafting import read_design
from experiments.models import Experiment, Holdout, Metric
from experiments.public import EventInput, get_run_design, new_event_id, record
from tests.analytics.traffic import store, visitors

pytestmark = pytest.mark.django_db
UNITS = 800


def past(seed, *, clicks):
    """Record people of the last weeks; ``clicks`` says by the arm that the seed gives them whether they clicked."""
    at, events = timezone.now() - timedelta(days=3), []
    for number in range(UNITS):
        unit = f"past-{number}"
        arm = assign(seed=seed, unit=unit, weights=[0.5, 0.5], coverage=1.0)
        names = ["page_view", "click"] if clicks(number, arm) else ["page_view"]
        events += [
            EventInput(
                event_id=new_event_id(at + timedelta(seconds=order)),
                occurred_at=at + timedelta(seconds=order),
                name=name,
                unit_id=unit,
                properties={"page": "home"},
            )
            for order, name in enumerate(names)
        ]
    record(events=events)


def test_seed_that_splits_the_past_evenly_is_balanced(draft):
    past(draft.seed, clicks=lambda number, _arm: number % 3 == 0)
    found = HistoryBalance().balance(read_design(draft))
    assert (found.units, sum(found.per_arm), found.is_balanced) == (UNITS, UNITS, True)


def test_seed_that_splits_the_past_unevenly_is_found_and_another_one_mends_it(draft, analyst):
    """More of those who fell into the treatment clicked before there was any treatment."""
    past(draft.seed, clicks=lambda number, arm: number % 10 < (3 if arm == 0 else 5))
    found = HistoryBalance().balance(read_design(draft))
    assert not found.is_balanced
    assert found.smallest_p < LEVEL
    assert {item.key: item.state for item in checklist.checklist_of(draft)}["balance"] == "warn"
    traffic.draw_seed(draft, actor=analyst)
    draft.refresh_from_db()
    assert HistoryBalance().balance(read_design(draft)).smallest_p > found.smallest_p


def test_ratio_is_tested_by_its_linear_form(draft):
    past(draft.seed, clicks=lambda number, _arm: number % 3 == 0)
    ratio = replace(
        read_design(draft).oec,
        key="clicks-per-view",
        type="ratio",
        numerator_aggregation="count",
        denominator_event="page_view",
        denominator_aggregation="count",
    )
    found = HistoryBalance().balance(replace(read_design(draft), oec=ratio))
    assert 0 < found.smallest_p <= 1


def test_only_units_of_the_slot_are_tested(draft, team, analyst):
    past(draft.seed, clicks=lambda number, _arm: number % 3 == 0)
    layer = layers.create(key="home", name="Home", team=team, description="", actor=analyst)
    wanted = traffic.TrafficInput(coverage=1.0, layer=layer, layer_share=0.5)
    traffic.set_traffic(draft, wanted, actor=analyst)
    draft = Experiment.objects.get(pk=draft.pk)
    inside = sum(bucket(seed=layer.seed, unit=f"past-{number}") < 0.5 for number in range(UNITS))
    assert HistoryBalance().balance(read_design(draft)).units == inside


def test_units_held_out_are_not_tested(draft, admin):
    past(draft.seed, clicks=lambda number, _arm: number % 3 == 0)
    holdout.set_share(0.3, actor=admin)
    seed = Holdout.objects.get().seed
    inside = sum(bucket(seed=seed, unit=f"past-{number}") >= 0.3 for number in range(UNITS))
    assert HistoryBalance().balance(read_design(draft)).units == inside < UNITS


def test_too_little_history_is_said_not_guessed(draft):
    assert HistoryBalance().balance(read_design(draft)) is None


def test_nobody_exposed_yet_is_not_enough(started, draft):
    found = ResultsGuard().check(get_run_design(draft.key))
    assert not found.is_enough
    assert len(found.objections()) == 1


def seen(started, counts, **changes):
    settings = {
        "click_rate": {"control": 0.3, "discount": 0.3},
        "order_rate": {"control": 0.4, "discount": 0.4},
        "spend": {"control": 20000, "discount": 20000},
    }
    store(started, visitors(started, per_variant=counts, **{**settings, **changes}))


def test_even_split_without_harm_goes_on(started, draft):
    Experiment.objects.get(pk=draft.pk)
    seen(started, {"control": 400, "discount": 405})
    found = ResultsGuard().check(get_run_design(draft.key))
    assert (found.units, found.fewest, found.needed) == (805, 400, FEWEST_UNITS)
    assert found.objections() == []


def test_uneven_split_objects(started, draft):
    seen(started, {"control": 400, "discount": 600})
    found = ResultsGuard().check(get_run_design(draft.key))
    assert found.mismatch
    assert "sample ratio" in found.objections()[0]


def test_harmed_guardrail_objects_by_name(started, draft):
    seen(started, {"control": 800, "discount": 805}, spend={"control": 20000, "discount": 9000})
    found = ResultsGuard().check(get_run_design(draft.key))
    assert found.harmed == (Metric.objects.get(key="aov").name,)
