"""Metrics: the list, one metric, and its form."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from experiments.metrics import metric_authoring
from experiments.metrics.metric_authoring import MetricInput
from experiments.metrics.words import expression
from experiments.models import Metric, MetricVersion, Run
from experiments.public import get_run_design, record
from experiments.running import freeze, lifecycle
from novarium.kernel.errors import Conflict
from novarium.portal.models import AuditEntry
from tests.analytics.traffic import event

pytestmark = pytest.mark.django_db


def data(**changes):
    given = {
        "name": "Searches per visitor",
        "team": Metric.objects.get(key="ctr").team_id,
        "description": "How often people search.",
        "type": "mean",
        "numerator_aggregation": "count",
        "numerator_event": "search",
        "denominator_aggregation": "",
        "denominator_event": "",
        "direction": "decrease",
        "unit": "number",
    }
    return {**given, **changes}


def saved(metric, **changes):
    """Return the metric's form as it is shown, with changes."""
    names = [name for name in data() if name != "team"]
    return {name: getattr(metric, name) for name in names} | changes


def test_analyst_creates_a_metric_with_a_key_from_its_name(as_analyst, catalogue):
    response = as_analyst.post("/metrics/new/save/", data())
    assert response.headers["Location"] == "/metrics/searches-per-visitor/"
    page = as_analyst.get("/metrics/searches-per-visitor/").content.decode()
    assert "Σ count(search) / units" in page
    assert "on average per exposed unit" in page
    assert AuditEntry.objects.filter(action="metric.create").count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "지표"}, "key"),
        ({"key": "ctr"}, "key"),
        ({"key": "new"}, "key"),
        ({"type": "median"}, "type"),
        ({"numerator_event": "teleport"}, "numerator_event"),
        ({"numerator_aggregation": "sum"}, "numerator_aggregation"),
        ({"numerator_aggregation": "exists"}, "numerator_aggregation"),
        ({"type": "proportion"}, "numerator_aggregation"),
        ({"type": "proportion", "numerator_aggregation": "exists"}, "unit"),
        ({"type": "ratio"}, "denominator_event"),
        ({"type": "ratio", "denominator_event": "search"}, "denominator_aggregation"),
        ({"denominator_event": "search"}, "denominator_event"),
        ({"team": 0}, "team"),
        ({"unit": "euro"}, "unit"),
    ],
)
def test_wrong_metric_says_so_at_the_field_and_creates_nothing(as_analyst, catalogue, changes, field):
    before = Metric.objects.count()
    response = as_analyst.post("/metrics/new/save/", data(**changes))
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert Metric.objects.count() == before


def test_changed_definition_of_a_launched_metric_is_the_next_version_and_the_launch_keeps_its_own(as_analyst, running):
    metric = Metric.objects.get(key="ctr")
    response = as_analyst.post("/metrics/ctr/edit/save/", saved(metric, numerator_event="search", note="Searches lead"))
    assert response.status_code == 302
    metric.refresh_from_db()
    assert (metric.numerator_event, metric.version) == ("search", 2)
    first, second = metric.versions.order_by("number")
    assert (first.definition["numerator_event"], second.definition["numerator_event"]) == ("click", "search")
    assert (second.author.username, second.note) == ("analyst", "Searches lead")
    entry = AuditEntry.objects.get(action="metric.change")
    assert entry.before == {"numerator_event": "click", "version": 1}
    assert entry.after == {"numerator_event": "search", "version": 2}
    frozen = get_run_design(running.key).design.oec
    assert (frozen.numerator_event, frozen.version) == ("click", 1)
    assert freeze.check(Run.objects.get(), running).is_intact
    page = as_analyst.get("/metrics/ctr/").content.decode()
    assert "click → search" in page


def test_description_of_a_used_metric_may_change(as_analyst, running):
    metric = Metric.objects.get(key="ctr")
    assert as_analyst.post("/metrics/ctr/edit/save/", saved(metric, description="Better words")).status_code == 302
    metric.refresh_from_db()
    assert metric.description == "Better words"


def test_unused_metric_changes_and_is_deleted(as_analyst, catalogue):
    metric = Metric.objects.get(key="refund-rate")
    assert as_analyst.post("/metrics/refund-rate/edit/save/", saved(metric, direction="increase")).status_code == 302
    assert as_analyst.post("/metrics/refund-rate/delete/").status_code == 302
    assert not Metric.objects.filter(key="refund-rate").exists()


