"""Reports of a day as files: funnel, cohorts and CRM targets as CSV and Parquet, and a summary in words.

They are held while a gate holds the builds of the dataset.
"""

from __future__ import annotations

import csv
import importlib.util
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from analytics.marts.kpis import KPIS, value_of
from analytics.marts.zone import date_of, day_number, monday_of
from analytics.models import DailyMetric, Dataset, FunnelDay, MartRun
from analytics.quality.standing import in_words, open_failures
from analytics.spreadsheet import cells
from novarium.kernel import sql
from novarium.kernel.errors import Conflict, NotFound

TABLES = ("funnel", "funnel_category", "cohort", "crm_targets")
SUMMARY = "summary.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A report's rows under its columns."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


def file_names() -> list[str]:
    """Return the names of the files of a day; Parquet needs the optional package ``duckdb``."""
    kinds = ("csv", "parquet") if importlib.util.find_spec("duckdb") else ("csv",)
    return [f"{table}.{kind}" for table in TABLES for kind in kinds] + [SUMMARY]


def write_reports(*, dataset: Dataset, day: date, folder: Path) -> list[Path]:
    """Write all files of a day into a folder; return their paths.

    Raises:
        Conflict: a gate holds the dataset's builds.
        NotFound: the day is not built.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name in file_names():
        path = folder / name
        path.write_bytes(report(name, dataset=dataset, day=day))
        paths.append(path)
    return paths


def report(name: str, *, dataset: Dataset, day: date) -> bytes:
    """Return a file of a day by its name.

    Raises:
        Conflict: a gate holds the dataset's builds.
        NotFound: there is no such file, or the day is not built.
    """
    if name not in file_names():
        raise NotFound(_("There is no such report."))
    refuse_while_held(dataset, day)
    metrics = DailyMetric.objects.filter(dataset_id=dataset.pk, day=day_number(day)).first()
    if metrics is None:
        raise NotFound(_("This day is not built."))
    stem, _dot, kind = name.rpartition(".")
    if name == SUMMARY:
        return _summary(dataset, metrics).encode()
    table = _table(stem, dataset=dataset, day=day)
    return _parquet(table) if kind == "parquet" else _csv(table)


def refuse_while_held(dataset: Dataset, day: date) -> None:
    """Refuse while a quality gate holds exports of the day, or the newest build that covers the day is held.

    Raises:
        Conflict: it is; the message says why.
    """
    number = day_number(day)
    found = open_failures("exports", dataset_id=dataset.pk, first_day=number, last_day=number)
    if found:
        raise Conflict(_("A quality gate holds these figures: %(problem)s") % {"problem": " ".join(in_words(found))})
    runs = MartRun.objects.filter(dataset=dataset).exclude(status__in=[MartRun.Status.QUEUED, MartRun.Status.RUNNING])
    newest = runs.filter(first_date=None) | runs.filter(first_date__lte=day, last_date__gte=day)
    run = newest.order_by("-id").first()
    if run and run.status == MartRun.Status.HELD:
        raise Conflict(_("A quality gate holds these figures: %(problem)s") % {"problem": run.problem})


def _table(name: str, *, dataset: Dataset, day: date) -> Table:
    bounds = {"dataset_id": dataset.pk, "day": day_number(day), "week_day": monday_of(day_number(day))}
    with connection.cursor() as cursor:
        cursor.execute(sql.load(f"analytics/sql/exports/{name}.sql"), bounds)
        return Table(name=name, columns=[column.name for column in cursor.description], rows=cursor.fetchall())


def _csv(table: Table) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.columns)
    writer.writerows(cells(row) for row in table.rows)
    return out.getvalue().encode()


def _parquet(table: Table) -> bytes:
    import tempfile  # noqa: PLC0415

    import duckdb  # noqa: PLC0415 - an optional extra

    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as database:
        path = Path(folder) / "report.parquet"
        kinds = ", ".join(f'"{name}" {_kind(table, place)}' for place, name in enumerate(table.columns))
        database.execute(f"create table report ({kinds})")
        if table.rows:
            marks = ", ".join("?" for _column in table.columns)
            database.executemany(f"insert into report values ({marks})", [list(row) for row in table.rows])  # noqa: S608
        database.execute(f"copy report to '{path}' (format parquet)")
        return path.read_bytes()


def _kind(table: Table, place: int) -> str:
    values = [row[place] for row in table.rows if row[place] is not None]
    if values and all(isinstance(value, date) for value in values):
        return "date"
    return "bigint" if all(isinstance(value, int) for value in values) else "varchar"


def _summary(dataset: Dataset, metrics: DailyMetric) -> str:
    """Return the day in a few lines; every rate by its definition."""
    funnel = FunnelDay.objects.get(dataset_id=dataset.pk, day=metrics.day)
    counts = ("visitors", "sessions", "page_views", "carters", "buyers", "orders")
    lines = [f"{dataset.key} {date_of(metrics.day)}", ""]
    lines += [f"{name:<16}{getattr(metrics, name):>14,}" for name in counts]
    lines += [f"{'revenue':<16}{metrics.revenue:>14,}", f"{'refunded':<16}{metrics.refunded:>14,}", ""]
    for kpi in KPIS.values():
        row = {"daily_metrics": metrics, "funnel_daily": funnel}.get(kpi.table)
        value = value_of(kpi.key, row) if row else None
        if row:
            lines.append(f"{kpi.key:<16}{'-' if value is None else format(value, '.4f'):>14}  {kpi.description}")
    return "\n".join(lines) + "\n"
