"""The steps, from nothing to a running experiment, and every way to type them wrong."""

from urllib.parse import parse_qs, urlsplit

import pytest

from experiments.models import Experiment, Feature, Metric, Run
from experiments.public import ExposureInput, read_preview, record
from experiments.running import lifecycle
from novarium.portal.models import AuditEntry
from tests.experiments.pages.conftest import form_data, state_of

pytestmark = pytest.mark.django_db


def new_data(**changes):
    return {
        "name": "Badge with a promise",
        "team": Feature.objects.get(key="home-hero-banner").team_id,
        "feature": Feature.objects.get(key="home-hero-banner").pk,
        "guardrails-TOTAL_FORMS": 2,
        "guardrails-INITIAL_FORMS": 0,
        **changes,
    }


def test_all_steps_lead_to_a_running_experiment(as_analyst, catalogue):
    assert as_analyst.get("/experiments/new/?feature=home-hero-banner").status_code == 200
    response = as_analyst.post("/experiments/new/save/", new_data(go="next"))
    assert response.headers["Location"] == "/experiments/badge-with-a-promise/variants/"
    page = as_analyst.get(response.headers["Location"])
    data = {"count": 2, "go": "next"}
    for arm in page.context["arms"]:
        data |= form_data(arm["form"])
    data["v1-p_badge"] = "In 20 minutes"
    response = as_analyst.post("/experiments/badge-with-a-promise/variants/save/", data)
    assert response.headers["Location"] == "/experiments/badge-with-a-promise/traffic/"
    page = as_analyst.get(response.headers["Location"])
    data = form_data(page.context["form"]) | {"steps-TOTAL_FORMS": 1, "steps-INITIAL_FORMS": 0}
    data |= {"steps-0-coverage": "10", "steps-0-hours": "24", "go": "next"}
    response = as_analyst.post("/experiments/badge-with-a-promise/traffic/save/", data)
    assert response.headers["Location"] == "/experiments/badge-with-a-promise/plan/"
    plan = {"baseline": "", "daily_units": "", "mde": "5", "alpha": "5", "power": "80", "coverage": "100"}
    response = as_analyst.post(
        "/experiments/badge-with-a-promise/plan/save/", plan | {"planned_units": "5000", "go": "next"}
    )
    assert response.headers["Location"] == "/experiments/badge-with-a-promise/review/"
    review = as_analyst.get(response.headers["Location"])
    assert {problem.step for problem in review.context["problems"]} == {"hypothesis"}
    hypothesis = {
        **new_data(who="New visitors", what="A promise", why="They are hungry"),
        "oec": Metric.objects.get(key="ctr").pk,
        "guardrails-0-metric": Metric.objects.get(key="aov").pk,
        "guardrails-0-margin": "2.5",
        "go": "review",
    }
    response = as_analyst.post("/experiments/badge-with-a-promise/hypothesis/save/", hypothesis)
    assert response.headers["Location"] == "/experiments/badge-with-a-promise/review/"
    assert as_analyst.get(response.headers["Location"]).context["problems"] == []
    response = as_analyst.post("/experiments/badge-with-a-promise/launch/")
    assert response.headers["Location"] == "/experiments/badge-with-a-promise/"
    run = Run.objects.get()
    assert run.snapshot["variants"][1]["value"]["badge"] == "In 20 minutes"
    assert run.snapshot["guardrails"][0]["margin"] == 0.025
    assert (run.snapshot["ramp"], run.phases.get().coverage) == ([{"coverage": 0.1, "hours": 24.0}], 0.1)


