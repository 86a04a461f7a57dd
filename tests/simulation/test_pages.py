"""The simulator's pages: the truth, the traffic, and people for an experiment."""

import re

import pytest
from django.core.management import CommandError, call_command

from novarium.portal.models import AuditEntry
from simulation import tasks
from simulation.labels import METRICS, PERSONAS
from simulation.models import SwarmRun, TrafficSetting
from simulation.personas import DEFAULT_MIX
from simulation.swarm import runs, traffic

MIX = {key: str(share) for key, share in DEFAULT_MIX.items()}
BAD_MIX = {**MIX, "mission": "20"}


@pytest.fixture(autouse=True)
def _sells(db, catalogue):
    call_command("seed_shop", verbosity=0)


@pytest.fixture
def as_analyst(client, analyst):
    client.force_login(analyst)
    return client


@pytest.fixture
def queued(monkeypatch):
    """Which runs were handed to the workers."""
    handed = []
    monkeypatch.setattr(tasks, "queue", handed.append)
    return handed


def test_the_page_shows_the_truth_of_the_present_shop(as_analyst):
    page = as_analyst.get("/simulator/").content.decode()
    assert "32.3%" in page
    assert "3.4%" in page
    assert page.count('class="stat"') >= len(METRICS) or page.count("stat-label") >= len(METRICS)


def test_no_two_controls_of_the_page_share_an_id(as_analyst):
    ids = re.findall(r'<(?:input|fieldset|select)[^>]* id="([^"]+)"', as_analyst.get("/simulator/").content.decode())
    assert len(ids) > 2 * len(PERSONAS)
    assert len(ids) == len(set(ids))


def test_the_truth_follows_the_mix(as_analyst):
    only = {key: "100" if key == "impulsive" else "0" for key in PERSONAS}
    fragment = as_analyst.get("/simulator/truth/", only)
    assert fragment.status_code == 200
    assert "30.0%" in fragment.content.decode()


def test_a_mix_that_is_not_100_is_answered_422_with_the_reason(as_analyst):
    fragment = as_analyst.get("/simulator/truth/", BAD_MIX)
    assert fragment.status_code == 422
    assert "must sum to 100" in fragment.content.decode()


@pytest.mark.parametrize("odd", ["", "x", "-5", "101", "1e400", "NaN"])
def test_odd_shares_are_answered_at_the_field(as_analyst, odd):
    answer = as_analyst.get("/simulator/truth/", {**MIX, "mission": odd})
    assert answer.status_code == 422


def test_traffic_is_changed_and_audited(as_analyst):
    answer = as_analyst.post("/simulator/traffic/", {**MIX, "enabled": "on", "visitors_per_minute": "90"})
    assert answer.status_code == 302
    assert (traffic.setting().enabled, traffic.setting().visitors_per_minute) == (True, 90)
    assert AuditEntry.objects.get(action="traffic.change").after["visitors_per_minute"] == 90


@pytest.mark.parametrize("bad", [{"visitors_per_minute": "0"}, {"visitors_per_minute": "9999"}, {"mission": "11"}])
def test_bad_traffic_is_refused_and_changes_nothing(as_analyst, bad):
    answer = as_analyst.post("/simulator/traffic/", {**MIX, "enabled": "on", "visitors_per_minute": "90", **bad})
    assert answer.status_code == 422
    assert not TrafficSetting.objects.filter(enabled=True).exists()


def test_people_are_sent_for_a_running_experiment(as_analyst, running, queued, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        answer = as_analyst.post(f"/simulator/experiment/{running.key}/send/", {**MIX, "visitors": "450", "seed": "5"})
    assert answer.status_code == 302
    run = SwarmRun.objects.get()
    assert (run.experiment_key, run.experiment_run, run.visitors, run.seed) == (running.key, 1, 450, 5)
    assert [(batch.first, batch.size) for batch in run.batches.all()] == [(0, 200), (200, 200), (400, 50)]
    assert queued == [run.pk]
    assert AuditEntry.objects.get(action="swarm.request").object_key == running.key


@pytest.mark.parametrize("bad", [{"visitors": "0"}, {"visitors": "x"}, {"seed": "-1"}, {"mission": "11"}])
def test_a_bad_request_for_people_is_refused_at_the_field(as_analyst, running, bad):
    answer = as_analyst.post(f"/simulator/experiment/{running.key}/send/", {**MIX, "visitors": "10", **bad})
    assert answer.status_code == 422
    assert not SwarmRun.objects.exists()


def test_nobody_is_sent_for_a_draft(as_analyst, draft):
    answer = as_analyst.post(f"/simulator/experiment/{draft.key}/send/", {**MIX, "visitors": "10"})
    assert answer.status_code == 422
    assert "not running" in answer.content.decode()


def test_the_panel_is_a_fragment_for_htmx_and_a_page_otherwise(as_analyst, running):
    url = f"/simulator/experiment/{running.key}/"
    assert "<html" in as_analyst.get(url).content.decode()
    fragment = as_analyst.get(url, headers={"HX-Request": "true"}).content.decode().strip()
    assert fragment.startswith('<div id="swarm"')
    assert "True lift" in fragment


def test_progress_asks_again_while_people_are_on_their_way_and_stops_after(as_analyst, running, analyst):
    run = runs.request(
        visitors=10, seed=1, mix=DEFAULT_MIX, actor=analyst, target=runs.Target(running.key, 1, running.team_id)
    )
    url = f"/simulator/experiment/{running.key}/runs/{run.pk}/"
    assert "every 1s" in as_analyst.get(url).content.decode()
    assert as_analyst.post(f"{url}cancel/").status_code == 302
    after = as_analyst.get(url).content.decode()
    assert "every 1s" not in after
    assert "Cancelled" in after


def test_a_viewer_sends_nobody(client, viewer, running):
    client.force_login(viewer)
    answer = client.post(f"/simulator/experiment/{running.key}/send/", {**MIX, "visitors": "10"})
    assert answer.status_code == 403


def test_background_traffic_comes_in_portions_and_waits_for_others(db):
    assert traffic.next_run() is None
    traffic.change(enabled=True, visitors_per_minute=60, mix=DEFAULT_MIX, actor=None)
    run = traffic.next_run()
    assert (run.visitors, run.experiment_key) == (20, "")
    assert traffic.next_run() is None, "the people before them are still on their way"


def test_the_command_sends_exactly_the_people_asked_for(open_shop, running, capsys):
    call_command("run_swarm", running.key, visitors=25, seed=9)
    run = SwarmRun.objects.get()
    assert (run.status, run.visits, run.errors) == ("finished", 25, 0)
    assert "25 visits in" in capsys.readouterr().out


def test_the_command_refuses_an_experiment_that_does_not_run(draft):
    with pytest.raises(CommandError, match="not running"):
        call_command("run_swarm", draft.key, visitors=5)


@pytest.mark.parametrize("mix", ["mission=50", "robot=100", "mission", "mission=x"])
def test_the_command_refuses_a_bad_mix(running, mix):
    with pytest.raises(CommandError):
        call_command("run_swarm", running.key, "--visitors=5", f"--mix={mix}")
