"""The marts of a log in RetailRocket's size: on Postgres, by way of DuckDB and of Spark, durably, beside DuckDB alone.

Spark, which is in no lock, takes part where it is installed.
"""

from __future__ import annotations

import importlib.util
import resource
import tempfile
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path

from django.db import connection

from analytics.imports.datasets import delete_dataset, open_dataset
from analytics.imports.loading import import_log
from analytics.marts.engines import open_session
from analytics.marts.facts import FACTS
from analytics.marts.runs import request_build, run_build
from analytics.marts.scope import scope_of
from analytics.marts.stages import KPIS, extra
from analytics.marts.zone import date_of
from analytics.models import DailyMetric, Dataset, MartRun
from bench import retailrocket

DAYS = 3  # single days that are timed, the newest whole ones; the first also indexes the raw rows, once


def main() -> None:
    """Print the table."""
    with connection.cursor() as cursor:
        cursor.execute("show fsync")
        print(f"  {retailrocket.EVENTS:,} events; Postgres with fsync {cursor.fetchone()[0]}")
    dataset = open_dataset(key="bench-marts", form=Dataset.Form.RETAILROCKET)
    try:
        _measure(dataset)
    finally:
        delete_dataset(dataset)


def _measure(dataset: Dataset) -> None:
    with tempfile.TemporaryDirectory() as name:
        retailrocket.write(Path(name), size=retailrocket.Size.of(retailrocket.EVENTS))
        _print("import of the files", _time(lambda: import_log(dataset, Path(name))))
    for engine in ("postgres", "duckdb", *(["spark"] if importlib.util.find_spec("pyspark") else [])):
        seconds = _time(partial(_full, dataset, engine))
        _print(f"full build, {engine}", seconds)
    _print("full build, DuckDB alone: rows from Postgres, nothing written back", _time(lambda: _alone(dataset)))
    for day in DailyMetric.objects.filter(dataset_id=dataset.pk).order_by("-day")[1 : DAYS + 1]:
        _print(f"one day, {day.date}, {day.visitors:,} visitors", _time(partial(_day, dataset, date_of(day.day))))
    _sizes(dataset)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"  peak memory of this process: {peak // 1024:,} MB")


def _sizes(dataset: Dataset) -> None:
    """Print what an event takes on disk, raw and in the marts, with indexes."""
    with connection.cursor() as cursor:
        for what, names in (("raw", r"analytics\_raw%\_{}"), ("marts", r"analytics\_%\_d{}\_b%")):
            cursor.execute(
                "select coalesce(sum(pg_total_relation_size(oid)), 0) from pg_class where relkind = 'r'"
                " and relnamespace = 'warehouse'::regnamespace and relname like %s",
                [names.format(dataset.pk)],
            )
            (size,) = cursor.fetchone()
            print(f"  on disk, {what}: {size / 2**20:,.0f} MB, {size / retailrocket.EVENTS:,.0f} bytes an event")


def _full(dataset: Dataset, engine: str) -> None:
    _show(run_build(request_build(first=None, dataset=dataset, engine=engine)))


def _day(dataset: Dataset, day: date) -> None:
    _show(run_build(request_build(first=day, dataset=dataset)))


def _alone(dataset: Dataset) -> None:
    with open_session("duckdb", scope_of(dataset)) as session:
        for name in ("dim_item", "dim_category", *FACTS, "dim_visitor", *KPIS):
            session.make(name, extra=extra())


def _show(run: MartRun) -> None:
    for stage in run.stages.all():
        print(f"      {stage.name:<24} {stage.rows:>10,} rows {stage.seconds:7.3f} s")


def _time(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _print(what: str, seconds: float) -> None:
    print(f"  {what:<70} {seconds:7.2f} s")
