"""Metrics: the list, one metric, and its form."""

import pytest

from experiments.metric_words import expression
from experiments.models import Metric
from novarium.portal.models import AuditEntry

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


def test_definition_used_by_a_launched_experiment_stays(as_analyst, running):
    metric = Metric.objects.get(key="ctr")
    response = as_analyst.post("/metrics/ctr/edit/save/", saved(metric, numerator_event="search"))
    assert response.status_code == 409
    metric.refresh_from_db()
    assert metric.numerator_event == "click"


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
    with django_assert_max_num_queries(7):
        as_viewer.get("/metrics/")
    with django_assert_max_num_queries(7):
        as_viewer.get("/metrics/ctr/")
