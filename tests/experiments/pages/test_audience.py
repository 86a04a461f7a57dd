"""The audience's page: rows, groups and JSON, with and without JavaScript, and the count beside them."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone
from selectolax.lexbor import LexborHTMLParser

from experiments.audiences.audience import set_audience
from experiments.events.ids import new_event_id
from experiments.public import EventInput, UnitInput, note_units, record
from experiments.running import lifecycle

URL = "/experiments/hero-discount/audience/"
KOREAN = {"Accept-Language": "ko"}


@pytest.fixture
def visitors(db):
    """Four who were there: two on a phone, one of them from Seoul; a program told the plan of one."""
    now = timezone.now()
    told = [
        {"device": "mobile", "city": "seoul", "returning": True},
        {"device": "mobile", "city": "busan", "returning": False},
        {"device": "desktop", "plan": "pro", "tags": ["a"], "seats": 3, "beta": True},
        {"device": "tablet"},
    ]
    for number, attributes in enumerate(told):
        note_units([UnitInput(unit_id=f"u{number}", attributes=attributes, seen_at=now)])
        event = EventInput(event_id=new_event_id(now), name="page_view", unit_id=f"u{number}", occurred_at=now)
        record(events=[event], using="default")


def row(place, attribute, operator, *values):
    name = f"g{place}"
    return {
        f"{name}-attribute": attribute,
        f"{name}-operator": operator,
        **({f"{name}-value": list(values)} if values else {}),
    }


def rows(*outer, join="all", inner=(), inner_join="any"):
    data = {"groups": "1" if inner else "0", "g0-join": join, "g0-rows": str(len(outer))}
    for number, (group, items) in enumerate((("0", outer), ("1", inner))):
        if number and items:
            data |= {"g1-join": inner_join, "g1-rows": str(len(items))}
        for place, item in enumerate(items):
            data |= row(f"{group}-{place}", *item)
    return data


def sent_by(page):
    """Return what a browser without JavaScript would send of the form as it is shown."""
    form = LexborHTMLParser(page.content).css_first("#audience-form")
    data: dict[str, list[str]] = {}
    for node in form.css("input[name], textarea[name]"):
        attributes = node.attributes
        if attributes.get("type") == "checkbox" and "checked" not in attributes:
            continue
        value = node.text() if node.tag == "textarea" else attributes.get("value") or ""
        data.setdefault(attributes["name"], []).append(value)
    for node in form.css("select[name]"):
        option = node.css_first("option[selected]") or node.css_first("option")
        data.setdefault(node.attributes["name"], []).append(option.attributes.get("value") or "")
    data.pop("csrfmiddlewaretoken", None)
    return data


def text_of(page):
    return " ".join(LexborHTMLParser(page.content).css_first("#audience").text().split())


def test_rows_and_a_group_are_built_and_saved_without_javascript(as_analyst, draft, visitors):
    page = as_analyst.get(URL)
    assert "No condition: everybody takes part." in text_of(page)
    page = as_analyst.post(URL + "reshape/", {**sent_by(page), "add_row": "0"})
    page = as_analyst.post(URL + "reshape/", {**sent_by(page), "g0-0-attribute": "device", "refresh": "1"})
    page = as_analyst.post(URL + "reshape/", {**sent_by(page), "g0-0-value": ["mobile", "tablet"], "add_group": "1"})
    page = as_analyst.post(URL + "reshape/", {**sent_by(page), "g1-0-attribute": "city", "refresh": "1"})
    page = as_analyst.post(URL + "reshape/", {**sent_by(page), "g1-0-value": ["seoul"], "add_row": "1"})
    data = {**sent_by(page), "g1-1-attribute": "returning"}
    page = as_analyst.post(URL + "reshape/", {**data, "refresh": "1"})
    response = as_analyst.post(URL + "save/", {**sent_by(page), "g1-1-value": "false"}, follow=True)
    draft.refresh_from_db()
    assert draft.condition == {
        "device": {"$in": ["mobile", "tablet"]}, "$or": [{"city": "seoul"}, {"returning": False}],
    }  # fmt: skip
    text = text_of(response)
    assert "Saved" in text
    assert "Visitors on mobile or tablet, (in Seoul or who come for the first time)" in text
    assert "Matching units 2" in text
    assert "50.0%" in text
    assert sent_by(response)["g0-0-value"] == ["mobile", "tablet"]


def test_rows_and_groups_are_taken_away_again(as_analyst, draft):
    data = rows(("device", "is", "mobile"), ("language", "is", "ko"), inner=[("city", "is", "seoul")])
    page = as_analyst.post(URL + "reshape/", {**data, "remove_row": "0-0"})
    left = sent_by(page)
    assert (left["g0-rows"], left["g0-0-attribute"], left["g0-0-value"]) == (["1"], ["language"], ["ko"])
    page = as_analyst.post(URL + "reshape/", {**left, "remove_group": "1"})
    assert sent_by(page)["groups"] == ["0"]
    draft.refresh_from_db()
    assert draft.condition == {}, "nothing is saved on the way"


@pytest.mark.parametrize(
    ("typed", "condition"),
    [
        (("device", "is_not", "mobile"), {"device": {"$ne": "mobile"}}),
        (("signup_age_days", "at_least", "7"), {"signup_age_days": {"$gte": 7}}),
        (("signup_age_days", "below", "7.5"), {"signup_age_days": {"$lt": 7.5}}),
        (("city", "unknown"), {"city": {"$exists": False}}),
        (("plan", "is", "pro, team , pro"), {"plan": {"$in": ["pro", "team"]}}),
        (("plan", "like", "^p, ?o"), {"plan": {"$regex": "^p, ?o"}}),
        (("tags", "includes", "a"), {"tags": {"$in": ["a"]}}),
        (("tags", "includes_none", "a,b"), {"tags": {"$nin": ["a", "b"]}}),
        (("seats", "is", "3"), {"seats": 3}),
        (("beta", "is", "true"), {"beta": True}),
    ],
)
def test_each_operator_saves_its_condition_and_is_shown_again_as_a_row(as_analyst, draft, visitors, typed, condition):
    response = as_analyst.post(URL + "save/", rows(typed), follow=True)
    draft.refresh_from_db()
    assert draft.condition == condition
    again = as_analyst.post(URL + "save/", sent_by(response))
    assert again.status_code == 302
    draft.refresh_from_db()
    assert draft.condition == condition


@pytest.mark.parametrize(
    "typed",
    [
        ("device", "is"),
        ("device", "is", "fridge"),
        ("device", "at_least", "mobile"),
        ("signup_age_days", "at_least", "soon"),
        ("signup_age_days", "at_least", "inf"),
        ("returning", "is", "perhaps"),
        ("nowhere", "is", "x"),
        ("", "is", "x"),
        ("plan", "is", " , "),
        ("plan", "like", "("),
        ("plan", "is", "x" * 501),
    ],
)
def test_a_row_that_is_not_right_answers_422_with_the_form_and_saves_nothing(as_analyst, draft, visitors, typed):
    for action in ("save/", "count/"):
        assert as_analyst.post(URL + action, rows(typed)).status_code == 422
    page = as_analyst.post(URL + "save/", rows(typed))
    assert "field-error" in page.text or "notice" in page.text
    assert sent_by(page)["g0-rows"] == ["1"]
    draft.refresh_from_db()
    assert draft.condition == {}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"groups": "x", "g0-rows": "-1"},
        {"groups": "999", "g0-rows": "999"},
        {"groups": "9999999", "g0-rows": "9999999", "add_row": "77", "remove_row": "x-y", "remove_group": "0"},
        {"mode": "json", "json": "\x00"},
        {"mode": "json", "json": "[" * 5000},
        {"unlisted": ["a:b:c", ":", "device:list", "x:choice"], "g0-rows": "1", "g0-0-attribute": "x"},
        {"g0-join": "none", "g0-rows": "1", "g0-0-attribute": "\x00"},
        {"as": "rows"},
    ],
)
@pytest.mark.parametrize("action", ["save/", "reshape/", "count/"])
def test_nonsense_is_answered_without_an_error_of_the_server(as_analyst, draft, action, data):
    assert as_analyst.post(URL + action, data).status_code in {200, 302, 422}
    draft.refresh_from_db()
    assert draft.condition == {}


def test_a_condition_is_edited_as_json_and_checked(as_analyst, draft, visitors):
    nested = {"$not": {"device": "mobile"}}
    response = as_analyst.post(URL + "save/", {"mode": "json", "json": json.dumps(nested)}, follow=True)
    draft.refresh_from_db()
    assert draft.condition == nested
    assert "Rows cannot say this condition" in text_of(response)
    assert "Matching units 2" in text_of(response)
    assert json.loads(sent_by(as_analyst.get(URL))["json"][0]) == nested
    refused = as_analyst.post(URL + "save/", {"mode": "json", "json": '{"age": {"$above": 3}}'})
    assert refused.status_code == 422
    assert "there is no operator $above" in text_of(refused)
    assert "$above" in sent_by(refused)["json"][0]
    for text in ("{", "[]", "3"):
        assert as_analyst.post(URL + "save/", {"mode": "json", "json": text}).status_code == 422
    draft.refresh_from_db()
    assert draft.condition == nested
    as_analyst.post(URL + "save/", {"mode": "json", "json": "  "})
    draft.refresh_from_db()
    assert draft.condition == {}


def test_rows_become_json_and_json_rows(as_analyst, draft):
    page = as_analyst.post(URL + "reshape/", {**rows(("device", "is", "mobile")), "as": "json"})
    assert json.loads(sent_by(page)["json"][0]) == {"device": "mobile"}
    page = as_analyst.post(URL + "reshape/", {**sent_by(page), "as": "rows"})
    assert sent_by(page)["g0-0-value"] == ["mobile"]
    page = as_analyst.post(URL + "reshape/", {"mode": "json", "json": '{"$not": {"device": "mobile"}}', "as": "rows"})
    assert page.status_code == 422
    assert "so it stays JSON" in text_of(page)


def test_an_attribute_that_nobody_sent_yet_is_kept_as_a_row(as_analyst, draft):
    set_audience(draft, {"tier": "gold", "level": {"$gte": 3}}, actor=None)
    page = as_analyst.get(URL)
    assert sent_by(page)["g0-0-attribute"] == ["tier"]
    as_analyst.post(URL + "save/", {**sent_by(page), "g0-0-value": "gold, silver"})
    draft.refresh_from_db()
    assert draft.condition == {"tier": {"$in": ["gold", "silver"]}, "level": {"$gte": 3}}


def test_the_count_follows_what_is_typed(as_analyst, draft, visitors):
    page = as_analyst.post(URL + "count/", rows(("device", "is", "mobile")))
    assert page.status_code == 200
    assert page.context["audience"].count.matched == 2
    assert b"Visitors on mobile" in page.content
    none = as_analyst.post(URL + "count/", rows(("language", "is", "ko")))
    assert b"Nobody of the last 30 days matches" in none.content


def test_without_visitors_the_page_says_what_to_do(as_analyst, draft):
    assert "Nobody was there in the last 30 days" in text_of(as_analyst.get(URL))


def test_an_attribute_that_changes_is_pointed_out(as_analyst, draft, visitors):
    set_audience(draft, {"returning": True}, actor=None)
    assert "Who no longer matches is shown the default again" in text_of(as_analyst.get(URL))
    set_audience(draft, {"device": "mobile"}, actor=None)
    assert "Who no longer matches" not in text_of(as_analyst.get(URL))


def test_a_launched_experiment_leads_to_its_design(as_analyst, draft, analyst):
    lifecycle.launch(draft, actor=analyst)
    assert as_analyst.get(URL)["Location"] == "/experiments/hero-discount/"
    assert as_analyst.post(URL + "save/", rows(("device", "is", "mobile"))).status_code == 409


def test_others_may_not_see_or_change_it(as_viewer, as_other_lead, draft):
    for client in (as_viewer, as_other_lead):
        assert client.get(URL).status_code == 403
        assert client.post(URL + "save/", rows(("device", "is", "mobile"))).status_code == 403


def test_the_page_speaks_korean(as_analyst, draft, visitors):
    set_audience(draft, {"device": "mobile", "returning": True}, actor=None)
    page = as_analyst.get(URL, headers=KOREAN)
    assert page.status_code == 200
    assert 'lang="ko"' in page.text
