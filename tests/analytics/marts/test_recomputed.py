"""Every KPI table of a generated log, cell by cell, against pandas; and Postgres against DuckDB, table by table."""

import hashlib

import pytest
from django.db import connection

from analytics.imports.datasets import open_dataset
from analytics.imports.loading import import_log
from analytics.marts.catalogue import sql_models
from analytics.marts.engines import EngineFailed, open_session
from analytics.marts.runs import build, request_build, run_build
from analytics.marts.scope import scope_of
from analytics.marts.stages import extra
from analytics.models import CrmRule, Dataset
from bench import retailrocket
from tests.analytics.marts import recomputed

pytestmark = pytest.mark.django_db

KEPT = [model for model in sql_models() if model.table and model.replaced_by != "always"]
SMALL = retailrocket.Size(events=6_000, visitors=900, items=120, categories=40)


@pytest.fixture
def rules(db):
    """Rules that a small log meets, one of them capped."""
    CrmRule.objects.all().delete()
    CrmRule.objects.create(key="cart", name="Cart", days=1, least_carts=1, most_orders=0)
    CrmRule.objects.create(key="views", name="Views", days=7, least_views=4, most_carts=0, cap=3)
    CrmRule.objects.create(key="orders", name="Orders", days=30, least_orders=2)
    return list(CrmRule.objects.order_by("pk"))


def imported(folder, size):
    retailrocket.write(folder, size=size)
    dataset = open_dataset(key="recomputed", form=Dataset.Form.RETAILROCKET)
    import_log(dataset, folder)
    return dataset


def stored(dataset, model, columns):
    with connection.cursor() as cursor:
        cursor.execute(f"select {columns} from warehouse.{model} where dataset_id = {dataset.pk}")  # noqa: S608
        return sorted(cursor.fetchall())


def compare(dataset, folder, rules):
    events, told, tree = recomputed.read(folder)
    daily = "day, visitors, sessions, page_views, carters, buyers, orders, bounces"
    assert stored(dataset, "analytics_dailymetric", daily) == recomputed.daily_metrics(events)
    funnel = "day, visitors, viewers, carters, buyers, viewing_carters, viewing_carting_buyers"
    assert stored(dataset, "analytics_funnelday", funnel) == recomputed.funnel_daily(events)
    category = "day, category, root, visitors, viewers, carters, buyers, views, carts, purchases"
    expected = recomputed.funnel_category_daily(events, told, tree)
    assert stored(dataset, "analytics_funnelcategoryday", category) == expected
    cohort = "cohort_day, week_day, visitors, buyers, reorderers"
    assert stored(dataset, "analytics_cohortweek", cohort) == recomputed.cohort_weekly(events)
    target = "day, rule_id, visitor, rank"
    assert stored(dataset, "analytics_crmtarget", target) == recomputed.crm_targets(events, rules)
    user = "visitor, orders, first_seen - date '1970-01-01', last_seen - date '1970-01-01', active_days, segment"
    assert stored(dataset, "analytics_userstat", user) == recomputed.user_stats(events)


def test_kpis_equal_an_independent_recomputation(tmp_path, rules):
    dataset = imported(tmp_path, SMALL)
    assert build(dataset=dataset).status == "done"
    compare(dataset, tmp_path, rules)


def fingerprint(rows):
    """Return a digest of rows that are sorted, and the types of their cells."""
    digest = hashlib.sha256()
    for row in rows:
        digest.update(repr(row).encode())
    return digest.hexdigest()


def test_both_engines_leave_the_same_integers_of_the_same_types(tmp_path, rules):
    pytest.importorskip("duckdb")
    dataset = imported(tmp_path, SMALL)
    build(dataset=dataset)
    with open_session("duckdb", scope_of(dataset)) as session, connection.cursor() as cursor:
        for model in sql_models():
            if not model.table or model.replaced_by == "always":
                continue
            session.make(model.name, extra=extra())
            columns = ", ".join(model.columns)
            made = session.database.execute(f'select {columns} from "{model.name}" order by all').fetchall()  # noqa: S608
            cursor.execute(f"select {columns} from {model.table} where dataset_id = {dataset.pk}")  # noqa: S608
            kept = sorted(cursor.fetchall(), key=lambda row: tuple((value is None, value) for value in row))
            assert made or model.name == "experiment_units", model.name  # a log has no experiments
            assert fingerprint(made) == fingerprint(kept), model.name
            described = session.database.execute(f'describe select {columns} from "{model.name}"').fetchall()  # noqa: S608
            cursor.execute(
                "select column_name, upper(data_type) from information_schema.columns"
                " where table_schema || '.' || table_name = %s",
                [model.table],
            )
            types = {name: kind.replace("TEXT", "VARCHAR") for name, kind in cursor.fetchall()}
            assert {name: kind for name, kind, *_rest in described} == {name: types[name] for name in model.columns}


def test_duckdb_without_memory_names_the_setting_that_grants_it(tmp_path, settings):
    pytest.importorskip("duckdb")
    settings.DUCKDB_MEMORY = "2MB"
    dataset = imported(tmp_path, SMALL)
    with open_session("duckdb", scope_of(dataset)) as session, pytest.raises(EngineFailed, match="DUCKDB_MEMORY"):
        session.make("fact_sessions", extra=extra())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_kpis_of_a_full_size_log_equal_an_independent_recomputation_on_both_engines(tmp_path, rules):
    dataset = imported(tmp_path, retailrocket.Size())
    build(dataset=dataset)
    compare(dataset, tmp_path, rules)
    run_build(request_build(first=None, dataset=dataset, engine="duckdb"))
    compare(dataset, tmp_path, rules)
