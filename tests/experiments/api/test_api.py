"""Experiments, features, metrics and event intake for programs."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from experiments import revisions
from experiments.models import Event, Experiment, Feature, RejectedEvent, Run
from experiments.public import new_event_id
from novarium.portal.models import ApiToken

pytestmark = pytest.mark.django_db

V1 = "/api/v1/"


class Caller:
    """A program with a token."""

    def __init__(self, user, *scopes):
        _token, self.secret = ApiToken.objects.create(user=user, name="test", scopes=list(scopes))
        self.client = Client(headers={"authorization": f"Bearer {self.secret}"})

    def get(self, path):
        return self.client.get(V1 + path)

    def post(self, path, body=None):
        text = body if isinstance(body, str | bytes) else json.dumps({} if body is None else body)
        return self.client.post(V1 + path, text, content_type="application/json")


@pytest.fixture
def reader(viewer):
    return Caller(viewer, "read")


@pytest.fixture
def manager(analyst):
    return Caller(analyst, "read", "manage")


@pytest.fixture
def sender(analyst):
    return Caller(analyst, "ingest")


def new_draft(**changes):
    return {
        "key": "from-a-program",
        "name": "From a program",
        "feature": "checkout-button",
        "who": "Everybody",
        "what": "Green",
        "why": "It is calm",
        "oec": "cvr",
        "guardrails": {"aov": 0.05},
        "planned_units": 4000,
        "variants": [
            {"key": "control", "name": "Control", "weight": 50, "value": {"text": "Order now", "color": "blue"}},
            {"key": "green", "name": "Green", "weight": "50", "value": {"text": "Order now", "color": "green"}},
        ],
        **changes,
    }


def event(**changes):
    now = timezone.now()
    given = {"event_id": str(new_event_id(now)), "name": "page_view", "unit_id": "u1", "properties": {"page": "home"}}
    return {**given, **changes}


def is_problem(response, status):
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status
    return response.json()


def test_reader_sees_lists_and_details(reader, running):
    assert [item["key"] for item in reader.get("experiments/?status=running").json()["results"]] == ["hero-discount"]
    detail = reader.get("experiments/hero-discount/").json()
    assert [(arm["key"], arm["weight"]) for arm in detail["variants"]] == [("control", 50.0), ("discount", 50.0)]
    assert detail["guardrails"] == [{"metric": "aov", "margin": 0.05}]
    assert detail["started_at"]
    assert len(reader.get("features/").json()["results"]) == 8
    assert reader.get("features/checkout-button/").json()["value"] == {"text": "Order now", "color": "blue"}
    assert reader.get("metrics/aov/").json()["denominator_event"] == "purchase"
    assert len(reader.get("metrics/").json()["results"]) == 9


@pytest.mark.parametrize("path", ["experiments/nothing/", "features/nothing/", "metrics/nothing/"])
def test_unknown_object_is_a_problem(reader, catalogue, path):
    is_problem(reader.get(path), 404)


def test_lists_take_few_queries(reader, running, django_assert_max_num_queries):
    with django_assert_max_num_queries(6):
        reader.get("experiments/")
    with django_assert_max_num_queries(10):
        reader.get("experiments/hero-discount/")
    with django_assert_max_num_queries(6):
        reader.get("features/")


def test_program_creates_launches_and_stops(manager, catalogue):
    made = manager.post("experiments/", new_draft())
    assert made.status_code == 201
    assert made.json()["status"] == "draft"
    assert manager.post("experiments/from-a-program/launch/").json()["status"] == "running"
    assert manager.post("experiments/from-a-program/stop/", {"note": "Done"}).json()["status"] == "stopped"
    assert Run.objects.get().snapshot["oec"]["key"] == "cvr"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"nmae": "x"}, "nmae"),
        ({"key": "has space"}, "key"),
        ({"key": "new"}, "key"),
        ({"feature": "nothing"}, "feature"),
        ({"oec": "nothing"}, "oec"),
        ({"guardrails": {"nothing": 0.1}}, "guardrails.nothing"),
        ({"guardrails": {"aov": 2}}, "guardrails"),
        ({"guardrails": {"cvr": 0.1}}, "guardrails"),
        ({"mde": -1}, "mde"),
        ({"mde": "NaN"}, "mde"),
        ({"alpha": 0.5}, "alpha"),
        ({"coverage": 0}, "coverage"),
        ({"planned_units": 1}, "planned_units"),
        ({"variants": new_draft()["variants"][:1]}, "variants"),
        ({"variants": [{**new_draft()["variants"][0], "weight": 60}, new_draft()["variants"][1]]}, "weights"),
        (
            {"variants": [{**new_draft()["variants"][0], "value": {"txt": "x"}}, new_draft()["variants"][1]]},
            "variants.0.txt",
        ),
        ({"variants": "x"}, "variants"),
    ],
)
def test_wrong_draft_is_a_problem_at_the_field_and_creates_nothing(manager, catalogue, changes, field):
    problem = is_problem(manager.post("experiments/", new_draft(**changes)), 400)
    assert field in problem["errors"]
    assert not Experiment.objects.exists()


def test_taken_key_is_a_problem(manager, draft):
    problem = is_problem(manager.post("experiments/", new_draft(key="hero-discount")), 400)
    assert "key" in problem["errors"]
    assert Experiment.objects.count() == 1


def test_moves_from_another_status_are_conflicts(manager, running):
    is_problem(manager.post("experiments/hero-discount/launch/"), 409)
    is_problem(manager.post("experiments/hero-discount/stop/", {"note": "x" * 2001}), 400)
    assert Experiment.objects.get().status == "running"


def test_incomplete_draft_is_not_launched(manager, draft):
    Experiment.objects.update(why="")
    assert "why" in is_problem(manager.post("experiments/hero-discount/launch/"), 400)["errors"]


def test_scope_and_team_decide(viewer, analyst, other_lead, draft):
    path = "experiments/hero-discount/launch/"
    is_problem(Caller(analyst, "read").post(path), 403)
    is_problem(Caller(analyst, "ingest").get("experiments/"), 403)
    is_problem(Caller(viewer, "manage").post(path), 403)
    is_problem(Caller(other_lead, "manage").post(path), 403)
    is_problem(Caller(other_lead, "manage").post("experiments/", new_draft()), 403)
    assert Client().post(V1 + path).status_code == 401
    assert Experiment.objects.get().status == "draft"


def test_events_get_a_receipt_each_and_a_retry_changes_nothing(sender, catalogue):
    good, bad = event(), event(name="teleport")
    answer = sender.post("events", {"events": [good, bad, good]}).json()
    assert [receipt["status"] for receipt in answer["receipts"]] == ["stored", "rejected", "duplicate"]
    assert (answer["stored"], answer["duplicate"], answer["rejected"]) == (1, 1, 1)
    again = sender.post("events", {"events": [good]}).json()
    assert again["duplicate"] == 1
    assert (Event.objects.count(), RejectedEvent.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"name": "purchase", "amount": -5, "properties": {"order": "A"}}, "bad_amount"),
        ({"name": "purchase", "amount": 10_000_001, "properties": {"order": "A"}}, "absurd_amount"),
        ({"name": "purchase", "amount": "1e400000", "properties": {"order": "A"}}, "absurd_amount"),
        ({"occurred_at": "2999-01-01T00:00:00Z"}, "future_time"),
        ({"occurred_at": "2001-01-01T00:00:00Z"}, "old_time"),
        ({"unit_id": ""}, "bad_unit_id"),
        ({"properties": {"page": "home", "evil": 1}}, "unknown_property"),
        ({"event_id": "x"}, "bad_event_id"),
        ({"surprise": 1}, "unknown_field"),
    ],
)
def test_malformed_event_is_kept_with_its_reason(sender, catalogue, changes, reason):
    receipt = sender.post("events", {"events": [event(**changes)]}).json()["receipts"][0]
    assert (receipt["status"], receipt["reason"]) == ("rejected", reason)
    assert RejectedEvent.objects.get().reason == reason
    assert not Event.objects.exists()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"events": []}, 400),
        ({"events": [{}] * 501}, 400),
        ({"events": "x"}, 400),
        ({}, 400),
        ([], 400),
        ("not json", 400),
        ('{"events": [NaN]}', 400),
        ('{"events": ' + "[" * 100_000 + "]" * 100_000 + "}", 400),
        (b'{"events": ["\xff"]}', 400),
        (json.dumps({"events": ["x" * 1_100_000]}), 413),
    ],
)
def test_batch_that_cannot_be_read_is_a_problem_and_stores_nothing(sender, catalogue, body, status):
    is_problem(sender.post("events", body), status)
    assert not RejectedEvent.objects.exists()


@pytest.mark.parametrize("payload", [1, None, "x", [], {"name": {"a": 1}}, {"event_id": "\ud800"}, {"name": "\x00"}])
def test_event_of_any_shape_is_rejected_not_an_error(sender, catalogue, payload):
    answer = sender.post("events", {"events": [payload]})
    assert answer.status_code == 200
    assert answer.json()["rejected"] == 1


def test_only_the_ingest_scope_sends_events(manager, reader, viewer, catalogue):
    is_problem(manager.post("events", {"events": [event()]}), 403)
    is_problem(reader.post("events", {"events": [event()]}), 403)
    is_problem(Caller(viewer, "ingest").post("events", {"events": [event()]}), 403)
    assert not Event.objects.exists()


def test_live_value_in_the_api_follows_a_revision(reader, lead, catalogue):
    feature = Feature.objects.get(key="checkout-button")
    revisions.revise(feature, {"text": "Pay", "color": "red"}, expected=1, origin="edit", actor=lead, note="x")
    found = reader.get("features/checkout-button/").json()
    assert (found["revision"], found["value"]) == (2, {"text": "Pay", "color": "red"})