def test_control_keeps_the_default_text_as_a_message_id(as_analyst, analyst, draft, variants_data):
    """The page shows a Korean reader the translation; saving it unchanged must not freeze that language."""
    page = as_analyst.get("/experiments/hero-discount/variants/")
    data = {"count": 2}
    for arm in page.context["arms"]:
        data |= form_data(arm["form"])
    as_analyst.post("/experiments/hero-discount/variants/save/", data)
    assert draft.variants.get(position=0).value["title"] == "What are you hungry for?"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"feature": 0}, "feature"),
        ({"feature": "abc"}, "feature"),
        ({"team": ""}, "team"),
        ({"key": "hero-discount"}, "key"),
        ({"key": "new"}, "key"),
        ({"key": "Has Space"}, "key"),
        ({"key": "x" * 61}, "key"),
        ({"why": "x" * 2001}, "why"),
        ({"oec": 0}, "oec"),
    ],
)
def test_wrong_first_step_says_so_at_the_field_and_creates_nothing(as_analyst, draft, changes, field):
    response = as_analyst.post("/experiments/new/save/", new_data(**changes))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert f'id="id_{field}_error"'.encode() in response.content
    assert Experiment.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "row", "field"),
    [
        ({"guardrails-0-margin": ""}, 0, "margin"),
        ({"guardrails-0-margin": "0"}, 0, "margin"),
        ({"guardrails-0-margin": "100"}, 0, "margin"),
        ({"guardrails-0-margin": "NaN"}, 0, "margin"),
        ({"guardrails-0-metric": "", "guardrails-0-margin": "3"}, 0, "metric"),
        ({"guardrails-1-metric": "same", "guardrails-1-margin": "3"}, 1, "metric"),
    ],
)
def test_wrong_guardrail_says_so_in_its_row(as_analyst, draft, hypothesis_data, changes, row, field):
    before = state_of(draft)
    same = {name: hypothesis_data["guardrails-0-metric"] for name, value in changes.items() if value == "same"}
    response = as_analyst.post("/experiments/hero-discount/hypothesis/save/", hypothesis_data | changes | same)
    assert response.status_code == 422
    assert field in response.context["rows"].forms[row].errors
    assert state_of(draft) == before


def test_oec_as_its_own_guardrail_is_refused_and_nothing_is_saved(as_analyst, draft, hypothesis_data):
    before = state_of(draft)
    data = hypothesis_data | {"name": "Other name", "guardrails-0-metric": draft.oec_id}
    response = as_analyst.post("/experiments/hero-discount/hypothesis/save/", data)
    assert response.status_code == 422
    assert b"Choose another metric." in response.content
    assert state_of(draft) == before


def test_other_feature_starts_the_variants_afresh(as_analyst, draft, hypothesis_data):
    other = Feature.objects.get(key="checkout-button")
    response = as_analyst.post("/experiments/hero-discount/hypothesis/save/", hypothesis_data | {"feature": other.pk})
    assert response.status_code == 302
    values = list(draft.variants.values_list("value", flat=True))
    assert values == [{"text": "Order now", "color": "blue"}] * 2


def test_feature_of_an_earlier_run_stays(as_analyst, running, analyst, hypothesis_data):
    lifecycle.stop(running, actor=analyst)
    lifecycle.reset(running, actor=analyst)
    before = state_of(running)
    data = hypothesis_data | {"feature": Feature.objects.get(key="checkout-button").pk}
    response = as_analyst.post("/experiments/hero-discount/hypothesis/save/", data)
    assert response.status_code == 422
    assert "feature" in response.context["form"].errors
    assert state_of(running) == before


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"v0-weight": "60"}, "The weights must sum to 100%."),
        ({"v0-weight": "-10", "v1-weight": "110"}, "greater than or equal to 0"),
        ({"v0-weight": "NaN"}, "Enter a number."),
        ({"v0-name": ""}, "This field is required."),
        ({"v1-key": "control"}, "Two variants have the same key."),
        ({"v1-p_title": ""}, "This field is required."),
        ({"v1-p_title": "x" * 61}, "at most 60 characters"),
        ({"v1-p_title": "a\u0085b"}, "a character that cannot be shown"),
        ({"v1-p_theme": "neon"}, "Select a valid choice"),
        ({"v1-p_discount_percent": "51"}, "less than or equal to 50"),
        ({"v1-p_discount_percent": "1.5"}, "Enter a whole number."),
        ({"count": 1}, "From two to 6 variants."),
        ({"count": 7}, "From two to 6 variants."),
        ({"count": "²"}, "From two to 6 variants."),
        ({"count": "1000000000000"}, "From two to 6 variants."),
    ],
)
def test_wrong_variants_say_so_and_change_nothing(as_analyst, draft, variants_data, changes, sentence):
    before = state_of(draft)
    response = as_analyst.post("/experiments/hero-discount/variants/save/", variants_data | changes)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert state_of(draft) == before


