"""Features: the live value, its history, changing it and rolling back."""

import pytest

from experiments.features import revisions
from experiments.models import Feature, FeatureRevision
from experiments.public import evaluate

pytestmark = pytest.mark.django_db

KEY = "checkout-button"
EDIT = f"/features/{KEY}/edit/save/"
ROLLBACK = f"/features/{KEY}/revisions/1/rollback/save/"


@pytest.fixture
def feature(catalogue):
    return Feature.objects.get(key=KEY)


@pytest.fixture
def revised(feature, lead):
    """The feature in its second revision."""
    value = {"text": "Pay now", "color": "green"}
    revisions.revise(feature, value, expected=1, origin="edit", actor=lead, note="Shorter")
    return feature


def edit_data(**changes):
    return {"expected": 1, "p_text": "Pay now", "p_color": "green", "note": "Shorter", **changes}


def test_list_shows_live_values_and_the_running_experiment(as_viewer, running):
    page = as_viewer.get("/features/").content.decode()
    assert "Order now · Blue" in page
    assert 'href="/experiments/hero-discount/"' in page


def test_lead_makes_a_value_live_for_everybody(as_lead, feature):
    assert as_lead.get(f"/features/{KEY}/edit/").status_code == 200
    assert as_lead.post(EDIT, edit_data()).status_code == 302
    assert evaluate(KEY, "anybody").value == {"text": "Pay now", "color": "green"}


def test_unchanged_default_text_stays_a_message_id_in_any_language(as_lead, lead, feature):
    lead.language = "ko"
    lead.save()
    form = as_lead.get(f"/features/{KEY}/edit/").context["form"]
    shown = form["p_text"].value()
    as_lead.post(EDIT, edit_data(p_text=shown, p_color="red"))
    assert evaluate(KEY, "anybody").value == {"text": "Order now", "color": "red"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"p_text": ""}, "p_text"),
        ({"p_text": "x" * 25}, "p_text"),
        ({"p_text": "a\u0085b"}, "p_text"),
        ({"p_color": "pink"}, "p_color"),
        ({"note": " "}, "note"),
        ({"note": "x" * 2001}, "note"),
        ({"expected": "x"}, "expected"),
    ],
)
def test_wrong_value_says_so_at_the_field_and_changes_nothing(as_lead, feature, changes, field):
    response = as_lead.post(EDIT, edit_data(**changes))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert FeatureRevision.objects.filter(feature=feature).count() == 1


def test_stale_revision_is_a_conflict_that_shows_both_values(as_lead, revised):
    response = as_lead.post(EDIT, edit_data(p_text="My words"))
    page = response.content.decode()
    assert response.status_code == 409
    assert "My words" in page
    assert "Pay now" in page
    assert "Shorter" in page
    assert revisions.live(revised).number == 2


def test_rollback_brings_the_earlier_value_back_as_a_new_revision(as_lead, revised):
    assert as_lead.get(f"/features/{KEY}/revisions/1/rollback/").status_code == 200
    assert as_lead.post(ROLLBACK, {"expected": 2, "note": "It sold less"}).status_code == 302
    live = revisions.live(revised)
    assert (live.number, live.reinstates, live.value["text"], live.note) == (3, 1, "Order now", "It sold less")


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        (ROLLBACK, {"expected": 2, "note": ""}, 422),
        (ROLLBACK, {"expected": "", "note": "x"}, 422),
        (f"/features/{KEY}/revisions/2/rollback/save/", {"expected": 2, "note": "x"}, 422),
        (f"/features/{KEY}/revisions/9/rollback/save/", {"expected": 2, "note": "x"}, 404),
        (ROLLBACK, {"expected": 1, "note": "x"}, 409),
        (f"/features/{KEY}/revisions/1/rollback/save/", {"expected": 3, "note": "x"}, 409),
    ],
)
def test_wrong_rollback_changes_nothing(as_lead, revised, path, data, status):
    if data["expected"] == 1:
        path = f"/features/{KEY}/revisions/2/rollback/save/"
    assert as_lead.post(path, data).status_code == status
    assert revisions.live(revised).number == 2


@pytest.mark.parametrize("person", ["as_viewer", "as_analyst", "as_other_lead", "as_stranger"])
@pytest.mark.parametrize("path", [EDIT, ROLLBACK, f"/features/{KEY}/edit/preview/"])
def test_only_the_teams_lead_changes_the_live_value(request, revised, person, path):
    client = request.getfixturevalue(person)
    assert client.post(path, edit_data(expected=2)).status_code == 403
    assert revisions.live(revised).number == 2


def test_history_names_what_changed(as_viewer, revised):
    response = as_viewer.get(f"/features/{KEY}/")
    first, second = response.context["history"]
    assert [(change.label, change.before, change.after) for change in first.changes] == [
        ("Text", "Order now", "Pay now"),
        ("Colour", "Blue", "Green"),
    ]
    assert second.changes == ()
    assert "rollback" not in response.content.decode()


def test_unknown_feature_is_not_found(as_lead, catalogue):
    assert as_lead.get("/features/nothing/").status_code == 404


def test_pages_take_few_queries(as_viewer, running, django_assert_max_num_queries):
    as_viewer.get("/features/")
    with django_assert_max_num_queries(8):
        as_viewer.get("/features/")
    with django_assert_max_num_queries(8):
        as_viewer.get("/features/home-hero-banner/")
