"""The planning page: what it says, what follows from what, and what a save keeps."""

from __future__ import annotations

import re
from decimal import Decimal
from statistics import NormalDist

import pytest

from experiments.allocation import holdout, layers, traffic
from experiments.designs.design import RampStep
from experiments.designs.drafting import VariantInput, set_variants
from experiments.planning.planning_hooks import AT_ANY_TIME
from tests.experiments.pages.conftest import state_of

pytestmark = pytest.mark.django_db

PLAN = "/experiments/hero-discount/plan/"


@pytest.fixture
def typed(plan_data):
    return {**plan_data, "follows": "weeks", "weeks": "2", "split": "50", "arms": "2", "looks": "1"}


def words(response):
    """Return the page's text without tags and with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def test_trade_is_said_in_weeks_and_in_the_metrics_own_unit(as_analyst, draft, typed):
    response = as_analyst.post(f"{PLAN}estimate/", typed | {"mde": "10"})
    plan = response.context["plan"]
    assert plan.total == 7522
    assert plan.weeks == 3
    assert f"3 weeks find +10.0% (30.0% → 33.0%); 1 week finds only +{plan.after_week(1).mde * 100:.1f}%." in words(
        response
    )
    assert "30 more of 1,000 visitors." in words(response)


def test_layer_holdout_and_ramp_are_taken_off_the_visitors_and_said(as_analyst, draft, typed, team, analyst, admin):
    whole = as_analyst.post(f"{PLAN}estimate/", typed).context["plan"]
    layer = layers.create(key="home", name="Home", team=team, description="", actor=analyst)
    ramp = (RampStep(coverage=0.1, hours=24), RampStep(coverage=0.5, hours=36))
    wanted = traffic.TrafficInput(coverage=1.0, layer=layer, layer_share=0.5, ramp=ramp)
    traffic.set_traffic(draft, wanted, actor=analyst)
    holdout.set_share(0.1, actor=admin)
    response = as_analyst.post(f"{PLAN}estimate/", typed)
    plan = response.context["plan"]
    open_units = 0.5 * 0.9 * whole.arriving[0]
    # A tenth on the first day, a half on the second, a half and all of it in halves of the third.
    assert plan.arriving[:4] == tuple(int(open_units * days) for days in (0.1, 0.6, 1.35, 2.35))
    assert "Only 45% of the visitors are open to this experiment" in words(response)
    assert "The ramp holds visitors back on the first 3 days" in words(response)


def test_experiment_that_takes_the_held_out_in_counts_on_them(as_analyst, draft, typed, analyst, admin):
    holdout.set_share(0.1, actor=admin)
    kept = as_analyst.post(f"{PLAN}estimate/", typed).context["plan"]
    traffic.set_traffic(draft, traffic.TrafficInput(coverage=1.0, keeps_holdout=False), actor=analyst)
    taken = as_analyst.post(f"{PLAN}estimate/", typed).context["plan"]
    assert kept.arriving[6] == pytest.approx(0.9 * taken.arriving[6], abs=1)


def test_weeks_give_the_effect_that_they_find(as_analyst, draft, typed):
    response = as_analyst.post(f"{PLAN}estimate/", typed | {"follows": "mde", "weeks": "3", "mde": "99"})
    plan = response.context["plan"]
    assert (plan.total, plan.days) == (10_500, 21)
    # By hand: both arms' own variances, and the difference that 10,500 units find with a power of 80%.
    other = 0.3 * (1 + plan.mde)
    needed = 2 * (1.959964 + 0.841621) ** 2 * (0.3 * 0.7 + other * (1 - other)) / (other - 0.3) ** 2
    assert needed == pytest.approx(10_500, rel=1e-3)
    assert f'data-mde="{plan.mde}"' in response.content.decode()


def test_what_follows_is_what_a_save_keeps(as_analyst, draft, typed):
    as_analyst.post(f"{PLAN}save/", typed | {"follows": "mde", "weeks": "3", "mde": "99"})
    draft.refresh_from_db()
    assert (draft.mde, draft.planned_units, draft.planned_days) == (pytest.approx(0.0845, abs=1e-4), 10_500, 21)
    as_analyst.post(f"{PLAN}save/", typed | {"follows": "power", "weeks": "3", "mde": "8"})
    draft.refresh_from_db()
    error = ((0.3 * 0.7 + 0.324 * 0.676) / 5250) ** 0.5
    assert draft.power == pytest.approx(NormalDist().cdf(0.024 / error - 1.959964), abs=1e-3)


def test_power_below_a_half_is_refused_at_its_field(as_analyst, draft, typed):
    before = state_of(draft)
    response = as_analyst.post(f"{PLAN}save/", typed | {"follows": "power", "weeks": "1", "mde": "2"})
    assert response.status_code == 422
    assert "power" in response.context["form"].errors
    assert state_of(draft) == before


def test_looks_and_cuped_are_saved_and_frozen_into_the_design(as_analyst, draft, typed):
    as_analyst.post(f"{PLAN}save/", typed | {"looks": str(AT_ANY_TIME), "cuped_correlation": "0.4"})
    draft.refresh_from_db()
    assert (draft.looks, draft.cuped_correlation) == (AT_ANY_TIME, 0.4)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"looks": "21"}, "looks"),
        ({"cuped_correlation": "1"}, "cuped_correlation"),
        ({"cuped_correlation": "-0.1"}, "cuped_correlation"),
        ({"weeks": "0"}, "weeks"),
        ({"weeks": "53"}, "weeks"),
        ({"split": "0"}, "split"),
        ({"split": "100"}, "split"),
        ({"arms": "1"}, "arms"),
        ({"follows": "luck"}, "follows"),
    ],
)
def test_wrong_choice_says_so_at_its_field(as_analyst, draft, typed, changes, field):
    before = state_of(draft)
    response = as_analyst.post(f"{PLAN}save/", typed | changes)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert state_of(draft) == before


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"power": "60"}, "is missed 40% of the time"),
        ({"daily_units": "10"}, "more than a year"),
        ({"mde": "60"}, "Hardly any change moves a metric by 60%"),
        ({"alpha": "25"}, "one change in 4 that does nothing"),
        ({"mde": "20", "daily_units": "1000"}, "The units are there after 2 days."),
        ({"mde": "3", "daily_units": "800"}, "weeks are long"),
    ],
)
def test_unrealistic_plan_is_named(as_analyst, draft, typed, changes, sentence):
    assert sentence in words(as_analyst.post(f"{PLAN}estimate/", typed | changes))


def test_days_typed_by_hand_that_are_too_few_are_named(as_analyst, draft, typed):
    assert "In the 1 day typed, " in words(as_analyst.post(f"{PLAN}estimate/", typed | {"planned_days": "1"}))
    assert "days typed" not in words(as_analyst.post(f"{PLAN}estimate/", typed | {"planned_days": "60"}))


def test_sound_plan_has_no_remark(as_analyst, draft, typed):
    response = as_analyst.post(f"{PLAN}estimate/", typed | {"mde": "10"})
    assert response.context["remarks"] == []


def test_alternatives_stand_beside_the_plan_with_what_they_change(as_analyst, draft, typed):
    response = as_analyst.post(f"{PLAN}compare/", typed | {"mde": "10"})
    rows = {row.label: row for row in response.context["rows"]}
    assert rows["This plan"].sketch.total == 7522
    assert rows["Split 90 / 10"].takes == {"split": "90.00"}
    assert rows["Split 90 / 10"].sketch.total == pytest.approx(7522 / (4 * 0.9 * 0.1), rel=0.05)
    assert rows["Read at any time (always valid)"].more == pytest.approx(0.72, abs=0.01)
    assert rows["Power 90%"].more == pytest.approx(0.34, abs=0.01)
    assert len(rows) == 8


def test_row_is_taken_over_without_javascript_and_saves_nothing(as_analyst, draft, typed):
    before = state_of(draft)
    response = as_analyst.post(f"{PLAN}recalculate/", typed | {"mde": "10", "take": "arms=3&split=33.33"})
    assert response.status_code == 200
    assert response.context["form"]["arms"].value() == "3"
    assert len(response.context["plan"].per_arm) == 3
    assert "add or remove them in the second step" in words(response)
    assert state_of(draft) == before


def test_tried_split_becomes_the_variants_weights(as_analyst, draft, typed):
    response = as_analyst.post(f"{PLAN}weights/", typed | {"split": "90", "mde": "10"})
    assert response.status_code == 302
    assert list(draft.variants.order_by("position").values_list("weight", flat=True)) == [Decimal(90), Decimal(10)]
    draft.refresh_from_db()
    assert draft.mde == 0.1


def test_other_number_of_variants_cannot_become_weights(as_analyst, draft, typed):
    before = state_of(draft)
    response = as_analyst.post(f"{PLAN}weights/", typed | {"arms": "3", "split": "33.33"})
    assert response.status_code == 422
    assert state_of(draft) == before


def test_untouched_split_counts_on_the_variants_unequal_weights(as_analyst, draft, analyst, typed):
    arms = list(draft.variants.order_by("position"))
    weights = [Decimal(60), Decimal(30), Decimal(10)]
    keys = [arms[0].key, arms[1].key, "third"]
    values = [arms[0].value, arms[1].value, arms[1].value]
    set_variants(
        draft,
        [VariantInput(key=k, name=k, weight=w, value=v) for k, w, v in zip(keys, weights, values, strict=True)],
        actor=analyst,
    )
    page = as_analyst.get(PLAN)
    assert page.context["question"].weights == (0.6, 0.3, 0.1)
    assert "only tried" not in words(page)


def test_layers_slot_takes_its_share_of_the_visitors(as_analyst, draft, typed):
    whole = as_analyst.post(f"{PLAN}estimate/", typed).context["plan"]
    draft.layer_start, draft.layer_end = 0, 2500
    from experiments.forms.plan import PlanForm  # noqa: PLC0415 - the slot is not saved: no layer is needed here

    form = PlanForm(typed, experiment=draft)
    quarter = form.answer()
    assert quarter.total == whole.total
    assert quarter.weeks == pytest.approx(4 * whole.weeks, abs=4)


def test_computed_units_stay_open_and_typed_ones_stay_typed(as_analyst, draft, typed):
    as_analyst.post(f"{PLAN}save/", typed | {"mde": "10"})
    page = as_analyst.get(PLAN)
    assert page.context["form"]["planned_units"].value() is None
    as_analyst.post(f"{PLAN}save/", typed | {"mde": "10", "planned_units": "5000"})
    page = as_analyst.get(PLAN)
    assert page.context["form"]["planned_units"].value() == 5000
    assert "Planned by hand: 5,000 units instead of 7,522. They reach a power of 63%." in words(page)


def test_guardrail_without_history_says_so(as_analyst, draft, typed):
    response = as_analyst.post(f"{PLAN}compare/", typed)
    assert "There is no history of this metric on this page yet." in words(response)


@pytest.mark.parametrize("person", ["as_viewer", "as_other_lead", "as_stranger"])
@pytest.mark.parametrize("path", ["compare/", "recalculate/", "weights/"])
def test_people_of_another_role_or_team_are_refused(request, draft, person, path, typed):
    before = state_of(draft)
    assert request.getfixturevalue(person).post(f"{PLAN}{path}", typed).status_code == 403
    assert state_of(draft) == before