def test_parameter_that_is_not_declared_is_not_saved(as_analyst, draft, variants_data):
    as_analyst.post("/experiments/hero-discount/variants/save/", variants_data | {"v1-p_evil": "x"})
    assert set(draft.variants.get(position=1).value) == {item["name"] for item in draft.feature.parameters}


def test_add_and_remove_share_the_weights_and_save_nothing(as_analyst, draft, variants_data):
    before = state_of(draft)
    response = as_analyst.post("/experiments/hero-discount/variants/reshape/", variants_data | {"add_arm": 1})
    shown = [arm["form"]["weight"].value() for arm in response.context["arms"]]
    assert shown == ["33.34", "33.33", "33.33"]
    response = as_analyst.post("/experiments/hero-discount/variants/reshape/", variants_data | {"remove_arm": 1})
    assert [arm["form"]["name"].value() for arm in response.context["arms"]] == ["Control"]
    assert state_of(draft) == before


def test_variant_that_was_seen_in_an_earlier_run_cannot_be_removed(as_analyst, running, analyst, variants_data):
    run = Run.objects.get()
    arm = running.variants.get(position=1)
    seen = ExposureInput(run_id=run.pk, variant_id=arm.pk, unit_id="u", exposed_at=run.started_at)
    record(events=[], exposures=[seen])
    lifecycle.stop(running, actor=analyst)
    lifecycle.reset(running, actor=analyst)
    before = state_of(running)
    response = as_analyst.post(
        "/experiments/hero-discount/variants/save/", variants_data | {"v1-key": "other", "v1-name": "Other"}
    )
    assert response.status_code == 422
    assert "was seen in an earlier run" in response.content.decode()
    assert state_of(running) == before
    kept = as_analyst.post("/experiments/hero-discount/variants/save/", variants_data | {"v1-p_title": "Again"})
    assert kept.status_code == 302
    assert running.variants.get(position=1).pk == arm.pk


def test_variants_can_change_places(as_analyst, draft, variants_data):
    swapped = {"count": 2}
    for name, value in variants_data.items():
        if name != "count":
            swapped[f"v{1 - int(name[1])}{name[2:]}"] = value
    assert as_analyst.post("/experiments/hero-discount/variants/save/", swapped).status_code == 302
    assert list(draft.variants.order_by("position").values_list("key", flat=True)) == ["discount", "control"]


def test_preview_fragment_signs_what_is_typed(as_analyst, draft, variants_data):
    response = as_analyst.post(
        "/experiments/hero-discount/variants/1/preview/", variants_data | {"v1-p_title": "Typed just now"}
    )
    token = parse_qs(urlsplit(response.context["preview"].url).query)["preview"][0]
    assert response.status_code == 200
    assert read_preview(token).value["title"] == "Typed just now"


def test_preview_fragment_of_a_wrong_value_says_what_it_waits_for(as_analyst, draft, variants_data):
    response = as_analyst.post("/experiments/hero-discount/variants/1/preview/", variants_data | {"v1-p_title": ""})
    assert response.status_code == 422
    assert "This field is required." in response.content.decode()
    assert "<iframe" not in response.content.decode()


def test_preview_of_a_variant_that_is_not_there_is_not_found(as_analyst, draft, variants_data):
    assert as_analyst.post("/experiments/hero-discount/variants/5/preview/", variants_data).status_code == 404


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"baseline": "0"}, "baseline"),
        ({"baseline": "100"}, "baseline"),
        ({"baseline": "-3"}, "baseline"),
        ({"baseline": "NaN"}, "baseline"),
        ({"mde": ""}, "mde"),
        ({"mde": "0"}, "mde"),
        ({"mde": "1001"}, "mde"),
        ({"alpha": "0"}, "alpha"),
        ({"alpha": "50"}, "alpha"),
        ({"power": "49"}, "power"),
        ({"power": "100"}, "power"),
        ({"coverage": "0"}, "coverage"),
        ({"coverage": "101"}, "coverage"),
        ({"planned_units": "1"}, "planned_units"),
        ({"planned_units": "3000000000"}, "planned_units"),
        ({"planned_days": "-1"}, "planned_days"),
        ({"planned_days": "4000"}, "planned_days"),
        ({"daily_units": "0"}, "daily_units"),
        ({"daily_units": "1e9"}, "daily_units"),
    ],
)
def test_wrong_plan_says_so_at_the_field_and_changes_nothing(as_analyst, draft, plan_data, changes, field):
    before = state_of(draft)
    response = as_analyst.post("/experiments/hero-discount/plan/save/", plan_data | changes)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert state_of(draft) == before


