"""Refused events for programs: found, mended, replayed once."""

import pytest

from experiments.models import Event, RejectedEvent
from tests.experiments.api.calling import Caller, is_problem
from tests.experiments.api.test_api import event

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused(sender, catalogue):
    """An event without a unit, as it was refused."""
    sender.post({"events": [event(unit_id="")]})
    return RejectedEvent.objects.get()


def test_a_refused_event_is_read_mended_and_replayed_once(reader, manager, refused):
    path = f"rejected-events/{refused.pk}/"
    read = reader.get(path).json()
    assert (read["reason"], read["replayed_at"]) == ("bad_unit_id", None)
    is_problem(reader.post(path + "replay/"), 403)
    assert "payload" in is_problem(manager.post(path + "replay/"), 400)["errors"], "as it came it is refused again"
    mended = {"payload": {**read["payload"], "unit_id": "u1"}}
    assert manager.post(path + "replay/", mended).json() == {"outcome": "stored"}
    is_problem(manager.post(path + "replay/", mended), 409)
    assert reader.get(path).json()["replayed_at"]
    assert Event.objects.get().unit_id == "u1"
    assert [row["id"] for row in reader.get("rejected-events/?state=replayed").json()["results"]] == [str(refused.pk)]


def test_a_viewer_replays_nothing(viewer, refused):
    caller = Caller(viewer, "read", "manage")
    is_problem(caller.post(f"rejected-events/{refused.pk}/replay/"), 403)
    is_problem(caller.post("rejected-events/replay/", {"reason": "bad_unit_id"}), 403)


def test_unknown_refused_event_is_a_problem(reader, catalogue):
    is_problem(reader.get("rejected-events/0a1b2c3d-0000-4000-8000-000000000001/"), 404)


def test_all_of_a_reason_are_replayed_once_the_catalogue_knows_them(manager, sender, catalogue):
    sender.post({"events": [event(name="spin", properties={}), event(name="spin", properties={}), event(unit_id="")]})
    is_problem(manager.post("rejected-events/replay/", {}), 400)
    body = {"reason": "unknown_event"}
    assert manager.post("rejected-events/replay/", body).json() == {"stored": 0, "duplicate": 0, "still_refused": 2}
    assert manager.post("event-types/", {"name": "spin", "team": "novaeats"}).status_code == 201
    assert manager.post("rejected-events/replay/", body).json() == {"stored": 2, "duplicate": 0, "still_refused": 0}
    assert RejectedEvent.objects.filter(replayed_at=None).count() == 1


def test_refused_events_are_listed_by_state_day_and_text(reader, refused):
    def found(query):
        return len(reader.get(f"rejected-events/?{query}").json()["results"])

    assert (found("state=waiting"), found("state=replayed")) == (1, 0)
    assert (found("search=page_view"), found("search=xyz")) == (1, 0)
    assert (found("since=2999-01-01"), found("until=2999-01-01")) == (0, 1)
    is_problem(reader.get("rejected-events/?since=yesterday"), 400)
    is_problem(reader.get("rejected-events/?state=lost"), 400)


def test_an_event_is_declared_and_carried_on_in_versions(reader, manager, other_lead, catalogue):
    tip = {"name": "tip", "type": "integer", "required": False, "description": ""}
    given = {"name": "ride", "team": "novaeats", "carries_amount": True, "properties": [tip]}
    is_problem(Caller(other_lead, "manage").post("event-types/", given), 403)
    is_problem(reader.post("event-types/", given), 403)
    made = manager.post("event-types/", given)
    assert (made.status_code, made.json()["version"], made.json()["properties"]) == (201, 1, [tip])
    assert "name" in is_problem(manager.post("event-types/", given), 400)["errors"]
    wrong = {**given, "name": "walk", "properties": [{**tip, "type": "date"}]}
    assert "properties" in is_problem(manager.post("event-types/", wrong), 400)["errors"]
    path = "event-types/ride/versions/"
    fewer = {"expected_version": 1, "carries_amount": True, "properties": []}
    is_problem(manager.post(path, fewer), 400)
    changed = manager.post(path, {**fewer, "breaks": True, "note": "Nobody tips"})
    assert (changed.status_code, changed.json()["version"], changed.json()["properties"]) == (201, 2, [])
    is_problem(manager.post(path, {**fewer, "properties": [tip]}), 409)
    assert reader.get("event-types/ride/").json() == changed.json()
    is_problem(reader.get("event-types/nothing/"), 404)
