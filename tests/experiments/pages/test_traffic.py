"""The third step, layers and the holdout as people type them."""

import pytest
from django.utils import timezone

from experiments.allocation import holdout, layers, traffic
from experiments.designs import authoring
from experiments.models import Experiment, Layer
from experiments.running import lifecycle
from tests.experiments.pages.conftest import form_data, state_of

pytestmark = pytest.mark.django_db
SAVE = "/experiments/hero-discount/traffic/save/"
ROWS = {"steps-TOTAL_FORMS": 2, "steps-INITIAL_FORMS": 0}


@pytest.fixture
def layer(team, analyst):
    return layers.create(key="home", name="Home", team=team, description="", actor=analyst)


def test_typed_traffic_is_saved_and_shown_again(as_analyst, draft, layer):
    data = {
        "layer": layer.pk,
        "layer_share": "25",
        "coverage": "80",
        "keeps_holdout": "on",
        "ramp_automatic": "on",
        "starts_at": "2031-05-06T09:00",
        "ends_at": "2031-05-20T09:00",
        "steps-0-coverage": "1",
        "steps-0-hours": "24",
        "steps-1-coverage": "10",
        "steps-1-hours": "12",
        **ROWS,
    }
    assert as_analyst.post(SAVE, data | {"go": "stay"}).headers["Location"] == "/experiments/hero-discount/traffic/"
    draft.refresh_from_db()
    assert (draft.layer_start, draft.layer_end, draft.coverage) == (0, 2500, 0.8)
    assert draft.ramp == [{"coverage": 0.01, "hours": 24.0}, {"coverage": 0.1, "hours": 12.0}]
    assert timezone.localtime(draft.starts_at).strftime("%Y-%m-%d %H:%M") == "2031-05-06 09:00"
    page = as_analyst.get("/experiments/hero-discount/traffic/")
    shown = form_data(page.context["form"])
    assert shown["starts_at"].strftime("%Y-%m-%dT%H:%M") == "2031-05-06T09:00"
    before = state_of(draft)[0]
    shown |= {"starts_at": "2031-05-06T09:00", "ends_at": "2031-05-20T09:00"} | {
        name: value for row in page.context["rows"] for name, value in form_data(row).items()
    }
    as_analyst.post(SAVE, shown | {"steps-TOTAL_FORMS": 4, "steps-INITIAL_FORMS": 2})
    assert {**state_of(draft)[0], "updated_at": 0} == {**before, "updated_at": 0}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"coverage": ""}, "coverage"),
        ({"coverage": "0"}, "coverage"),
        ({"coverage": "NaN"}, "coverage"),
        ({"starts_at": "soon"}, "starts_at"),
        ({"starts_at": "2001-01-01T00:00"}, "starts_at"),
        ({"layer": "home", "layer_share": ""}, "layer_share"),
        ({"layer": "home", "layer_share": "60", "layer_start": "50"}, "layer_start"),
        ({"layer": "99999999999999999999"}, "layer"),
    ],
)
def test_wrong_traffic_says_so_at_the_field_and_changes_nothing(as_analyst, draft, layer, changes, field):
    before = state_of(draft)
    given = {name: layer.pk if value == "home" else value for name, value in changes.items()}
    response = as_analyst.post(SAVE, {"coverage": "100", **given, **ROWS})
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert state_of(draft) == before


def test_half_a_step_of_the_ramp_is_refused_in_its_row(as_analyst, draft):
    response = as_analyst.post(SAVE, {"coverage": "100", "steps-0-coverage": "10", **ROWS})
    assert response.status_code == 422
    assert "hours" in response.context["rows"].forms[0].errors


def test_usual_ramp_is_filled_in_but_not_saved(as_analyst, draft):
    page = as_analyst.get("/experiments/hero-discount/traffic/?ramp=usual")
    assert [row["coverage"].value() for row in page.context["rows"]][:3] == ["1", "10", "50"]
    assert Experiment.objects.get(pk=draft.pk).ramp == []


def test_slot_that_another_draft_means_to_take_is_warned_of(as_analyst, draft, layer, team, analyst):
    twin = authoring.clone(draft, team=team, owner=analyst)
    wanted = traffic.TrafficInput(coverage=1.0, layer=layer, layer_share=0.5, layer_start=0)
    traffic.set_traffic(twin, wanted, actor=analyst)
    data = {"coverage": "100", "layer": layer.pk, "layer_share": "20", "layer_start": "10", **ROWS}
    page = as_analyst.post(SAVE, data, follow=True)
    assert "means to take units of this slot" in page.content.decode()


def test_traffic_page_of_a_running_experiment_shows_the_design_instead(as_analyst, running):
    response = as_analyst.get("/experiments/hero-discount/traffic/")
    assert response.headers["Location"] == "/experiments/hero-discount/"


def test_layers_show_who_holds_what_and_what_is_free(as_viewer, draft, layer, analyst):
    traffic.set_traffic(draft, traffic.TrafficInput(coverage=1.0, layer=layer, layer_share=0.3), actor=analyst)
    lifecycle.launch(draft, actor=analyst)
    text = as_viewer.get("/experiments/layers/").content.decode()
    assert "70.0% free" in text
    assert 'class="live" x="0.00" y="0" width="30.00"' in text
    assert "Hero discount" in text


def test_layer_is_made_and_renamed(as_analyst, team):
    data = {"name": "Home", "key": "home", "team": team.pk, "description": ""}
    assert as_analyst.post("/experiments/layers/new/save/", data).status_code == 302
    assert as_analyst.post("/experiments/layers/new/save/", data).status_code == 422
    as_analyst.post("/experiments/layers/home/edit/save/", {"name": "Home page", "description": "All of it"})
    layer = Layer.objects.get()
    assert (layer.key, layer.name, layer.description) == ("home", "Home page", "All of it")
    assert as_analyst.get("/experiments/layers/home/edit/").status_code == 200


def test_layer_for_another_team_is_refused(as_analyst, other_team):
    data = {"name": "Home", "key": "home", "team": other_team.pk}
    assert as_analyst.post("/experiments/layers/new/save/", data).status_code == 422
    assert not Layer.objects.exists()


def test_holdout_is_changed_by_an_administrator_and_its_cost_is_shown(as_admin, as_viewer, running):
    data = {"share": "5", "seen": "0.0", "note": "For the year"}
    assert as_admin.post("/experiments/holdout/save/", data).status_code == 302
    assert holdout.share() == 0.05
    page = as_viewer.get("/experiments/holdout/").content.decode()
    assert "Hero discount" in page
    assert "For the year" in page
    assert "Left out: 5.0% of the units" in as_viewer.get("/experiments/hero-discount/").content.decode()


@pytest.mark.parametrize("share", ["51", "-1", "x", ""])
def test_wrong_share_of_the_holdout_is_refused(as_admin, share):
    assert as_admin.post("/experiments/holdout/save/", {"share": share, "seen": "0.0"}).status_code == 422
    assert holdout.share() == 0