@pytest.mark.parametrize("key", ["ctr", "aov"])
def test_used_metric_is_not_deleted(as_analyst, draft, key):
    assert as_analyst.post(f"/metrics/{key}/delete/").status_code == 409
    assert Metric.objects.filter(key=key).exists()


@pytest.mark.parametrize("person", ["as_viewer", "as_other_lead", "as_stranger"])
@pytest.mark.parametrize("path", ["edit/save/", "delete/"])
def test_another_role_or_team_changes_nothing(request, catalogue, person, path):
    client = request.getfixturevalue(person)
    metric = Metric.objects.get(key="orders")
    assert client.post(f"/metrics/orders/{path}", saved(metric, name="Mine")).status_code == 403
    assert Metric.objects.get(key="orders").name == "Orders per visitor"


def test_ratio_reads_as_two_sums(catalogue):
    assert expression(Metric.objects.get(key="aov")) == "Σ sum(purchase.amount) / Σ count(purchase)"


def test_pages_take_few_queries(as_viewer, running, django_assert_max_num_queries):
    as_viewer.get("/metrics/")
    with django_assert_max_num_queries(9):
        as_viewer.get("/metrics/")
    with django_assert_max_num_queries(9):
        as_viewer.get("/metrics/ctr/")


def given_of(metric, **changes):
    names = MetricInput.__dataclass_fields__
    return MetricInput(**{name: getattr(metric, name) for name in names} | changes)


def test_edit_of_another_version_than_the_one_looked_at_is_refused_and_changes_nothing(as_analyst, catalogue, analyst):
    metric = Metric.objects.get(key="orders")
    metric_authoring.change(metric, given_of(metric, window_hours=24), actor=analyst, expected=1)
    response = as_analyst.post("/metrics/orders/edit/save/", saved(metric, window_hours="48", version="1"))
    assert response.status_code == 409
    assert "version 2" in response.content.decode()
    metric.refresh_from_db()
    assert (metric.window_hours, metric.version) == (24, 2)
    with pytest.raises(Conflict):
        metric_authoring.change(metric, given_of(metric, window_hours=48), actor=analyst, expected=1)


def test_words_of_a_metric_change_without_a_version(catalogue, analyst):
    metric = Metric.objects.get(key="orders")
    metric_authoring.change(metric, given_of(metric, name="Orders", description="All"), actor=analyst)
    metric.refresh_from_db()
    assert (metric.name, metric.version, metric.versions.count()) == ("Orders", 1, 1)


def test_draft_takes_the_newest_version_at_its_launch(draft, analyst):
    metric = Metric.objects.get(key="ctr")
    metric_authoring.change(metric, given_of(metric, window_hours=24), actor=analyst)
    lifecycle.launch(draft, actor=analyst)
    frozen = get_run_design(draft.key).design.oec
    assert (frozen.version, frozen.window_hours) == (2, 24)
    assert [use.version for use in metric_authoring.uses_of(metric)] == [2]


