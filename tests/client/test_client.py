"""The client for programs, against a server over real HTTP."""

from __future__ import annotations

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from celery.app.utils import find_app

from novarium.client import ApiError, Client, Conflict, Forbidden, Invalid, NotFound, Unauthorized, Unreachable
from simulation import tasks
from tests.experiments.api.test_api import new_draft

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_program_takes_an_experiment_from_draft_to_stop(client_of, catalogue, analyst):
    client = client_of(analyst)
    made = client.experiments.create(**new_draft())
    assert (made.status, made.variants[1].value["color"]) == ("draft", "green")
    read = client.experiments.get(made.key)
    changed = client.experiments.change(read, mde=0.08, what="Greener")
    assert (changed.mde, changed.what, changed.who) == (0.08, "Greener", "Everybody")
    with pytest.raises(Conflict) as refused:
        client.experiments.change(read, mde=0.1)
    assert refused.value.status == 412
    again = client.experiments.change(changed, mde=0.1)
    assert client.experiments.launch(made.key).status == "running"
    with pytest.raises(Conflict) as frozen:
        client.experiments.change(client.experiments.get(made.key), mde=0.2)
    assert frozen.value.status == 409
    assert again.mde == 0.1
    assert [found.key for found in client.experiments.list(status="running")] == [made.key]
    stopped = client.experiments.stop(made.key, note="Enough")
    assert stopped.status == "stopped"
    assert client.audit(object_key=made.key, action="experiment.stop")[0]["note"] == "Enough"
    copy = client.experiments.clone(made.key)
    client.experiments.delete(copy.key)
    with pytest.raises(NotFound):
        client.experiments.get(copy.key)


def test_a_list_goes_over_all_pages(client_of, draft, analyst):
    client = client_of(analyst)
    keys = {client.experiments.clone(draft.key).key for _copy in range(52)} | {draft.key}
    assert {found.key for found in client.experiments.list()} == keys


def test_results_become_a_table(client_of, winner, viewer):
    results = client_of(viewer).results("hero-discount")
    frame = results.to_frame()
    assert list(frame["metric"]) == ["ctr", "aov"]
    assert frame.loc[0, "lift"] == results.oec.comparisons[0].lift > 0
    assert (frame.loc[0, "control_units"], frame.loc[0, "units"]) == (1010, 1000)
    assert not results.sample_ratio["mismatch"]
    series = results.series_frame()
    assert list(series["units"]) == sorted(series["units"])


def test_a_lead_adopts_and_rolls_back(client_of, winner, lead):
    client = client_of(lead)
    feature = client.features.get("home-hero-banner")
    entry = client.experiments.adopt(
        "hero-discount",
        variant="discount",
        run=1,
        expected_revision=feature.revision,
        note="Better",
        learning="Price counts",
        stop_first=True,
    )
    assert entry["outcome"] == "adopted"
    (adoption,) = client.adoptions.list(feature=feature.key)
    assert (adoption.experiment, adoption.variant, adoption.revision) == ("hero-discount", "discount", 2)
    adopted = client.features.get(feature.key)
    assert adopted.value["discount_percent"] == 20
    back = client.features.roll_back(adopted, to=1, note="Complaints")
    assert (back.number, back.reinstates, back.value) == (3, 1, feature.value)
    assert [revision.number for revision in client.features.revisions(feature.key)] == [3, 2, 1]
    assert client.archive(feature=feature.key)[0]["experiment_key"] == "hero-discount"


def test_features_and_metrics_are_defined(client_of, catalogue, analyst):
    client = client_of(analyst)
    parameters = [{"name": "text", "type": "text", "label": "Text", "default": "Hello", "max_length": 40}]
    words = {"name": "Greeting", "surface": "external", "component": "Head", "description": "", "team": "novaeats"}
    feature = client.features.create(key="greeting", parameters=parameters, **words)
    assert (feature.revision, feature.value) == (1, {"text": "Hello"})
    with pytest.raises(Invalid) as taken:
        client.features.create(key="greeting", parameters=parameters, **words)
    assert "key" in taken.value.errors
    metric = client.metrics.get("aov")
    changed = client.metrics.change(metric, description="Won per order")
    assert changed.description == "Won per order"
    with pytest.raises(Conflict):
        client.metrics.change(metric, description="Other")


def test_events_sent_twice_are_stored_once(client_of, intake, catalogue, analyst):
    client = client_of(analyst, "ingest", url=intake)
    first = client.events.send([{"name": "page_view", "unit_id": "u1", "properties": {"page": "home"}}, {"name": "x"}])
    assert (first.stored, first.rejected) == (1, 1)
    assert first.receipts[1].reason
    known = {"event_id": first.receipts[0].event_id, "name": "page_view", "unit_id": "u1"}
    again = client.events.send([{**known, "properties": {"page": "home"}}])
    assert (again.stored, again.duplicate) == (0, 1)


def test_a_refused_event_is_mended_and_replayed(client_of, intake, catalogue, analyst):
    given = {"name": "page_view", "unit_id": "", "properties": {"page": "home"}}
    client_of(analyst, "ingest", url=intake).events.send([given, given])
    client = client_of(analyst)
    first, _second = client.events.rejected(reason="bad_unit_id", state="waiting")
    assert client.events.replay(first["id"], {**first["payload"], "unit_id": "u1"}) == "stored"
    with pytest.raises(Conflict):
        client.events.replay(first["id"], {**first["payload"], "unit_id": "u1"})
    assert client.events.replay_all("bad_unit_id") == {"stored": 0, "duplicate": 0, "still_refused": 1}


