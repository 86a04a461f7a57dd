"""OFREP answers as the public specification says: types, reasons, error codes, tags, refusals."""

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.assignment.bucketing import assign
from experiments.features import revisions, targeting
from experiments.models import Feature
from experiments.running import lifecycle
from novarium.portal.tokens import create_token

pytestmark = pytest.mark.django_db

HERO = "home-hero-banner"


def unit_in(variant: int) -> str:
    return next(
        f"u{n}"
        for n in range(100)
        if assign(seed="hero-discount:fixed", unit=f"u{n}", weights=[0.5, 0.5], coverage=1.0) == variant
    )


@pytest.mark.parametrize(
    ("value_type", "value", "written"),
    [
        ("boolean", True, b'"value":true'),
        ("string", "hello", b'"value":"hello"'),
        ("integer", 7, b'"value":7,'),
        ("float", 10.0, b'"value":10.0'),
    ],
)
def test_scalar_feature_is_served_bare_and_a_float_stays_one(lean, scalars, value_type, value, written):
    answer = lean.ask("POST", f"/ofrep/v1/evaluate/flags/a-{value_type}", body={"context": {}})
    body = json.loads(answer.body)
    assert (answer.status, body["value"], body["reason"], body["variant"]) == (200, value, "STATIC", "default")
    assert type(body["value"]) is type(value)
    assert written in answer.body
    assert body["metadata"] == {"revision": 1}


def test_object_feature_is_served_as_its_parameters(lean, catalogue):
    status, body = lean.flag("checkout-button")
    assert (status, body["value"]) == (200, {"text": "Order now", "color": "blue"})


def test_split_names_variant_and_where_it_comes_from(lean, running):
    status, body = lean.flag(HERO, {"targetingKey": unit_in(1)})
    assert status == 200
    assert (body["reason"], body["variant"], body["value"]["discount_percent"]) == ("SPLIT", "discount", 20)
    assert body["metadata"] == {"experiment": "hero-discount", "run": 1, "phase": 1, "revision": 1}


@pytest.mark.parametrize("context", [None, {}, {"city": "Seoul"}, {"targetingKey": ""}, {"targetingKey": None}])
def test_split_without_a_targeting_key_is_missing_one_and_never_a_variant(lean, running, context):
    status, body = lean.flag(HERO, context)
    assert (status, body["errorCode"], body["key"]) == (400, "TARGETING_KEY_MISSING", HERO)
    assert body["errorDetails"]
    assert "value" not in body


def test_without_a_running_experiment_no_targeting_key_is_needed(lean, running, lead):
    lifecycle.stop(running, actor=lead)
    assert lean.flag(HERO, {})[1]["reason"] == "STATIC"


def test_switched_off_feature_leaves_the_value_to_the_program(lean, running, lead):
    feature = Feature.objects.get(key=HERO)
    targeting.switch(feature, enabled=False, expected=1, actor=lead)
    status, body = lean.flag(HERO, {"targetingKey": unit_in(1)})
    assert (status, body["reason"], body["variant"]) == (200, "DISABLED", "default")
    assert "value" not in body
    targeting.switch(feature, enabled=True, expected=2, actor=lead)
    assert lean.flag(HERO, {"targetingKey": unit_in(1)})[1]["reason"] == "SPLIT"


def test_targeted_value_comes_before_an_experiment_and_needs_no_key(lean, running, lead):
    feature = Feature.objects.get(key=HERO)
    value = {**feature.revisions.get().value, "title": "For testers"}
    targets = [
        {"condition": {"tester": True}, "value": value, "note": "QA"},
        {"condition": {"id": {"$in": ["u-vip"]}}, "value": {**value, "title": "VIP"}, "note": ""},
    ]
    targeting.set_targets(feature, targets, expected=1, actor=lead)
    status, body = lean.flag(HERO, {"tester": True})
    assert (status, body["reason"], body["variant"]) == (200, "TARGETING_MATCH", "target-1")
    assert body["value"]["title"] == "For testers"
    assert lean.flag(HERO, {"targetingKey": "u-vip"})[1]["variant"] == "target-2"
    assert lean.flag(HERO, {"targetingKey": unit_in(0), "tester": False})[1]["variant"] == "control"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "PARSE_ERROR"),
        (b"{", "PARSE_ERROR"),
        (b"[]", "PARSE_ERROR"),
        (b'"x"', "PARSE_ERROR"),
        (b'{"context": {"targetingKey": "\\ud800"}}', "PARSE_ERROR"),
        (b'{"context": {"targetingKey": "\xff"}}', "PARSE_ERROR"),
        (b'{"context": ' + b"[" * 2000 + b"]" * 2000 + b"}", "PARSE_ERROR"),
        (b'{"context": {"a": "' + b"x" * 70_000 + b'"}}', "PARSE_ERROR"),
        (b'{"context": "u1"}', "INVALID_CONTEXT"),
        (b'{"context": {"targetingKey": 5}}', "INVALID_CONTEXT"),
        (b'{"context": {"targetingKey": "' + b"x" * 300 + b'"}}', "INVALID_CONTEXT"),
        (b'{"context": {"targetingKey": "a\\u0000"}}', "INVALID_CONTEXT"),
        (b'{"context": {"a": ' + b"[" * 30 + b"]" * 30 + b"}}", "INVALID_CONTEXT"),
    ],
    ids=range(13),
)
def test_context_that_cannot_be_used_is_named_singly_and_in_bulk(lean, catalogue, body, code):
    single = lean.ask("POST", f"/ofrep/v1/evaluate/flags/{HERO}", body=body)
    bulk = lean.ask("POST", "/ofrep/v1/evaluate/flags", body=body)
    for answer in (single, bulk):
        said = json.loads(answer.body)
        assert (answer.status, said["errorCode"]) == (400, code)
        assert said["errorDetails"]
    assert json.loads(single.body)["key"] == HERO