def test_typed_units_win_over_the_computed_ones(as_analyst, draft, plan_data):
    as_analyst.post("/experiments/hero-discount/plan/save/", plan_data | {"planned_units": "777", "planned_days": "3"})
    draft.refresh_from_db()
    assert (draft.planned_units, draft.planned_days, draft.baseline) == (777, 3, 0.3)


@pytest.mark.parametrize("step", ["hypothesis", "variants", "plan", "review"])
def test_steps_of_a_launched_experiment_lead_to_its_page(as_analyst, running, step):
    response = as_analyst.get(f"/experiments/hero-discount/{step}/")
    assert response.headers["Location"] == "/experiments/hero-discount/"


@pytest.mark.parametrize("step", ["hypothesis", "variants", "plan"])
def test_saving_a_launched_design_is_a_conflict(as_analyst, running, hypothesis_data, variants_data, plan_data, step):
    before = state_of(running)
    data = {"hypothesis": hypothesis_data | {"name": "X"}, "variants": variants_data, "plan": plan_data}[step]
    assert as_analyst.post(f"/experiments/hero-discount/{step}/save/", data).status_code == 409
    assert state_of(running) == before


PAGES = ["hypothesis", "variants", "plan", "review"]
POSTS = ["hypothesis/save", "variants/save", "variants/reshape", "plan/save", "plan/estimate", "launch", "delete"]


@pytest.mark.parametrize("person", ["as_viewer", "as_other_lead", "as_stranger"])
@pytest.mark.parametrize("path", PAGES + POSTS)
def test_people_of_another_role_or_team_are_refused(request, draft, person, path):
    client = request.getfixturevalue(person)
    before = state_of(draft)
    method = client.get if path in PAGES else client.post
    assert method(f"/experiments/hero-discount/{path}/").status_code == 403
    assert state_of(draft) == before


def test_designing_for_another_team_is_refused(as_other_lead, draft):
    response = as_other_lead.post("/experiments/new/save/", new_data())
    assert response.status_code == 422
    assert {"team", "feature"} <= set(response.context["form"].errors)
    assert Experiment.objects.count() == 1


def test_unknown_experiment_is_not_found(as_analyst, catalogue):
    assert as_analyst.get("/experiments/nothing/").status_code == 404
    assert as_analyst.post("/experiments/nothing/launch/").status_code == 404


def test_each_save_is_audited_with_what_changed(as_analyst, draft, hypothesis_data):
    as_analyst.post("/experiments/hero-discount/hypothesis/save/", hypothesis_data | {"who": "Everybody"})
    entry = AuditEntry.objects.get(action="experiment.hypothesis")
    assert (entry.before, entry.after) == ({"who": "New visitors"}, {"who": "Everybody"})


def test_key_of_a_korean_name_comes_from_the_feature(as_analyst, catalogue):
    response = as_analyst.post("/experiments/new/save/", new_data(name="할인 배지"))
    assert response.headers["Location"].startswith("/experiments/home-hero-banner/")
    assert Experiment.objects.get().name == "할인 배지"


@pytest.mark.parametrize(("path", "most"), [("hypothesis/", 16), ("variants/", 11), ("plan/", 11), ("review/", 14)])
def test_steps_take_few_queries(as_analyst, draft, django_assert_max_num_queries, path, most):
    with django_assert_max_num_queries(most):
        as_analyst.get(f"/experiments/hero-discount/{path}")