def test_a_design_is_planned_checked_kept_and_begun_again(client_of, draft, analyst, viewer):
    client = client_of(analyst)
    told = client.experiments.plan(draft.key, mde=0.1, daily_units=400)
    assert (told.asked["mde"], told.days % 7, told.total) == (0.1, 0, sum(told.plan["per_arm"]))
    assert client.plan("cvr", baseline=0.2, mde=0.1).total > 100
    assert client.count_audience({"device": "mobile"})["matched"] == 0
    assert client.experiments.checklist(draft.key)["ready"]
    with pytest.raises(NotFound):
        client.experiments.baseline(draft.key, metric="cvr")
    review = client.experiments.request_review(draft.key)
    assert client.experiments.withdraw_review(draft.key, review["id"])["verdict"] == "withdrawn"
    kept = client.templates.keep(draft.key, name="Banner test")
    started = client.templates.start(kept["id"], name="Banner test, autumn")
    assert (started.status, started.feature, started.more["missing"]) == ("draft", draft.feature.key, [])
    client.templates.delete(kept["id"])
    assert list(client.templates.list()) == []
    client_of(viewer).experiments.watch(draft.key)
    client_of(viewer).experiments.unwatch(draft.key)


def test_a_lead_targets_a_feature_and_hands_out_keys(client_of, catalogue, lead):
    client = client_of(lead)
    feature = client.features.get("checkout-button")
    target = {"condition": {"city": "busan"}, "value": {**feature.value, "color": "red"}, "note": ""}
    changed = client.features.change(feature, targets=[target], enabled=False, note="Try")
    assert (changed.targets, changed.enabled, changed.value_type) == ((target,), False, "object")
    with pytest.raises(Conflict):
        client.features.change(feature, enabled=True)
    assert client.features.change(changed, enabled=True).enabled
    made = client.connections.create(team="novaeats", name="Robot", kind="server", scopes=["read"])
    assert client.connections.change(made.id, per_minute=60).per_minute == 60
    rolled = client.connections.roll(made.id)
    assert rolled.key != made.key
    assert rolled.key not in repr(rolled)
    assert client.connections.revoke(made.id).state == "revoked"
    assert [(one.name, one.key) for one in client.connections.list(team="novaeats")] == [("Robot", "")]


def test_refusals_are_exceptions_with_the_problem(client_of, live_server, draft, viewer, analyst):
    with pytest.raises(Forbidden):
        client_of(viewer).experiments.launch(draft.key)
    with Client(live_server.url, token="0" * 64) as stranger, pytest.raises(Unauthorized):
        stranger.experiments.get(draft.key)
    with pytest.raises(NotFound) as missing:
        client_of(analyst).results(draft.key)
    assert missing.value.detail == "There are no results yet."
    assert missing.value.request_id
    with pytest.raises(Invalid) as refused:
        client_of(analyst).experiments.create(key="a", name="A", feature="nothing")
    assert "feature" in refused.value.errors


class Flaky(BaseHTTPRequestHandler):
    """Refuses as often as it is told, then answers."""

    refusals: ClassVar[list[int]] = []
    seen: ClassVar[list[str]] = []

    def do_GET(self):
        self.seen.append(self.command)
        status = self.refusals.pop(0) if self.refusals else 200
        body = b'{"key": "f", "reason": "STATIC", "value": 1}' if status == 200 else b"<html>"
        self.send_response(status)
        if status == 429:
            self.send_header("Retry-After", "0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *args):
        pass


@pytest.fixture
def flaky():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Flaky)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    Flaky.refusals, Flaky.seen = [], []
    with Client(f"http://127.0.0.1:{server.server_port}", token="t", first_wait=0.001, attempts=3) as client:
        yield client
    server.shutdown()
    server.server_close()
    thread.join()


def test_reads_are_tried_again_and_writes_are_not(flaky):
    Flaky.refusals = [503, 502]
    assert flaky.evaluate("f", "u").value == 1
    Flaky.refusals = [503, 503, 503]
    with pytest.raises(ApiError) as gave_up:
        flaky.features.get("f")
    assert gave_up.value.status == 503
    Flaky.refusals, Flaky.seen = [503], []
    with pytest.raises(ApiError):
        flaky.experiments.launch("x")
    assert Flaky.seen == ["POST"]


def test_a_limit_is_waited_for(flaky):
    Flaky.refusals, Flaky.seen = [429], []
    with pytest.raises(TypeError):  # the answer is no experiment; it did come
        flaky.experiments.launch("x")
    assert Flaky.seen == ["POST", "POST"]


def test_a_server_that_is_away_is_named():
    with (
        Client("http://127.0.0.1:9", token="t", first_wait=0.001) as client,
        pytest.raises(Unreachable, match="features/x"),
    ):
        client.features.get("x")


def test_importing_the_client_starts_no_django():
    code = "import sys, novarium.client; print(sorted({m.split('.')[0] for m in sys.modules}))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "httpx" in answer.stdout
    for name in ("django", "celery", "rest_framework", "pandas"):
        assert f"'{name}'" not in answer.stdout


def test_tasks_are_still_sent_by_our_application():
    assert find_app("novarium").main == "novarium"
    found = next(task for task in vars(tasks).values() if hasattr(task, "app"))
    assert found.app.main == "novarium"
