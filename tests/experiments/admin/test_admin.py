"""The administration: every page opens, and none breaks an invariant."""

import pytest
from django.test import Client
from django.utils import timezone

from experiments.models import Event, Experiment, Feature, FeatureRevision, Metric, RejectedEvent, Run
from experiments.public import EventInput, ExposureInput, new_event_id, record
from experiments.running import lifecycle
from novarium.portal.models import AuditEntry

pytestmark = pytest.mark.django_db

MODELS = (
    "feature",
    "featurerevision",
    "definitionversion",
    "metric",
    "experiment",
    "variant",
    "guardrail",
    "run",
    "rejectedevent",
)


@pytest.fixture
def office(admin):
    client = Client()
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page_data(response):
    """Return what a browser would send for the change page as it is shown."""
    data = {}
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None:
                data[bound.html_name] = value
    return data


@pytest.mark.parametrize("model", MODELS)
def test_list_and_object_open(office, running, model):
    RejectedEvent.objects.create(payload={}, reason="bad", detail="x")
    assert office.get(f"/admin/experiments/{model}/?q=a").status_code == 200
    page = office.get(f"/admin/experiments/{model}/")
    assert page.status_code == 200
    found = page.context["cl"].queryset.first()
    assert office.get(f"/admin/experiments/{model}/{found.pk}/change/").status_code == 200


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("person", ["viewer", "analyst", "lead"])
def test_only_admins_enter(request, catalogue, model, person):
    client = Client()
    client.force_login(request.getfixturevalue(person), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(f"/admin/experiments/{model}/").status_code == 302


@pytest.mark.parametrize("model", [model for model in MODELS if model not in ("feature", "metric")])
def test_nothing_is_added_by_hand(office, model):
    assert office.get(f"/admin/experiments/{model}/add/").status_code == 403


def test_draft_changes_through_the_builders_checks(office, draft):
    url = f"/admin/experiments/experiment/{draft.pk}/change/"
    data = page_data(office.get(url)) | {"name": "Renamed", "variants-0-weight": "60", "variants-1-weight": "40"}
    assert office.post(url, data).status_code == 302
    draft.refresh_from_db()
    assert draft.name == "Renamed"
    assert [int(arm.weight) for arm in draft.variants.order_by("position")] == [60, 40]
    assert AuditEntry.objects.filter(action="experiment.variants").count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"variants-0-weight": "60"},
        {"variants-1-value": '{"title": "only"}'},
        {"variants-1-value": "[]"},
        {"variants-1-DELETE": "on"},
        {"alpha": "0.7"},
        {"coverage": "0"},
        {"planned_units": "-1"},
        {"guardrails-0-margin": "3"},
    ],
)
def test_wrong_draft_is_refused_and_unchanged(office, draft, changes):
    url = f"/admin/experiments/experiment/{draft.pk}/change/"
    before = Experiment.objects.values().get(), list(draft.variants.values()), list(draft.guardrails.values())
    assert office.post(url, page_data(office.get(url)) | {"name": "X"} | changes).status_code == 200
    assert (Experiment.objects.values().get(), list(draft.variants.values()), list(draft.guardrails.values())) == before


def test_launched_design_is_read_only(office, running):
    url = f"/admin/experiments/experiment/{running.pk}/change/"
    page = office.get(url)
    assert list(page.context["adminform"].form.fields) == ["owner"]
    forged = {"owner": running.owner_id, "name": "X", "alpha": 0.2, "variants-0-weight": 10}
    office.post(url, page_data(page) | forged)
    running.refresh_from_db()
    assert (running.name, running.alpha) == ("Hero discount", 0.05)
    assert running.variants.get(position=0).weight == 50


def test_form_opened_before_the_launch_cannot_be_saved_after_it(office, draft, analyst):
    url = f"/admin/experiments/experiment/{draft.pk}/change/"
    data = page_data(office.get(url)) | {"name": "Too late"}
    lifecycle.launch(draft, actor=analyst)
    office.post(url, data)
    assert Experiment.objects.get().name == "Hero discount"


@pytest.mark.parametrize("model", ["experiment", "run", "feature", "featurerevision", "variant", "guardrail"])
def test_history_is_not_deleted(office, running, model):
    found = office.get(f"/admin/experiments/{model}/").context["cl"].queryset.first()
    assert office.post(f"/admin/experiments/{model}/{found.pk}/delete/", {"post": "yes"}).status_code == 403


