"""The pages of the event catalogue and of rejected events."""

import json

import pytest
from django.core.cache import caches
from django.test import Client

from experiments.models import Event, EventType, RejectedEvent
from tests.experiments.events.sending import event, send

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_counts():
    caches["process"].clear()


def browser(person):
    client = Client()
    client.force_login(person)
    return client


def rows(*properties):
    data = {"property-TOTAL_FORMS": str(len(properties)), "property-INITIAL_FORMS": "0"}
    for number, (name, kind, *required) in enumerate(properties):
        data |= {f"property-{number}-name": name, f"property-{number}-type": kind}
        data |= {f"property-{number}-required": "on"} if required else {}
    return data


def test_the_list_shows_how_often_each_event_came_and_who_reads_it(catalogue, viewer):
    send([event() for _n in range(7)])
    page = browser(viewer).get("/events/").content.decode()
    assert 'data-value="7"' in page
    assert "/metrics/ctr/" in page
    assert "New event" not in page


def test_one_event_shows_properties_versions_and_how_to_send_it(catalogue, viewer):
    page = browser(viewer).get("/events/purchase/").content.decode()
    for part in ("restaurant", "Whole number", "Version 1", "&quot;amount&quot;: 18900"):
        assert part in page, part


def test_an_analyst_declares_an_event_and_adds_a_version(catalogue, team, analyst):
    client = browser(analyst)
    assert client.get("/events/new/").status_code == 200
    sent = {"name": "ride", "team": team.pk, "description": "A ride", "expected": "0"}
    answer = client.post("/events/new/save/", {**sent, **rows(("city", "text", True), ("", "text"))})
    assert answer.headers["Location"] == "/events/ride/"
    assert client.get("/events/ride/version/").status_code == 200
    sent = {"expected": "1", "note": "", **rows(("city", "text", True), ("km", "number"))}
    assert client.post("/events/ride/version/save/", sent).status_code == 302
    newest = EventType.objects.get(name="ride").versions.first()
    assert (newest.number, [item["name"] for item in newest.properties]) == (2, ["city", "km"])


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        (rows(), "would be refused"),
        (rows(("city", "text", True), ("city", "number")), "declared twice"),
        (rows(("city", "text", True), ("Km", "number")), "small letters"),
        (rows(("city", "date", True)), "Select a valid choice"),
        ({}, "ManagementForm"),
    ],
)
def test_a_version_that_is_not_right_comes_back_with_what_is_wrong(catalogue, team, analyst, sent, sentence):
    client = browser(analyst)
    first = {"name": "ride", "team": team.pk, "expected": "0", **rows(("city", "text", True))}
    client.post("/events/new/save/", first)
    answer = client.post("/events/ride/version/save/", {"expected": "1", **sent})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert EventType.objects.get(name="ride").versions.count() == 1


def test_other_teams_and_viewers_change_nothing(catalogue, viewer, other_lead):
    assert browser(viewer).get("/events/new/").status_code == 403
    assert browser(other_lead).get("/events/click/version/").status_code == 403
    assert browser(other_lead).post("/events/click/version/save/").status_code == 403


def test_a_rejected_event_is_mended_on_its_page(catalogue, analyst):
    send([event(unit_id="")])
    rejected, client = RejectedEvent.objects.get(), browser(analyst)
    assert str(rejected.pk) in client.get("/events/rejected/").content.decode()
    page = client.get(f"/events/rejected/{rejected.pk}/").content.decode()
    assert "Mend and replay" in page
    wrong = client.post(f"/events/rejected/{rejected.pk}/replay/", {"payload": "{"})
    assert (wrong.status_code, "This is no JSON" in wrong.content.decode()) == (422, True)
    still = client.post(f"/events/rejected/{rejected.pk}/replay/", {"payload": json.dumps(rejected.payload)})
    assert (still.status_code, "unit_id must be" in still.content.decode()) == (422, True)
    mended = json.dumps({**rejected.payload, "unit_id": "u2"})
    assert client.post(f"/events/rejected/{rejected.pk}/replay/", {"payload": mended}).status_code == 302
    assert Event.objects.get().unit_id == "u2"
    assert "Mend and replay" not in client.get(f"/events/rejected/{rejected.pk}/").content.decode()
    assert client.post(f"/events/rejected/{rejected.pk}/replay/", {"payload": mended}).status_code == 409


def test_filters_narrow_the_list_and_a_strange_one_breaks_nothing(catalogue, analyst):
    send([event(unit_id=""), event(name="buy")])
    client = browser(analyst)
    assert len(client.get("/events/rejected/?reason=unknown_event").context["page"].object_list) == 1
    assert len(client.get("/events/rejected/?search=buy").context["page"].object_list) == 1
    assert len(client.get("/events/rejected/?since=nonsense&reason=%00&state=x").context["page"].object_list) == 2
    assert not client.get("/events/rejected/?state=replayed").context["page"].object_list


def test_viewers_read_rejected_events_and_replay_none(catalogue, viewer):
    send([event(unit_id="")])
    rejected, client = RejectedEvent.objects.get(), browser(viewer)
    assert client.get(f"/events/rejected/{rejected.pk}/").status_code == 200
    assert client.post(f"/events/rejected/{rejected.pk}/replay/", {"payload": "{}"}).status_code == 403
    assert client.post("/events/rejected/replay/", {"reason": "bad_unit_id"}).status_code == 403


def test_empty_pages_say_what_they_are_for(viewer):
    client = browser(viewer)
    assert "No event is declared yet" in client.get("/events/").content.decode()
    assert "No event was rejected" in client.get("/events/rejected/").content.decode()
