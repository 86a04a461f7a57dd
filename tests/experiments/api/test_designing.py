"""What programs design with: layers, the holdout, templates, audiences, the checklist, reviews withdrawn, watching."""

import pytest
from django.utils import timezone

from experiments.allocation import holdout, layers
from experiments.models import DesignTemplate, Experiment, Metric
from experiments.public import EventInput, UnitInput, new_event_id, note_units, record
from novarium.portal import connections
from tests.experiments.api.calling import V1, Caller, etag_of, is_problem, patch

pytestmark = pytest.mark.django_db


@pytest.fixture
def layer(team, lead, catalogue):
    return layers.create(key="home", name="Home", team=team, description="", actor=lead)


def test_a_layer_shows_who_holds_it_and_its_words_change(reader, manager, other_lead, layer, draft):
    taken = {"layer": "home", "layer_share": 0.25}
    assert patch(manager, "experiments/hero-discount/", taken, if_match="*").status_code == 200
    shown, etag = etag_of(reader, "layers/home/")
    (slot,) = shown.json()["slots"]
    assert (slot["experiment"], slot["end"] - slot["start"], slot["live"]) == ("hero-discount", 2500, False)
    assert shown.json()["free_share"] == 1
    is_problem(patch(Caller(other_lead, "manage"), "layers/home/", {"name": "Mine"}, if_match=etag), 403)
    is_problem(patch(manager, "layers/home/", {"name": "Start"}), 428)
    is_problem(patch(manager, "layers/home/", {"key": "start"}, if_match=etag), 400)
    changed = patch(manager, "layers/home/", {"name": "Start"}, if_match=etag)
    assert (changed.json()["name"], changed.json()["description"]) == ("Start", "")
    is_problem(patch(manager, "layers/home/", {"name": "Again"}, if_match=etag), 412)
    assert manager.post("experiments/hero-discount/launch/").status_code == 200
    assert reader.get("layers/home/").json()["free_share"] == 0.75
    is_problem(reader.get("layers/nothing/"), 404)


def test_only_an_admin_changes_the_holdout_and_overwrites_nobody(reader, leading, admin):
    first, etag = etag_of(reader, "holdout/")
    assert first.json() == {"share": 0.0, "updated_at": None}
    is_problem(patch(leading, "holdout/", {"share": 0.05}, if_match=etag), 403)
    ruling = Caller(admin, "read", "manage")
    is_problem(patch(ruling, "holdout/", {"share": 0.05}), 428)
    for share in (0.6, -0.1, "NaN"):
        assert "share" in is_problem(patch(ruling, "holdout/", {"share": share}, if_match=etag), 400)["errors"]
    changed = patch(ruling, "holdout/", {"share": 0.05, "note": "A yardstick"}, if_match=etag)
    assert (changed.json()["share"], holdout.share()) == (0.05, 0.05)
    is_problem(patch(ruling, "holdout/", {"share": 0.1}, if_match=etag), 412)
    (entry,) = reader.get("audit/?action=holdout.share").json()["results"]
    assert entry["note"] == "A yardstick"


def test_a_design_is_kept_as_a_template_and_begun_from(reader, manager, running):
    body = {"experiment": "hero-discount", "name": "Banner test"}
    is_problem(reader.post("templates/", body), 403)
    kept = manager.post("templates/", body)
    assert (kept.status_code, kept.json()["content"]["oec"]) == (201, "ctr")
    assert "name" in is_problem(manager.post("templates/", body), 400)["errors"]
    path = f"templates/{kept.json()['id']}/"
    assert reader.get(path).json()["created_by"] == "analyst"
    assert [row["name"] for row in reader.get("templates/?team=novaeats").json()["results"]] == ["Banner test"]
    assert reader.get("templates/?team=riders").json()["results"] == []
    started = manager.post(path + "start/", {"name": "Banner test, autumn"})
    made = started.json()["experiment"]
    assert (started.status_code, made["status"], made["feature"]) == (201, "draft", "home-hero-banner")
    assert (made["owner"], len(made["variants"]), started.json()["missing"]) == ("analyst", 2, [])
    other = manager.post(path + "start/", {"name": "Button test", "feature": "checkout-button"}).json()["experiment"]
    assert (other["feature"], other["baseline"]) == ("checkout-button", None)
    is_problem(manager.post(path + "start/", {"name": "x", "feature": "nothing"}), 400)
    assert manager.client.delete(V1 + path).status_code == 204
    is_problem(manager.client.delete(V1 + path), 404)
    assert Experiment.objects.count() == 3