def test_unknown_flag_is_not_found_and_an_impossible_key_is_refused(lean, catalogue):
    status, body = lean.flag("nothing")
    assert (status, body["key"], body["errorCode"]) == (404, "nothing", "FLAG_NOT_FOUND")
    for key in ("a\ud800", "a b", "é", "-x", "x" * 101):
        status, body = lean.flag(key)
        assert (status, body["errorCode"]) == (400, "GENERAL")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/ofrep/v1/evaluate/flags/x", 405),
        ("GET", "/ofrep/v1/evaluate/flags", 405),
        ("PUT", "/ofrep/v1/evaluate/flags", 405),
        ("POST", "/ofrep/v1/events", 405),
        ("POST", "/ofrep/v1/evaluate/flags/", 404),
        ("POST", "/ofrep/v1/evaluate/flags/x/", 404),
        ("POST", "/ofrep/v1/evaluate", 404),
        ("GET", "/ofrep/v1/configuration", 404),
    ],
)
def test_wrong_method_and_wrong_address_are_answered_in_json_and_never_redirected(
    lean, catalogue, method, path, status
):
    answer = lean.ask(method, path, body={})
    assert answer.status == status
    assert json.loads(answer.body)["errorDetails"]
    assert ("allow" in dict(answer.headers)) is (status == 405)


def test_bulk_holds_exactly_the_single_answers(lean, running, scalars):
    for context in ({"targetingKey": unit_in(0)}, {"targetingKey": unit_in(1), "city": "Seoul"}, {}):
        answer = lean.flags(context)
        entries = json.loads(answer.body)["flags"]
        assert len(entries) == Feature.objects.count() >= 12
        assert entries == [lean.flag(entry["key"], context)[1] for entry in entries]


def test_tag_follows_context_and_definitions_and_spares_the_body(lean, running, lead):
    context = {"targetingKey": unit_in(1), "city": "Seoul"}
    first = lean.flags(context)
    tag = dict(first.headers)["etag"]
    for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        again = lean.flags(context, if_none_match=known)
        assert (again.status, again.body) == (304, b"")
        assert dict(again.headers)["etag"] == tag
    assert lean.flags({**context, "city": "Busan"}, if_none_match=tag).status == 200
    assert lean.flags(dict(reversed(context.items())), if_none_match=tag).status == 304
    feature = Feature.objects.get(key="checkout-button")
    revisions.revise(feature, {"text": "Pay", "color": "red"}, expected=1, origin="edit", actor=lead)
    changed = lean.flags(context, if_none_match=tag)
    assert changed.status == 200
    assert dict(changed.headers)["etag"] != tag


def test_bulk_answer_names_a_stream_by_a_ticket_that_is_not_the_key(lean, catalogue):
    streams = json.loads(lean.flags({}).body)["eventStreams"]
    address = streams[0]["endpoint"]["requestUri"]
    assert (streams[0]["type"], streams[0]["inactivityDelaySec"]) == ("sse", 120)
    assert lean.key not in address
    path, _, query = address.partition("?")
    opened = lean.ask("GET", path, query=query, authorization="")
    assert dict(opened.headers)["content-type"] == "text/event-stream"
    assert lean.ask("GET", path, query="ticket=forged", authorization="").status == 401


