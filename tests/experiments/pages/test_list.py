"""The list of experiments."""

import pytest

from experiments.designs import authoring
from experiments.models import Experiment
from experiments.running import lifecycle

pytestmark = pytest.mark.django_db


def names(response):
    return [experiment.name for experiment in response.context["page"]]


def test_empty_list_leads_to_the_first_experiment(as_analyst, catalogue):
    response = as_analyst.get("/experiments/")
    assert response.status_code == 200
    assert b"No experiment yet" in response.content
    assert b'href="/experiments/new/"' in response.content


def test_viewer_sees_the_list_without_the_button(as_viewer, draft):
    response = as_viewer.get("/experiments/")
    assert names(response) == ["Hero discount"]
    assert b'href="/experiments/new/"' not in response.content


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=running", ["Hero discount"]),
        ("status=draft", ["Copy of Hero discount"]),
        ("team=novaeats", ["Copy of Hero discount", "Hero discount"]),
        ("team=riders", []),
        ("owner=analyst", ["Copy of Hero discount", "Hero discount"]),
        ("feature=home-hero-banner&search=copy", ["Copy of Hero discount"]),
        ("search=discount+hero&sort=name", ["Copy of Hero discount", "Hero discount"]),
        ("search=discount&sort=-name", ["Hero discount", "Copy of Hero discount"]),
        ("search=nothing", []),
        ("sort=-started", ["Hero discount", "Copy of Hero discount"]),
        ("sort=nonsense&page=99", ["Copy of Hero discount", "Hero discount"]),
    ],
)
def test_filter_and_order(as_viewer, draft, analyst, other_team, query, found):
    authoring.clone(draft, team=draft.team, owner=analyst)
    lifecycle.launch(draft, actor=analyst)
    Experiment.objects.filter(key="hero-discount").update(updated_at="2020-01-01T00:00Z")
    assert names(as_viewer.get(f"/experiments/?{query}")) == found


@pytest.mark.parametrize("query", ["status=nonsense", "team=%00", "owner=nobody", "search=" + "x" * 200])
def test_unknown_filter_is_said_and_shows_everything(as_viewer, draft, query):
    response = as_viewer.get(f"/experiments/?{query}")
    assert response.status_code == 200
    assert names(response) == ["Hero discount"]
    assert response.context["filter"].errors


def test_list_of_many_takes_the_same_number_of_queries(
    as_viewer, draft, analyst, django_assert_max_num_queries, django_assert_num_queries
):
    as_viewer.get("/experiments/")
    with django_assert_max_num_queries(13) as few:
        as_viewer.get("/experiments/")
    for _number in range(60):
        authoring.clone(draft, team=draft.team, owner=analyst)
    with django_assert_num_queries(len(few)):
        response = as_viewer.get("/experiments/")
    assert len(response.context["page"]) == 50
    assert len(as_viewer.get("/experiments/?page=2").context["page"]) == 11


def test_stranger_may_not_read(as_stranger, draft):
    assert as_stranger.get("/experiments/").status_code == 403
