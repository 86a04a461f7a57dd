"""One definition of every KPI: shown by the Data Lab, the results and the document."""

from datetime import timedelta

import pytest
from django.utils import timezone

from analytics.marts.catalogue import model_named
from analytics.marts.kpi_document import document, path
from analytics.marts.kpis import KPIS, of_metric
from analytics.marts.runs import build
from experiments.catalogue.metrics import METRICS
from experiments.public import record
from tests.analytics.traffic import event


@pytest.fixture
def built(db):
    record(events=[event("page_view", "ann", timezone.now() - timedelta(days=1), page="home")])
    build()


def test_the_document_is_current():
    assert path().read_text() == document(), "run manage.py write_kpis"


def test_every_kpi_is_of_columns_that_its_mart_has():
    for kpi in KPIS.values():
        columns = set(model_named(kpi.table).columns) | {"cohort_visitors"}  # the cohort's first week, joined to each
        assert {kpi.numerator, kpi.denominator} <= columns, kpi.key


def test_metrics_that_are_kpis_exist():
    metrics = {seed.key for seed in METRICS}
    assert {kpi.metric for kpi in KPIS.values() if kpi.metric} <= metrics
    assert of_metric("aov") is KPIS["aov"]
    assert of_metric("session-depth") is None, "pages per visitor are not pages per session"


@pytest.mark.parametrize(
    ("page", "key"), [("/data/funnel/", "cart_to_order"), ("/data/", "aov"), ("/data/cohorts/", "retention")]
)
def test_pages_of_the_data_lab_show_the_definition(client, analyst, built, page, key):
    client.force_login(analyst)
    text = client.get(page).content.decode()
    assert str(KPIS[key].description) in text
    assert KPIS[key].formula in text


def test_results_show_the_kpi_that_the_metric_is(client, analyst, running):
    client.force_login(analyst)
    text = client.get(f"/experiments/{running.key}/results/").content.decode()
    assert KPIS["ctr"].formula not in text, "without a unit there is nothing to explain yet"


def test_results_with_units_show_the_kpi_that_the_metric_is(client, analyst, winner, started):
    client.force_login(analyst)
    text = client.get("/experiments/hero-discount/results/").content.decode()
    assert KPIS["ctr"].formula in text
    assert KPIS["aov"].formula in text