def test_key_is_needed_known_scoped_and_current(lean, connect, catalogue, analyst, team):
    path = "/ofrep/v1/evaluate/flags/checkout-button"
    assert lean.ask("POST", path, body={}, authorization="").status == 401
    assert lean.ask("POST", path, body={}, authorization="Bearer nonsense").status == 401
    assert lean.ask("POST", path, body={}, authorization="Bearer \ud800").status == 401
    assert lean.ask("POST", path, body={}, authorization="", x_api_key=lean.key).status == 200
    ingest = connect(scopes=["ingest"], name="only ingest")
    refused = lean.ask("POST", path, body={}, authorization=f"Bearer {ingest}")
    assert (refused.status, "evaluate" in json.loads(refused.body)["errorDetails"]) == (403, True)
    _token, secret = create_token(user=analyst, name="mine", scopes=["evaluate"], lifetime=timedelta(days=1))
    assert lean.ask("POST", path, body={}, authorization=f"Bearer {secret}").status == 200
    soon = timezone.now() + timedelta(seconds=0.2)
    ending = connect(name="ends", expires_at=soon)
    while timezone.now() <= soon:
        pass
    assert lean.ask("POST", path, body={}, authorization=f"Bearer {ending}").status == 401


def test_connection_sees_the_flags_of_its_team_only(lean, connect, catalogue, other_team, other_lead, analyst):
    foreign = connect(team=other_team, actor=other_lead, name="foreign")
    header = f"Bearer {foreign}"
    assert lean.flag("checkout-button", {}, authorization=header)[1]["errorCode"] == "FLAG_NOT_FOUND"
    assert json.loads(lean.flags({}, authorization=header).body)["flags"] == []


def test_key_that_calls_too_often_is_told_when_to_come_back(lean, connect, catalogue):
    slow = connect(per_minute=60, name="slow")
    header = f"Bearer {slow}"
    statuses = [lean.flag("checkout-button", {}, authorization=header)[0] for _n in range(15)]
    assert statuses[:10] == [200] * 10
    refused = lean.ask("POST", "/ofrep/v1/evaluate/flags", body={}, authorization=header)
    if refused.status == 200:  # a second passed in between
        refused = lean.ask("POST", "/ofrep/v1/evaluate/flags", body={}, authorization=header)
    assert refused.status == 429
    assert int(dict(refused.headers)["retry-after"]) >= 1
    assert lean.flag("checkout-button", {})[0] == 200


def test_pages_of_allowed_origins_may_call_and_others_not(lean, connect, catalogue):
    page = connect(kind="client", origins=("https://shop.example",), name="page")
    path = "/ofrep/v1/evaluate/flags"
    asked = lean.ask("OPTIONS", path, authorization="", origin="https://shop.example")
    assert asked.status == 204
    assert dict(asked.headers)["access-control-allow-origin"] == "https://shop.example"
    assert "Authorization" in dict(asked.headers)["access-control-allow-headers"]
    refused = lean.ask("OPTIONS", path, authorization="", origin="https://evil.example")
    assert "access-control-allow-origin" not in dict(refused.headers)
    header = f"Bearer {page}"
    allowed = lean.flags({}, authorization=header, origin="https://shop.example")
    assert dict(allowed.headers)["access-control-allow-origin"] == "https://shop.example"
    assert "ETag" in dict(allowed.headers)["access-control-expose-headers"]
    other = lean.flags({}, authorization=header, origin="https://evil.example")
    assert "access-control-allow-origin" not in dict(other.headers)


def test_payload_is_for_the_key_in_its_address_with_tag_and_caching(
    lean, connect, running, lead, other_team, other_lead
):
    answer = lean.ask("GET", f"/api/features/{lean.key}", authorization="")
    headers = dict(answer.headers)
    features = json.loads(answer.body)["features"]
    assert answer.status == 200
    assert "stale-while-revalidate" in headers["cache-control"]
    assert features[HERO]["rules"][0]["meta"][1] == {"key": "discount", "name": "Discount"}
    assert features["checkout-button"] == {"defaultValue": {"text": "Order now", "color": "blue"}}
    again = lean.ask("GET", f"/api/features/{lean.key}", authorization="", if_none_match=headers["etag"])
    assert (again.status, again.body) == (304, b"")
    assert lean.ask("GET", "/api/features/nonsense", authorization="").status == 401
    foreign = connect(team=other_team, actor=other_lead, name="foreign")
    assert json.loads(lean.ask("GET", f"/api/features/{foreign}", authorization="").body)["features"] == {}
    targeting.switch(Feature.objects.get(key=HERO), enabled=False, expected=1, actor=lead)
    assert HERO not in json.loads(lean.ask("GET", f"/api/features/{lean.key}", authorization="").body)["features"]
