"""Attempts to break an invariant through the administration: refused with a message, nothing changed, never a 500."""

import json

import pytest
from django.test import Client

from experiments.designs import authoring
from experiments.models import Experiment, Feature, FeatureRevision, Guardrail, Metric, Run, Variant
from experiments.running import lifecycle
from simulation.models import TrafficSetting
from tests.experiments.admin.test_admin import page_data
from tests.experiments.pages.conftest import state_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(admin):
    client = Client(raise_request_exception=False)
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def change(row):
    return f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/"


def delete(row):
    return change(row).replace("/change/", "/delete/")


@pytest.fixture
def opened_as_draft(office, draft, analyst):
    """The change form as it was opened while the experiment was a draft; it has been launched since."""
    data = page_data(office.get(change(draft)))
    lifecycle.launch(draft, actor=analyst)
    return data


@pytest.mark.parametrize(
    "typed",
    [
        {"variants-0-weight": "10", "variants-1-weight": "90"},
        {"variants-1-value": "{}"},
        {"variants-1-DELETE": "on"},
        {"guardrails-0-margin": "0.5"},
        {"guardrails-0-DELETE": "on"},
        {"alpha": "0.2"},
        {"planned_units": "5"},
        {"oec": ""},
        {"status": "decided", "seed": "mine", "run_number": "9", "feature": "1", "key": "other"},
    ],
)
def test_a_form_from_before_the_launch_changes_nothing(office, opened_as_draft, draft, typed):
    before = state_of(draft)
    answer = office.post(change(draft), opened_as_draft | typed)
    assert answer.status_code < 500
    assert state_of(draft) == before


@pytest.mark.parametrize("field", ["status", "seed", "run_number", "feature", "key", "team"])
def test_no_field_of_the_lifecycle_is_taken_from_a_drafts_form(office, draft, field):
    before = getattr(Experiment.objects.get(pk=draft.pk), field)
    data = page_data(office.get(change(draft))) | {field: "running", "name": "Renamed"}
    assert office.post(change(draft), data).status_code == 302
    draft.refresh_from_db()
    assert (draft.name, getattr(draft, field)) == ("Renamed", before)


@pytest.mark.parametrize("model", [Run, Variant, Guardrail, FeatureRevision, Feature, Experiment])
def test_what_has_history_cannot_be_deleted(office, running, model):
    count = model.objects.count()
    row = model.objects.order_by("pk").first()
    assert office.post(delete(row), {"post": "yes"}).status_code == 403
    selected = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    assert office.post(f"/admin/experiments/{model._meta.model_name}/", selected).status_code < 500
    assert model.objects.count() == count


@pytest.mark.parametrize("model", [Run, Variant, Guardrail, FeatureRevision])
def test_kept_rows_cannot_be_changed(office, running, model):
    row = model.objects.order_by("pk").first()
    before = model.objects.filter(pk=row.pk).values().get()
    typed = {"number": 7, "value": "{}", "weight": "1", "margin": "0.5", "snapshot": "{}", "note": "x"}
    assert office.post(change(row), typed).status_code == 403
    assert model.objects.filter(pk=row.pk).values().get() == before


def test_metric_of_a_running_experiment_keeps_its_definition(office, running):
    metric = Metric.objects.get(key="ctr")
    before = Metric.objects.filter(pk=metric.pk).values().get()
    data = page_data(office.get(change(metric)))
    typed = {"numerator_event": "purchase", "direction": "decrease", "key": "x", "unit": "won", "type": "mean"}
    assert office.post(change(metric), data | typed).status_code < 500
    assert office.post(delete(metric), {"post": "yes"}).status_code == 403
    assert Metric.objects.filter(pk=metric.pk).values().get() == before


def test_metric_changed_after_the_launch_stays_as_it_was_in_the_launched_design(office, draft, analyst):
    metric = Metric.objects.get(key="ctr")
    data = page_data(office.get(change(metric)))
    run = lifecycle.launch(draft, actor=analyst)
    office.post(change(metric), data | {"direction": "decrease"})
    metric.refresh_from_db()
    run.refresh_from_db()
    assert (metric.direction, metric.version) == ("decrease", 2)
    assert (run.snapshot["oec"]["direction"], run.snapshot["oec"]["version"]) == ("increase", 1)


def test_two_running_experiments_cannot_share_a_feature(office, running, analyst):
    twin = authoring.clone(running, team=running.team, owner=analyst)
    other = Feature.objects.exclude(pk=running.feature_id).first()
    data = page_data(office.get(change(twin))) | {"status": "running", "feature": other.pk}
    assert office.post(change(twin), data).status_code == 302
    twin.refresh_from_db()
    assert (twin.status, twin.feature_id) == ("draft", running.feature_id)


def test_two_forms_that_exchange_keys_of_arms_leave_a_whole_design(office, draft):
    data = page_data(office.get(change(draft)))
    swapped = {"variants-0-key": "discount", "variants-1-key": "control", "variants-0-position": "1"}
    assert office.post(change(draft), data | swapped | {"variants-1-position": "0"}).status_code < 500
    arms = list(draft.variants.order_by("position"))
    assert sorted(arm.key for arm in arms) == ["control", "discount"]
    assert sum(arm.weight for arm in arms) == 100


@pytest.mark.parametrize(
    "parameters",
    [
        "",
        "[]",
        "{}",
        "null",
        "[1]",
        '[{"name": "x"}]',
        '[{"name": "x", "type": "text", "label": "\\u0000", "default": "a", "max_length": 5}]',
        '[{"name": "x", "type": "text", "label": "\\ud800", "default": "a", "max_length": 5}]',
        '[{"name": "x", "type": "text", "label": "X", "default": "a", "max_length": NaN}]',
        '[{"name": "x", "type": "number", "label": "X", "default": 1e400, "min": 0, "max": 1e400}]',
        '[{"name": "x", "type": ["text"], "label": "X", "default": "a", "max_length": 5}]',
        '[{"name": {}, "type": "text", "label": "X", "default": "a", "max_length": 5}]',
        json.dumps([{"name": "x", "type": "integer", "label": "X", "default": 10**400, "min": 0, "max": 1}]),
        "[" * 2000 + "]" * 2000,
    ],
)
def test_feature_with_impossible_parameters_is_refused_at_the_field(office, team, parameters):
    typed = {"key": "f", "name": "F", "surface": "home", "component": "c", "team": team.pk, "parameters": parameters}
    management = {"revisions-TOTAL_FORMS": 0, "revisions-INITIAL_FORMS": 0}
    answer = office.post("/admin/experiments/feature/add/", typed | management)
    assert answer.status_code == 200, parameters[:100]
    assert answer.context["adminform"].form.errors["parameters"]
    assert not Feature.objects.exists()


@pytest.mark.parametrize(
    "mix",
    [
        "",
        "[]",
        "{}",
        '{"mission": 99}',
        '{"mission": NaN}',
        '{"mission": 1e999}',
        '{"mission": ' + "9" * 400 + "}",
        '{"\\u0000": 100}',
        '{"mission": "100"}',
        '{"mission": "\\ud800"}',
        "[" * 2000 + "]" * 2000,
    ],
)
def test_impossible_mix_of_the_background_traffic_is_refused(office, db, mix):
    row = TrafficSetting.objects.create(pk=1)
    before = dict(row.mix)
    answer = office.post(change(row), {"enabled": "on", "visitors_per_minute": "60", "mix": mix})
    assert answer.status_code == 200, mix[:60]
    assert answer.context["adminform"].form.errors["mix"]
    row.refresh_from_db()
    assert (row.enabled, row.mix) == (False, before)
