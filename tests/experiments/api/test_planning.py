"""Plans and baselines for programs: the numbers of the planning page, worked out and not stored."""

import pytest

from experiments.models import Experiment
from experiments.planning import plan_page
from tests.experiments.api.calling import is_problem, patch

pytestmark = pytest.mark.django_db

PATH = "experiments/hero-discount/plan/"
GIVEN = {"metric": "cvr", "baseline": 0.2, "daily_units": 1000}


def test_an_experiments_plan_is_that_of_its_page_and_changes_nothing(reader, manager, draft):
    patch(manager, "experiments/hero-discount/", {"daily_units": 1000}, if_match="*")
    before = manager.get("experiments/hero-discount/").content
    draft.refresh_from_db()
    page = plan_page.estimate(draft, plan_page.as_saved(draft))
    told = reader.post(PATH, {}).json()
    assert told["plan"]["total"] == page["plan"].total
    assert (told["plan"]["days"], told["in_words"]) == (page["plan"].days, page["trade"])
    assert (told["asked"]["metric"], told["asked"]["weights"]) == ("ctr", [0.5, 0.5])
    assert manager.get("experiments/hero-discount/").content == before


def test_other_numbers_give_another_plan(reader, draft):
    small, large = (reader.post(PATH, {"mde": mde}).json()["plan"]["total"] for mde in (0.02, 0.2))
    assert small > large
    uneven = reader.post(PATH, {"mde": 0.02, "weights": [0.8, 0.2]}).json()
    assert uneven["plan"]["total"] > small
    assert uneven["plan"]["per_arm"][0] > uneven["plan"]["per_arm"][1]


def test_the_effect_follows_from_given_weeks(reader, draft):
    body = {"daily_units": 500, "follows": "mde", "weeks": 3}
    told = reader.post(PATH, body).json()
    assert told["plan"]["days"] == 21
    assert told["asked"]["mde"] == told["plan"]["mde"]
    longer = reader.post(PATH, {**body, "weeks": 6}).json()
    assert longer["plan"]["mde"] < told["plan"]["mde"]


def test_a_comparison_tells_guardrails_and_alternatives(reader, draft):
    told = reader.post(PATH, {"compare": True}).json()
    assert [item["metric"] for item in told["guardrails"]] == ["aov"]
    assert told["alternatives"][0]["total"] == told["plan"]["total"]
    assert len(told["alternatives"]) > 3


def test_a_plan_needs_no_experiment(reader, catalogue):
    told = reader.post("plan/", GIVEN).json()
    assert told["plan"]["total"] > 1000
    assert told["plan"]["days"] % 7 == 0
    more_arms = reader.post("plan/", {**GIVEN, "weights": [0.25, 0.25, 0.25, 0.25]}).json()
    assert len(more_arms["plan"]["per_arm"]) == 4
    assert not Experiment.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"baseline": 1.5}, "baseline"),
        ({"baseline": None}, "baseline"),
        ({"baseline": 1e-300}, "baseline"),
        ({"metric": "aov", "baseline_deviation": 1e300}, "baseline_deviation"),
        ({"mde": 0}, "mde"),
        ({"power": 0.1}, "power"),
        ({"alpha": "NaN"}, "alpha"),
        ({"weights": [0.5, 0.4]}, "weights"),
        ({"weights": [1]}, "weights"),
        ({"looks": 21}, "looks"),
        ({"follows": "luck"}, "follows"),
        ({"condition": {"$nope": 1}, "surface": "home"}, "condition"),
        ({"metrik": "x"}, "metrik"),
    ],
)
def test_numbers_that_make_no_plan_are_refused_at_their_field(reader, catalogue, changes, field):
    assert field in is_problem(reader.post("plan/", {**GIVEN, **changes}), 400)["errors"]


def test_what_no_number_of_units_reaches_says_why(reader, catalogue):
    told = reader.post("plan/", {**GIVEN, "baseline": 0.9, "mde": 0.5}).json()
    assert told["plan"]["total"] is None
    assert told["plan"]["reason"] == told["in_words"] != ""


@pytest.mark.parametrize("extreme", [{"baseline": 1e-9}, {"daily_units": 1}, {"daily_units": 2_000_000_000}])
def test_extreme_numbers_are_answered(reader, catalogue, extreme):
    assert reader.post("plan/", {**GIVEN, **extreme, "compare": True}).status_code == 200


def test_extreme_values_of_a_mean_are_answered(reader, catalogue):
    for baseline, deviation in ((1e-9, 1e12), (1e12, 1e-9), (1e12, 1e12)):
        body = {"metric": "aov", "baseline": baseline, "baseline_deviation": deviation, "daily_units": 10}
        assert reader.post("plan/", {**body, "mde": 10}).status_code == 200


def test_without_history_there_is_no_baseline_and_a_plan_asks_for_it(reader, draft):
    is_problem(reader.get("experiments/hero-discount/baseline/"), 404)
    is_problem(reader.post("plan/baseline/", {"metric": "ctr", "surface": "home"}), 404)
    assert "baseline" in is_problem(reader.post("plan/", {"metric": "ctr", "surface": "home"}), 400)["errors"]


def test_a_draft_without_an_oec_has_no_plan(reader, manager, draft):
    patch(manager, "experiments/hero-discount/", {"oec": None, "guardrails": {}}, if_match="*")
    is_problem(reader.post(PATH, {}), 409)
    is_problem(reader.get("experiments/hero-discount/baseline/"), 409)