def test_version_is_history_and_goes_only_with_its_metric(catalogue, analyst):
    metric = Metric.objects.get(key="orders")
    with pytest.raises(IntegrityError, match="history"), transaction.atomic():
        MetricVersion.objects.filter(metric=metric).update(definition={})
    with transaction.atomic():
        MetricVersion.objects.filter(metric=metric).delete()
        with pytest.raises(IntegrityError, match="history"):
            connection.check_constraints()
        transaction.set_rollback(True)
    metric_authoring.delete(metric, actor=analyst)
    kept = AuditEntry.objects.get(action="metric.delete").before
    assert (kept["name"], kept["description"], kept["version"]) == (metric.name, metric.description, metric.version)
    assert kept["numerator_event"] == metric.numerator_event
    connection.check_constraints()
    assert not MetricVersion.objects.filter(metric_id=metric.pk).exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"type": "quantile"}, "quantile"),
        ({"type": "quantile", "numerator_aggregation": "exists", "quantile": "50"}, "numerator_aggregation"),
        ({"quantile": "50"}, "quantile"),
        ({"type": "retention", "numerator_aggregation": "exists", "unit": "percent", "to_day": "7"}, "from_day"),
        (
            {"type": "retention", "numerator_aggregation": "exists", "unit": "percent", "from_day": "7", "to_day": "1"},
            "to_day",
        ),
        ({"from_day": "1"}, "from_day"),
        ({"window_hours": "0"}, "window_hours"),
        ({"cap_value": "10", "cap_percentile": "99"}, "cap_percentile"),
        ({"cap_value": "-1"}, "cap_value"),
        ({"cap_percentile": "100"}, "cap_percentile"),
        ({"type": "proportion", "numerator_aggregation": "exists", "unit": "percent", "cap_value": "3"}, "cap_value"),
        ({"lookback_days": "91"}, "lookback_days"),
        ({"type": "quantile", "quantile": "50", "lookback_days": "7"}, "lookback_days"),
        ({"numerator_aggregation": "hours"}, "numerator_aggregation"),
        ({"numerator_property": "results"}, "numerator_property"),
        ({"numerator_event": "add_to_cart", "numerator_aggregation": "sum"}, "numerator_aggregation"),
        ({"type": "funnel", "numerator_aggregation": "count", "unit": "percent"}, "numerator_aggregation"),
        ({"numerator_filters": "query"}, "numerator_filters"),
        ({"numerator_filters": "colour = red"}, "numerator_filters"),
        ({"numerator_filters": "query > red"}, "numerator_filters"),
        ({"numerator_filters": "results = many"}, "numerator_filters"),
        ({"numerator_filters": "query = 12"}, "numerator_filters"),
    ],
)
def test_wrong_part_of_a_definition_says_so_at_its_field(as_analyst, catalogue, changes, field):
    response = as_analyst.post("/metrics/new/save/", data(**changes))
    assert response.status_code == 422
    assert field in response.context["form"].errors


def test_filters_are_typed_as_lines_and_come_back_as_lines(as_analyst, catalogue):
    lines = 'query in 치킨, "12"\nresults > 3\nresults != 5'
    assert as_analyst.post("/metrics/new/save/", data(key="found", numerator_filters=lines)).status_code == 302
    metric = Metric.objects.get(key="found")
    assert metric.numerator_filters == [
        {"property": "query", "operator": "in", "value": ["치킨", "12"]},
        {"property": "results", "operator": ">", "value": 3},
        {"property": "results", "operator": "≠", "value": 5},
    ]
    form = as_analyst.get("/metrics/found/edit/").context["form"]
    assert form["numerator_filters"].value() == 'query in 치킨, "12"\nresults > 3\nresults ≠ 5'
    assert expression(metric) == 'Σ count(search[query in 치킨, "12", results > 3, results ≠ 5]) / units'


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "quantile"},
        {"type": "mean", "numerator_aggregation": "exists"},
        {"denominator_event": "click"},
        {"window_hours": 0},
        {"cap_value": 1, "cap_percentile": 0.5},
        {"lookback_days": 91},
        {"from_day": 1},
    ],
)
def test_database_refuses_a_definition_without_meaning(catalogue, changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        Metric.objects.filter(key="orders").update(**changes)


@pytest.fixture
def lately(catalogue):
    """Three people who saw a page yesterday; one of them clicked."""
    at = timezone.now() - timedelta(days=1)
    record(
        events=[
            *(event("page_view", f"u{n}", at, page="home") for n in range(3)),
            event("click", "u0", at + timedelta(minutes=1), component="home-hero-banner"),
        ]
    )


def test_preview_says_what_the_metric_measured(as_viewer, lately):
    page = as_viewer.get("/metrics/ctr/preview/").content.decode()
    assert "33.33%" in page
    assert "of 3 units in the last 30 days" in page
    assert "47.14%" in page  # the standard deviation of a share of one third


def test_preview_of_the_form_follows_what_is_typed_before_it_is_saved(as_analyst, lately):
    typed = data(numerator_event="click", numerator_filters="component = home-hero-banner", name="")
    page = as_analyst.post("/metrics/new/preview/", typed).content.decode()
    assert "0.333" in page
    assert "Only events with component = home-hero-banner count." in page
    assert not Metric.objects.filter(name="").exists()


def test_preview_of_an_incomplete_form_says_what_is_missing(as_analyst, lately):
    page = as_analyst.post("/metrics/new/preview/", data(type="ratio")).content.decode()
    assert "Choose a known event." in page


def test_preview_without_events_says_what_to_do(as_viewer, catalogue):
    page = as_viewer.get("/metrics/aov/preview/").content.decode()
    assert "send the swarm" in page


def test_viewer_may_not_preview_unsaved_definitions(as_viewer, lately):
    assert as_viewer.post("/metrics/new/preview/", data()).status_code == 403