def test_draft_that_never_ran_is_deleted(office, draft):
    assert office.post(f"/admin/experiments/experiment/{draft.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not Experiment.objects.exists()
    assert AuditEntry.objects.filter(action="experiment.delete").exists()


def feature_data(team, parameters):
    return {
        "key": "app-banner",
        "name": "Banner",
        "surface": "external",
        "component": "banner",
        "team": team.pk,
        "value_type": "object",
        "parameters": parameters,
        "revisions-TOTAL_FORMS": 0,
        "revisions-INITIAL_FORMS": 0,
    }


def test_new_feature_has_a_live_value_at_once(office, team):
    declared = '[{"name": "text", "type": "text", "label": "Text", "default": "Hello", "max_length": 20}]'
    assert office.post("/admin/experiments/feature/add/", feature_data(team, declared)).status_code == 302
    assert FeatureRevision.objects.get(feature__key="app-banner").value == {"text": "Hello"}


@pytest.mark.parametrize(
    "declared",
    [
        "{}",
        "[]",
        "[1]",
        '[{"name": "a"}]',
        '[{"name": "a", "type": "video", "label": "A", "default": 1}]',
        '[{"name": "a", "type": "text", "label": "A", "default": "too long", "max_length": 3}]',
        '[{"name": "a", "type": "text", "label": "A", "default": "x", "max_length": "9"}]',
        '[{"name": "a b", "type": "boolean", "label": "A", "default": true}]',
        '[{"name": "a", "type": "choice", "label": "A", "default": "x", "choices": ["x"]}]',
        '[{"name": "a", "type": "boolean", "label": "A", "default": true}, {"name": "a"}]',
    ],
)
def test_declaration_that_no_value_could_follow_is_refused(office, team, declared):
    assert office.post("/admin/experiments/feature/add/", feature_data(team, declared)).status_code == 200
    assert not Feature.objects.filter(key="app-banner").exists()


def test_changed_metric_in_use_becomes_its_next_version_and_is_not_deleted(office, running):
    metric = Metric.objects.get(key="ctr")
    url = f"/admin/experiments/metric/{metric.pk}/change/"
    data = page_data(office.get(url)) | {"numerator_event": "search", "description": "New words"}
    assert office.post(url, data).status_code == 302
    metric.refresh_from_db()
    assert (metric.numerator_event, metric.description, metric.version) == ("search", "New words", 2)
    assert metric.versions.get(number=1).definition["numerator_event"] == "click"
    assert office.post(f"/admin/experiments/metric/{metric.pk}/delete/", {"post": "yes"}).status_code == 403


def test_unused_metric_follows_the_portals_rules(office, catalogue):
    metric = Metric.objects.get(key="orders")
    url = f"/admin/experiments/metric/{metric.pk}/change/"
    assert office.post(url, page_data(office.get(url)) | {"numerator_event": "teleport"}).status_code == 200
    assert office.post(url, page_data(office.get(url)) | {"direction": "decrease"}).status_code == 302
    metric.refresh_from_db()
    assert (metric.numerator_event, metric.direction) == ("purchase", "decrease")


def test_unit_is_looked_up_with_bounded_queries(office, running, django_assert_max_num_queries):
    run, now = Run.objects.get(), timezone.now()
    arm = running.variants.get(position=0)
    events = [
        EventInput(
            event_id=new_event_id(now), name="page_view", unit_id="u7", occurred_at=now, properties={"page": "home"}
        )
        for _number in range(300)
    ]
    record(events=events, exposures=[ExposureInput(run_id=run.pk, variant_id=arm.pk, unit_id="u7", exposed_at=now)])
    office.get("/admin/experiments/rejectedevent/unit/")
    with django_assert_max_num_queries(6):
        page = office.get("/admin/experiments/rejectedevent/unit/?unit=u7")
    assert len(page.context["events"]) == 200
    assert len(page.context["exposures"]) == 1
    assert Event.objects.count() == 300
    assert office.get("/admin/experiments/rejectedevent/unit/?unit=%00x").status_code == 200


def test_list_of_rejected_events_never_counts_them_all(office, catalogue, django_assert_max_num_queries):
    RejectedEvent.objects.bulk_create(RejectedEvent(payload={}, reason="bad", detail="x") for _ in range(60))
    with django_assert_max_num_queries(5) as captured:
        office.get("/admin/experiments/rejectedevent/")
    counts = [query["sql"] for query in captured if "COUNT(*)" in query["sql"] and "rejectedevent" in query["sql"]]
    assert counts
    assert all("LIMIT 2000" in sql for sql in counts)
