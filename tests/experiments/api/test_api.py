"""Experiments, features, metrics and event intake for programs."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from experiments.features import revisions, targeting
from experiments.models import Event, Experiment, Feature, Metric, RejectedEvent, Run
from experiments.public import new_event_id
from tests.experiments.api.calling import V1, Caller, Sender, etag_of, is_problem, patch

pytestmark = pytest.mark.django_db


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


def test_reader_sees_lists_and_details(reader, running):
    assert [item["key"] for item in reader.get("experiments/?status=running").json()["results"]] == ["hero-discount"]
    detail = reader.get("experiments/hero-discount/").json()
    assert [(arm["key"], arm["weight"]) for arm in detail["variants"]] == [("control", 50.0), ("discount", 50.0)]
    assert detail["guardrails"] == [{"metric": "aov", "margin": 0.05}]
    assert detail["started_at"]
    assert len(reader.get("features/").json()["results"]) == Feature.objects.count()
    assert reader.get("features/checkout-button/").json()["value"] == {"text": "Order now", "color": "blue"}
    assert reader.get("metrics/aov/").json()["denominator_event"] == "purchase"
    assert len(reader.get("metrics/").json()["results"]) == Metric.objects.count()


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
    answer = sender.post({"events": [good, bad, good]}).json()
    assert [receipt["status"] for receipt in answer["receipts"]] == ["stored", "rejected", "duplicate"]
    assert (answer["stored"], answer["duplicate"], answer["rejected"]) == (1, 1, 1)
    again = sender.post({"events": [good]}).json()
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
    receipt = sender.post({"events": [event(**changes)]}).json()["receipts"][0]
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
    is_problem(sender.post(body), status)
    assert not RejectedEvent.objects.exists()


@pytest.mark.parametrize("payload", [1, None, "x", [], {"name": {"a": 1}}, {"event_id": "\ud800"}, {"name": "\x00"}])
def test_event_of_any_shape_is_rejected_not_an_error(sender, catalogue, payload):
    answer = sender.post({"events": [payload]})
    assert answer.status_code == 200
    assert answer.json()["rejected"] == 1


def test_only_the_ingest_scope_of_whoever_may_run_sends_events(analyst, viewer, catalogue):
    for sender in (Sender(analyst, "read", "manage"), Sender(viewer, "ingest")):
        is_problem(sender.post({"events": [event()]}), 403)
    assert not Event.objects.exists()


def test_live_value_in_the_api_follows_a_revision(reader, lead, catalogue):
    feature = Feature.objects.get(key="checkout-button")
    revisions.revise(feature, {"text": "Pay", "color": "red"}, expected=1, origin="edit", actor=lead, note="x")
    found = reader.get("features/checkout-button/").json()
    assert (found["revision"], found["value"]) == (2, {"text": "Pay", "color": "red"})


def test_a_read_that_is_known_is_answered_304_until_it_changes(reader, manager, draft):
    path = "experiments/hero-discount/"
    first, etag = etag_of(reader, path)
    again = reader.client.get(V1 + path, headers={"if-none-match": etag})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", etag)
    assert patch(manager, path, {"why": "Another reason"}, if_match=etag).status_code == 200
    other = reader.client.get(V1 + path, headers={"if-none-match": etag})
    assert other.status_code == 200
    assert other["ETag"] != first["ETag"]


def test_a_change_needs_the_state_that_was_read(manager, draft):
    path = "experiments/hero-discount/"
    is_problem(patch(manager, path, {"why": "x"}), 428)
    is_problem(patch(manager, path, {"why": "x"}, if_match='"stale"'), 412)
    answer = patch(manager, path, {"why": "x"}, if_match=etag_of(manager, path)[1])
    assert (answer.status_code, answer.json()["why"]) == (200, "x")
    assert answer["ETag"] == etag_of(manager, path)[1]
    assert patch(manager, path, {"who": "y"}, if_match="*").json()["who"] == "y"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"nmae": "x"}, "nmae"),
        ({"mde": -1}, "mde"),
        ({"oec": "nothing"}, "oec"),
        ({"variants": []}, "variants"),
        ({"why": "ok", "guardrails": {"ctr": 0.1}}, "guardrails"),
    ],
)
def test_a_wrong_change_changes_nothing(manager, draft, body, field):
    answer = is_problem(patch(manager, "experiments/hero-discount/", body, if_match="*"), 400)
    assert field in answer["errors"]
    assert Experiment.objects.get().why == "Price is what stops them"


def test_variants_and_guardrails_are_replaced_as_a_whole(manager, draft):
    arms = manager.get("experiments/hero-discount/").json()["variants"]
    given = [{name: arm[name] for name in ("key", "name", "weight", "value")} for arm in arms]
    given[0]["weight"], given[1]["weight"] = 80, 20
    body = {"variants": given, "guardrails": {}, "oec": "cvr"}
    changed = patch(manager, "experiments/hero-discount/", body, if_match="*").json()
    assert [arm["weight"] for arm in changed["variants"]] == [80, 20]
    assert (changed["guardrails"], changed["oec"]) == ([], "cvr")


def test_a_launched_design_is_frozen_and_kept(manager, running):
    is_problem(patch(manager, "experiments/hero-discount/", {"why": "x"}, if_match="*"), 409)
    is_problem(manager.client.delete(V1 + "experiments/hero-discount/"), 409)
    is_problem(manager.post("experiments/hero-discount/reset/"), 409)


def test_a_stopped_experiment_is_reset_and_cloned(manager, running):
    manager.post("experiments/hero-discount/stop/")
    again = manager.post("experiments/hero-discount/reset/", {"note": "Once more"}).json()
    assert (again["status"], again["run_number"]) == ("draft", 2)
    copy = manager.post("experiments/hero-discount/clone/")
    assert copy.status_code == 201
    assert copy.json()["key"] == "hero-discount-2"
    is_problem(manager.post("experiments/hero-discount/clone/", {"team": "nothing"}), 400)


def test_only_leads_make_values_live_and_bring_them_back(manager, lead, catalogue):
    path = "features/checkout-button/"
    value = {"text": "Pay", "color": "red"}
    revise = {"value": value, "expected_revision": 1, "note": "Winter"}
    is_problem(manager.post(path + "revisions/", revise), 403)
    leading = Caller(lead, "read", "manage")
    made = leading.post(path + "revisions/", revise)
    assert (made.status_code, made.json()["number"], made.json()["origin"]) == (201, 2, "edit")
    is_problem(leading.post(path + "revisions/", revise), 409)
    is_problem(leading.post(path + "revisions/", {**revise, "value": {"text": 1}}), 400)
    back = leading.post(path + "rollback/", {"to": 1, "expected_revision": 2, "note": "Too red"})
    assert (back.status_code, back.json()["reinstates"]) == (201, 1)
    assert [row["number"] for row in leading.get(path + "revisions/").json()["results"]] == [3, 2, 1]


def test_a_metric_is_defined_changed_and_deleted(manager, catalogue):
    given = {
        "key": "pages",
        "name": "Pages",
        "team": "novaeats",
        "type": "mean",
        "numerator_event": "page_view",
        "numerator_aggregation": "count",
        "direction": "increase",
        "unit": "number",
    }
    assert manager.post("metrics/", given).status_code == 201
    is_problem(manager.post("metrics/", given), 400)
    is_problem(manager.post("metrics/", {**given, "key": "other", "numerator_event": "teleport"}), 400)
    assert patch(manager, "metrics/pages/", {"name": "Page views"}, if_match="*").json()["name"] == "Page views"
    is_problem(patch(manager, "metrics/pages/", {"name": "x"}), 428)
    assert manager.client.delete(V1 + "metrics/pages/").status_code == 204
    is_problem(manager.get("metrics/pages/"), 404)


@pytest.mark.parametrize(
    ("method", "path", "content_type", "status"),
    [
        ("get", "nothing/", "", 404),
        ("get", "experiments/no such key/", "", 404),
        ("put", "experiments/", "application/json", 405),
        ("post", "experiments/", "text/plain", 415),
    ],
)
def test_whoever_refuses_it_is_a_problem_with_a_request_id(manager, catalogue, method, path, content_type, status):
    sent = {"content_type": content_type, "data": "x"} if content_type else {}
    answer = getattr(manager.client, method)(V1 + path, **sent)
    is_problem(answer, status)
    assert answer["X-Request-ID"]


def test_the_callers_request_id_is_kept_unless_it_is_strange(reader, catalogue):
    for sent, kept in (("job-7.1", True), ("x" * 65, False), ("a b", False)):
        answer = reader.client.get(V1 + "metrics/", headers={"x-request-id": sent})
        assert (answer["X-Request-ID"] == sent) is kept


def test_the_audit_log_is_read_by_what_happened(reader, manager, running):
    manager.post("experiments/hero-discount/stop/", {"note": "Enough"})
    (entry,) = reader.get("audit/?action=experiment.stop&object_key=hero-discount").json()["results"]
    assert (entry["actor"], entry["team"], entry["note"]) == ("analyst", "novaeats", "Enough")
    assert (entry["before"], entry["after"]) == ({"status": "running"}, {"status": "stopped"})
    assert reader.get("audit/?actor=nobody").json()["results"] == []
    is_problem(reader.get("audit/?since=yesterday"), 400)


def test_a_caller_sees_who_it_is(reader):
    assert reader.get("me/").json() == {
        "username": "viewer",
        "connection": None,
        "roles": {"novaeats": "viewer"},
        "scopes": ["read"],
    }


def test_an_audience_a_layer_and_a_ramp_are_designed(manager, draft, team):
    assert manager.post("layers/", {"key": "home", "name": "Home", "team": "novaeats"}).status_code == 201
    condition = {"language": "ko"}
    body = {"condition": condition, "layer": "home", "layer_share": 0.5, "ramp": [{"coverage": 0.1, "hours": 24}]}
    changed = patch(manager, "experiments/hero-discount/", body, if_match="*").json()
    assert (changed["condition"], changed["layer"]) == (condition, "home")
    assert changed["layer_end"] - changed["layer_start"] == 5000
    assert changed["ramp"] == [{"coverage": 0.1, "hours": 24.0}]
    wrong = patch(manager, "experiments/hero-discount/", {"condition": {"$nope": 1}}, if_match="*")
    assert "condition" in is_problem(wrong, 400)["errors"]
    unknown = patch(manager, "experiments/hero-discount/", {"layer": "nothing", "layer_share": 0.1}, if_match="*")
    assert "layer" in is_problem(unknown, 400)["errors"]


def test_a_running_experiment_is_ramped_paused_and_resumed(manager, lead, draft):
    ramp = {"ramp": [{"coverage": 0.1, "hours": 1}, {"coverage": 0.4, "hours": 1}]}
    assert patch(manager, "experiments/hero-discount/", ramp, if_match="*").status_code == 200
    assert manager.post("experiments/hero-discount/launch/").status_code == 200
    path = "experiments/hero-discount/"
    step = {"expected_phase": 1, "reason": "Nobody complains"}
    is_problem(manager.post(path + "ramp/", step), 403)  # nobody was exposed yet, so that the checks do not pass
    leading = Caller(lead, "read", "manage")
    assert leading.post(path + "ramp/", step).json()["coverage"] == 0.4
    is_problem(leading.post(path + "ramp/", step), 409)
    more = {"expected_phase": 2, "note": "Nobody complains"}
    is_problem(leading.post(path + "shares/", {**more, "coverage": 0.2}), 400)
    assert leading.post(path + "shares/", {**more, "coverage": 0.8}).json()["coverage"] == 0.8
    is_problem(
        leading.post(path + "shares/", {**more, "expected_phase": 3, "coverage": 0.9, "weights": {"control": 100}}), 400
    )
    assert manager.post(path + "pause/", {"note": "Holiday"}).json()["status"] == "paused"
    is_problem(manager.post(path + "pause/"), 409)
    assert manager.post(path + "resume/").json()["status"] == "running"
    kinds = [phase["kind"] for phase in manager.get(path + "phases/").json()["results"]]
    assert kinds == ["resume", "pause", "ramp", "ramp", "launch"]
    assert manager.post(path + "end/", {"ends_at": "2999-01-01T00:00:00Z"}).json()["ends_at"]
    is_problem(manager.post(path + "end/", {"ends_at": "2001-01-01T00:00:00Z"}), 400)


def test_a_team_that_reviews_launches_what_another_lead_approved(manager, lead, draft, team):
    team.requires_review = True
    team.save()
    path = "experiments/hero-discount/"
    is_problem(manager.post(path + "launch/"), 409)
    review = manager.post(path + "reviews/", {"note": "Please"}).json()
    verdict = {"review": review["id"], "verdict": "approved"}
    is_problem(manager.post(path + "reviews/decide/", verdict), 403)
    leading = Caller(lead, "read", "manage")
    assert leading.post(path + "reviews/decide/", verdict).json()["reviewer"] == "lead"
    is_problem(leading.post(path + "reviews/decide/", {**verdict, "review": 999_999}), 404)
    assert manager.post(path + "launch/").json()["status"] == "running"
    assert [row["verdict"] for row in manager.get(path + "reviews/").json()["results"]] == ["approved"]


def test_a_comment_sent_twice_is_said_once(manager, draft):
    body = {"text": "Is the banner readable?", "submission": "0a1b2c3d-0000-4000-8000-000000000001"}
    for _sent in range(2):
        assert manager.post("experiments/hero-discount/comments/", body).status_code == 201
    (comment,) = manager.get("experiments/hero-discount/comments/").json()["results"]
    assert (comment["author"], comment["text"]) == ("analyst", body["text"])


def test_a_comment_is_edited_by_its_author_and_deleted_by_a_lead(manager, leading, draft):
    said = manager.post("experiments/hero-discount/comments/", {"text": "Is it readable?"}).json()
    path = f"experiments/hero-discount/comments/{said['id']}/"
    better = {"text": "Is the banner readable?", "expected_version": 1}
    is_problem(patch(leading, path, better), 403)
    edited = patch(manager, path, better).json()
    assert (edited["text"], edited["version"]) == (better["text"], 2)
    is_problem(patch(manager, path, better), 409)
    assert leading.client.delete(V1 + path).status_code == 204
    is_problem(manager.client.delete(V1 + path), 404)


def test_the_event_catalogue_and_what_was_refused_are_listed(reader, sender, catalogue):
    sender.post({"events": [event(unit_id="")]})
    (refused,) = reader.get("rejected-events/?reason=bad_unit_id").json()["results"]
    assert refused["payload"]["unit_id"] == ""
    assert reader.get("rejected-events/?reason=other").json()["results"] == []
    names = {row["name"]: row for row in reader.get("event-types/").json()["results"]}
    assert names["purchase"]["carries_amount"] is True


def test_a_lead_switches_a_feature_and_targets_its_values(reader, manager, lead, catalogue):
    path, leading = "features/checkout-button/", Caller(lead, "read", "manage")
    first, etag = etag_of(leading, path)
    assert (first.json()["value_type"], first.json()["enabled"], first.json()["targets"]) == ("object", True, [])
    target = {"condition": {"city": "busan"}, "value": {"text": "Pay", "color": "red"}, "note": "Busan first"}
    body = {"enabled": False, "targets": [target], "note": "Try it"}
    is_problem(patch(manager, path, body, if_match=etag), 403)
    is_problem(patch(leading, path, body), 428)
    changed = patch(leading, path, body, if_match=etag)
    assert (changed.json()["enabled"], changed.json()["targets"]) == (False, [target])
    is_problem(patch(leading, path, {"enabled": True}, if_match=etag), 412)
    wrong = {"enabled": True, "targets": [{**target, "value": {"text": 1}}]}
    assert "targets" in is_problem(patch(leading, path, wrong, if_match=changed["ETag"]), 400)["errors"]
    assert leading.get(path).json()["enabled"] is False, "all of it or nothing"
    kinds = {entry["action"] for entry in reader.get("audit/?object_key=checkout-button").json()["results"]}
    assert kinds >= {"feature.target", "feature.disable"}
    assert reader.get("features/checkout-button/")["ETag"] == changed["ETag"]


def test_a_feature_of_a_bare_value_is_declared(manager, catalogue):
    one = {"name": "value", "type": "boolean", "label": "Value", "default": False}
    given = {"key": "new-search", "name": "New search", "surface": "external", "component": "app", "team": "novaeats"}
    made = manager.post("features/", {**given, "value_type": "boolean", "parameters": [one]})
    assert (made.status_code, made.json()["value_type"]) == (201, "boolean")
    wrong = manager.post("features/", {**given, "key": "other", "value_type": "integer", "parameters": [one]})
    assert "parameters" in is_problem(wrong, 400)["errors"]


def test_an_experiment_says_how_its_feature_is_served(reader, running, lead):
    targeting.switch(running.feature, enabled=False, expected=1, actor=lead)
    served = reader.get("experiments/hero-discount/").json()["served"]
    assert served == {"value_type": "object", "enabled": False, "targets": []}
