"""Registering a feature of another product, its switch and its targeted values."""

import json

import pytest

from experiments.features import targeting
from experiments.features.registration import register_feature
from experiments.models import Feature
from experiments.public import evaluate
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal.models import AuditEntry
from tests.experiments.racing import race

pytestmark = pytest.mark.django_db

KEY = "checkout-button"


@pytest.fixture
def feature(catalogue):
    return Feature.objects.get(key=KEY)


def registration(team, **changes):
    return {"name": "New search", "team": team.pk, "value_type": "boolean", "value": "false", **changes}


@pytest.mark.parametrize(
    ("value_type", "typed", "value"),
    [("boolean", "true", True), ("string", "Hello", "Hello"), ("integer", "-3", -3), ("float", "10", 10.0)],
)
def test_analyst_registers_a_feature_of_each_scalar_type(as_analyst, team, value_type, typed, value):
    assert as_analyst.get("/features/new/").status_code == 200
    answer = as_analyst.post("/features/new/save/", registration(team, value_type=value_type, value=typed))
    assert answer.status_code == 302, answer.content.decode()
    assert evaluate("new-search", "anybody").value == {"value": value}
    assert as_analyst.get("/features/new-search/").status_code == 200


def test_object_feature_is_registered_by_its_declared_parameters(as_analyst, team):
    declared = [{"name": "color", "type": "text", "label": "Colour", "default": "blue", "max_length": 20}]
    data = registration(team, value_type="object", value="", parameters=json.dumps(declared))
    assert as_analyst.post("/features/new/save/", data).status_code == 302
    assert evaluate("new-search", "anybody").value == {"color": "blue"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"value": "perhaps"}, "value"),
        ({"value_type": "integer", "value": "1.5"}, "value"),
        ({"value_type": "float", "value": "x"}, "value"),
        ({"value_type": "string", "value": ""}, "value"),
        ({"value_type": "object", "parameters": "{"}, "parameters"),
        ({"value_type": "object", "parameters": "[]"}, "parameters"),
        ({"key": KEY}, "key"),
        ({"key": "new"}, "key"),
        ({"name": "사용자"}, "key"),
    ],
)
def test_registration_that_makes_no_sense_is_refused_at_its_field(as_analyst, feature, team, changes, field):
    answer = as_analyst.post("/features/new/save/", registration(team, **changes))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_only_a_lead_switches_a_feature_off_and_it_is_audited(as_lead, as_analyst, feature):
    assert as_analyst.post(f"/features/{KEY}/switch/", {"expected": 1}).status_code == 403
    assert as_lead.post(f"/features/{KEY}/switch/", {"expected": 1}).status_code == 302
    assert evaluate(KEY, "anybody").reason == "DISABLED"
    entry = AuditEntry.objects.get(action="feature.disable")
    assert (entry.before, entry.after) == ({"enabled": True}, {"enabled": False})
    assert as_lead.post(f"/features/{KEY}/switch/", {"expected": 1, "enabled": "on"}).status_code == 409
    assert as_lead.post(f"/features/{KEY}/switch/", {"expected": 2, "enabled": "on"}).status_code == 302
    assert evaluate(KEY, "anybody").reason == "STATIC"


def rows(**changes):
    given = {
        "expected": 1,
        "rows": 2,
        "t0-condition": '{"tester": true}',
        "t0-note": "QA",
        "t0-p_text": "Test me",
        "t0-p_color": "red",
        "t1-condition": "",
        "t1-p_text": "Order now",
        "t1-p_color": "blue",
    }
    return given | changes


def test_lead_targets_testers_and_sees_it_on_the_page(as_lead, feature):
    assert as_lead.get(f"/features/{KEY}/targets/").status_code == 200
    assert as_lead.post(f"/features/{KEY}/targets/save/", rows()).status_code == 302
    seen = evaluate(KEY, "u", {"tester": True})
    assert (seen.reason, seen.value) == ("TARGETING_MATCH", {"text": "Test me", "color": "red"})
    assert evaluate(KEY, "u", {"tester": False}).reason == "STATIC"
    page = as_lead.get(f"/features/{KEY}/").content.decode()
    assert "Test me · Red" in page
    assert "QA" in page
    form = as_lead.get(f"/features/{KEY}/targets/")
    assert len(form.context["rows"]) == 2
    assert AuditEntry.objects.get(action="feature.target").after["targets"][0]["note"] == "QA"


@pytest.mark.parametrize(
    "changes",
    [{"t0-condition": "{"}, {"t0-condition": '{"a": {"$above": 1}}'}, {"t0-p_color": "pink"}, {"t0-p_text": ""}],
)
def test_targeted_value_that_makes_no_sense_is_refused_and_kept_on_the_page(as_lead, feature, changes):
    answer = as_lead.post(f"/features/{KEY}/targets/save/", rows(**changes))
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert answer.context["rows"][0].errors
    assert Feature.objects.get(key=KEY).targets == []


def test_stale_targeted_values_are_a_conflict(as_lead, feature, lead):
    as_lead.post(f"/features/{KEY}/targets/save/", rows())
    assert as_lead.post(f"/features/{KEY}/targets/save/", rows()).status_code == 409
    with pytest.raises(Conflict):
        targeting.set_targets(feature, [], expected=1, actor=lead)


@pytest.mark.parametrize(
    "target",
    [
        {"condition": {}, "value": {"text": "x", "color": "red"}},
        {"condition": {"a": 1}, "value": {"text": "x"}},
        {"condition": {"a": 1}, "value": None},
        {"condition": {"a": {"$no": 1}}, "value": {"text": "x", "color": "red"}},
        {"condition": {"a": 1}, "value": {"text": "x", "color": "red"}, "note": 5},
    ],
)
def test_malformed_targeted_value_is_refused_by_number(feature, lead, target):
    with pytest.raises(Invalid) as caught:
        targeting.set_targets(feature, [target], expected=1, actor=lead)
    assert "targets" in caught.value.fields


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_register_one_key_at_once_the_second_is_told_at_the_key(team, analyst):
    parameters = [{"name": "value", "type": "boolean", "label": "Value", "default": False}]

    def register():
        words = {"key": "search", "name": "Search", "surface": "external", "component": "app", "value_type": "boolean"}
        register_feature(Feature(team=team, parameters=parameters, **words), actor=analyst)

    assert race(*[register] * 3) == {"done": 1, "Invalid": 2}
    with pytest.raises(Invalid) as refused:
        register()
    assert list(refused.value.fields) == ["key"]