def test_another_team_neither_uses_nor_deletes_a_template(manager, other_lead, running):
    kept = manager.post("templates/", {"experiment": "hero-discount", "name": "Ours"}).json()
    caller, path = Caller(other_lead, "read", "manage"), f"templates/{kept['id']}/"
    assert caller.get(path).status_code == 200
    is_problem(caller.post(path + "start/", {"name": "Theirs"}), 403)
    is_problem(caller.client.delete(V1 + path), 403)
    assert DesignTemplate.objects.count() == 1


def test_a_template_says_what_is_there_no_more(manager, draft):
    kept = manager.post("templates/", {"experiment": "hero-discount", "name": "Ours"}).json()
    draft.delete()
    Metric.objects.get(key="aov").delete()
    started = manager.post(f"templates/{kept['id']}/start/", {"name": "Again"}).json()
    assert (started["missing"], started["experiment"]["guardrails"]) == (["aov"], [])


def test_an_audience_is_counted_and_its_attributes_are_listed(reader, catalogue):
    now = timezone.now()
    kinds = {f"u{number}": "mobile" if number < 3 else "desktop" for number in range(5)}
    note_units([UnitInput(unit_id=unit, attributes={"device": kind}, seen_at=now) for unit, kind in kinds.items()])
    viewed = {"name": "page_view", "occurred_at": now}
    record(events=[EventInput(event_id=new_event_id(now), unit_id=unit, **viewed) for unit in kinds], using="default")
    count = reader.post("audience/", {"condition": {"device": "mobile"}}).json()
    assert (count["matched"], count["total"], count["share"]) == (3, 5, 0.6)
    assert sum(day["matched"] for day in count["days"]) == 3
    problem = is_problem(reader.post("audience/", {"condition": {"$nope": 1}}), 400)
    assert "condition" in problem["errors"]
    known = {item["key"]: item for item in reader.get("audience/attributes/").json()["attributes"]}
    assert known["device"]["choices"] == ["mobile", "desktop", "tablet"]


def test_the_checklist_says_what_keeps_a_draft_from_its_launch(reader, manager, draft):
    path = "experiments/hero-discount/checklist/"
    found = reader.get(path).json()
    states = {item["key"]: item["state"] for item in found["items"]}
    assert (found["ready"], states["design"], states["guardrails"]) == (True, "ok", "ok")
    assert states["previews"] == "warn"
    patch(manager, "experiments/hero-discount/", {"why": ""}, if_match="*")
    blocked = reader.get(path).json()
    assert (blocked["ready"], blocked["items"][0]["state"]) == (False, "blocked")
    patch(manager, "experiments/hero-discount/", {"why": "Calm"}, if_match="*")
    manager.post("experiments/hero-discount/launch/")
    is_problem(reader.get(path), 409)


def test_whoever_asked_for_a_review_withdraws_it_once(manager, leading, draft):
    path = "experiments/hero-discount/reviews/"
    review = manager.post(path, {"note": "Please"}).json()
    body = {"review": review["id"], "note": "Not yet"}
    is_problem(leading.post(path + "withdraw/", body), 403)
    is_problem(manager.post(path + "withdraw/", {"review": 999_999}), 404)
    assert manager.post(path + "withdraw/", body).json()["verdict"] == "withdrawn"
    is_problem(manager.post(path + "withdraw/", body), 409)
    is_problem(leading.post(path + "decide/", {"review": review["id"], "verdict": "approved"}), 409)


def test_a_person_watches_and_stops_to_and_a_read_token_changes_nothing(viewer, reader, draft):
    path = "experiments/hero-discount/watch/"
    caller = Caller(viewer, "read", "manage")
    assert reader.get(path).json() == {"watching": False, "watchers": ["analyst"]}
    is_problem(reader.client.put(V1 + path), 403)
    for _sent in range(2):
        assert caller.client.put(V1 + path).json() == {"watching": True, "watchers": ["analyst", "viewer"]}
    for _sent in range(2):
        assert caller.client.delete(V1 + path).status_code == 204
    assert reader.get(path).json()["watching"] is False


def test_a_products_key_does_not_watch_for_whoever_made_it(team, lead, draft):
    settings = connections.Settings(name="Reports")
    _made, key = connections.create(team=team, kind="server", scopes=["manage"], settings=settings, actor=lead)
    is_problem(Caller.with_secret(key).client.put(V1 + "experiments/hero-discount/watch/"), 403)
