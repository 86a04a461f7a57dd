"""An experiment's own pages, and what can be done there."""

import pytest

from experiments.models import Experiment, Run
from experiments.running import lifecycle
from novarium.portal.models import AuditEntry
from tests.experiments.pages.conftest import state_of

pytestmark = pytest.mark.django_db

HERE = "/experiments/hero-discount/"


def test_design_shows_what_differs_and_that_it_is_frozen(as_viewer, running):
    response = as_viewer.get(HERE)
    page = response.content.decode()
    changed = [row.label for row in response.context["comparison"].rows if row.is_changed]
    assert changed == ["Title", "Discount in per cent"]
    assert Run.objects.get().snapshot_hash[:12] in page
    assert "Unchanged" in page
    assert "/launch/" not in page
    assert "/stop/" not in page


def test_difference_from_the_frozen_design_is_named(as_viewer, running):
    """Name and owner may still change in the database, so the check must see it."""
    Experiment.objects.filter(pk=running.pk).update(name="Renamed")
    page = as_viewer.get(HERE).content.decode()
    assert "Differs" in page
    assert "Unchanged" not in page


def test_draft_names_what_is_missing_and_where(as_viewer, draft):
    Experiment.objects.filter(pk=draft.pk).update(why="", planned_units=None)
    problems = as_viewer.get(HERE).context["problems"]
    assert [problem.step for problem in problems] == ["hypothesis", "plan"]


def test_launch_of_an_incomplete_draft_goes_back_to_the_review(as_analyst, draft):
    Experiment.objects.filter(pk=draft.pk).update(why="")
    response = as_analyst.post(HERE + "launch/", follow=True)
    assert response.redirect_chain[-1][0] == HERE + "review/"
    assert b"The design is not complete." in response.content
    assert not Run.objects.exists()


def test_stop_with_a_note_stands_in_the_history(as_analyst, as_viewer, running):
    assert as_analyst.post(HERE + "stop/", {"note": "Enough units"}).status_code == 302
    assert "Enough units" in as_viewer.get(HERE + "history/").content.decode()


def test_the_history_says_a_status_as_people_do(as_viewer, running):
    page = as_viewer.get(HERE + "history/").content.decode()
    assert "Draft → Running" in page
    assert "draft → running" not in page


def test_note_that_is_too_long_stops_nothing(as_analyst, running):
    assert as_analyst.post(HERE + "stop/", {"note": "x" * 2001}).status_code == 422
    assert Experiment.objects.get().status == "running"


@pytest.mark.parametrize(
    ("path", "status"), [("launch", "running"), ("stop", "draft"), ("reset", "draft"), ("delete", "running")]
)
def test_move_from_another_status_is_a_conflict(as_analyst, analyst, draft, path, status):
    if status == "running":
        lifecycle.launch(draft, actor=analyst)
    assert as_analyst.post(f"{HERE}{path}/").status_code == 409
    assert Experiment.objects.get().status == status


def test_reset_opens_the_design_again(as_analyst, analyst, running):
    lifecycle.stop(running, actor=analyst)
    response = as_analyst.post(HERE + "reset/")
    assert response.headers["Location"] == HERE + "review/"
    running.refresh_from_db()
    assert (running.status, running.run_number) == ("draft", 2)


def test_clone_has_its_own_key_and_seed_and_the_same_design(as_analyst, running):
    response = as_analyst.post(HERE + "clone/")
    assert response.headers["Location"] == "/experiments/hero-discount-2/hypothesis/"
    copy = Experiment.objects.get(key="hero-discount-2")
    assert copy.status == "draft"
    assert copy.seed != running.seed
    assert list(copy.variants.values_list("key", "weight", "value")) == list(
        running.variants.values_list("key", "weight", "value")
    )
    assert copy.planned_units == running.planned_units


def test_draft_is_deleted_with_a_trace(as_analyst, draft):
    assert as_analyst.post(HERE + "delete/").headers["Location"] == "/experiments/"
    assert not Experiment.objects.exists()
    assert AuditEntry.objects.get(action="experiment.delete").before["name"] == "Hero discount"


def test_experiment_that_ran_is_never_deleted(as_analyst, analyst, running):
    lifecycle.stop(running, actor=analyst)
    lifecycle.reset(running, actor=analyst)
    assert as_analyst.post(HERE + "delete/").status_code == 409
    assert Experiment.objects.exists()


@pytest.mark.parametrize("person", ["as_viewer", "as_other_lead", "as_stranger"])
@pytest.mark.parametrize("path", ["launch", "stop", "reset", "clone", "delete"])
def test_another_role_or_team_moves_nothing(request, running, person, path):
    client = request.getfixturevalue(person)
    before = state_of(running)
    assert client.post(f"{HERE}{path}/").status_code == 403
    assert state_of(running) == before
    assert Experiment.objects.count() == 1


def test_get_never_moves(as_analyst, running):
    assert as_analyst.get(HERE + "stop/").status_code == 405
    assert Experiment.objects.get().status == "running"


@pytest.mark.parametrize(("path", "most"), [("", 15), ("history/", 8)])
def test_pages_take_few_queries(as_viewer, running, django_assert_max_num_queries, path, most):
    as_viewer.get(HERE + path)
    with django_assert_max_num_queries(most):
        as_viewer.get(HERE + path)


def test_overview_shows_what_runs(as_viewer, running):
    assert 'href="/experiments/hero-discount/"' in as_viewer.get("/").content.decode()
