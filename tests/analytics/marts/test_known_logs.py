"""The marts of a real log against counting in its file, on Postgres and on DuckDB."""

import gzip
from collections import Counter, defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Sum

from analytics.marts.catalogue import sql_models
from analytics.marts.runs import build, request_build, run_build
from analytics.marts.zone import day_number
from analytics.models import CohortWeek, DailyMetric, Dataset, DimVisitor, FactEvent

DATA = Path(settings.BASE_DIR) / "docs" / "examples" / "data"
pytestmark = pytest.mark.django_db


@pytest.fixture
def purchases():
    """Customer, day and cents of every purchase."""
    found = []
    with gzip.open(DATA / "cdnow.txt.gz", "rt") as lines:
        for customer, day, _cds, dollars in (line.split() for line in lines if line[:6].strip().isdigit()):
            found.append(
                (int(customer), date.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:]}"), round(float(dollars) * 100))
            )
    return found


def everything(dataset):
    """Return the rows of every kept table."""
    found = {}
    with connection.cursor() as cursor:
        for model in sql_models():
            if model.table and model.replaced_by != "always":
                columns = ", ".join(model.columns)
                cursor.execute(f"select {columns} from {model.table} where dataset_id = %s", [dataset.pk])  # noqa: S608
                found[model.name] = sorted(cursor.fetchall(), key=repr)
    return found


def monday(day):
    return day - timedelta(days=day.weekday())


def test_cdnow_gives_the_figures_that_its_file_gives(purchases):
    call_command("import_cdnow", DATA / "cdnow.txt.gz", verbosity=0)
    dataset = Dataset.objects.get(key="cdnow")
    run = build(dataset=dataset)
    assert run.status == "done"
    of_dataset = {"dataset_id": dataset.pk}

    assert DimVisitor.objects.filter(**of_dataset).count() == 23_570
    assert DimVisitor.objects.filter(**of_dataset, orders=1).count() == sum(
        times == 1 for times in Counter(customer for customer, _day, _cents in purchases).values()
    )
    daily = DailyMetric.objects.filter(**of_dataset)
    assert daily.aggregate(Sum("orders"), Sum("revenue_minor")) == {
        "orders__sum": 69_659,
        "revenue_minor__sum": sum(cents for _customer, _day, cents in purchases),
    }
    buyers = defaultdict(set)
    for customer, day, _cents in purchases:
        buyers[day].add(customer)
    assert dict(daily.values_list("day", "buyers")) == {day_number(day): len(who) for day, who in buyers.items()}

    first = {}
    for customer, day, _cents in purchases:
        first[customer] = min(first.get(customer, day), day)
    cells = defaultdict(set)
    for customer, day, _cents in purchases:
        cells[day_number(monday(first[customer])), day_number(monday(day))].add(customer)
    cohorts = CohortWeek.objects.filter(**of_dataset).values_list("cohort_day", "week_day", "visitors")
    assert {(cohort, week): visitors for cohort, week, visitors in cohorts} == {
        cell: len(who) for cell, who in cells.items()
    }

    by_postgres = everything(dataset)
    assert run_build(request_build(first=None, dataset=dataset, engine="duckdb")).status == "done"
    assert everything(dataset) == by_postgres


def test_open_bandit_gives_its_impressions_and_clicks():
    call_command("import_open_bandit", DATA / "open_bandit.csv.gz", verbosity=0)
    dataset = Dataset.objects.get(key="open-bandit")
    assert build(dataset=dataset).status == "done"
    of_dataset = {"dataset_id": dataset.pk}
    assert FactEvent.objects.filter(**of_dataset, event="impression").count() == 60_000
    assert FactEvent.objects.filter(**of_dataset, event="click").count() == 38 + 42 + 46 + 69 + 46 + 46
    by_postgres = everything(dataset)
    assert run_build(request_build(first=None, dataset=dataset, engine="duckdb")).status == "done"
    assert everything(dataset) == by_postgres
