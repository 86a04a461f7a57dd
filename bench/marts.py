"""The marts of a log in RetailRocket's size: on Postgres, by way of DuckDB and of Spark, durably, beside DuckDB alone.

Each measurement is a process of its own. Spark, which is in no lock, takes part where it is installed.
"""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.db import connection

from analytics.imports.datasets import delete_dataset, open_dataset
from analytics.marts.zone import date_of
from analytics.models import DailyMetric, Dataset
from bench import retailrocket

KEY = "bench-marts"
ROOT = Path(__file__).resolve().parent.parent
DAYS = 4  # single days that are timed, the newest whole ones; the first also indexes the raw rows, once


def main() -> None:
    """Print the table."""
    with connection.cursor() as cursor:
        cursor.execute("show fsync")
        print(f"  {retailrocket.EVENTS:,} events; Postgres with fsync {cursor.fetchone()[0]}")
    dataset = open_dataset(key=KEY, form=Dataset.Form.RETAILROCKET)
    try:
        _measure(dataset)
    finally:
        delete_dataset(dataset)


def _measure(dataset: Dataset) -> None:
    print(f"  {'':<66}{'seconds':>8}{'peak MB':>9}")
    with tempfile.TemporaryDirectory() as name:
        retailrocket.write(Path(name), size=retailrocket.Size.of(retailrocket.EVENTS))
        copied = _run("raw COPY of the same files into tables of texts", "copy", name)
        loaded = _run("import of the files", "import", name, copied, "the raw COPY")
    alone = _run("DuckDB alone: rows from Postgres, nothing kept and nothing checked", "alone", "")
    for engine in ("postgres", "duckdb", *(["spark"] if importlib.util.find_spec("pyspark") else [])):
        full = _run(f"full build with its checks, {engine}", "full", engine, alone, "DuckDB alone")
        print(f"  {f'import and full build, {engine}':<66}{loaded + full:>8.2f}")
    newest = DailyMetric.objects.filter(dataset_id=dataset.pk).order_by("-day")[1 : DAYS + 1]
    days = ",".join(str(date_of(metrics.day)) for metrics in newest)
    _run(f"{DAYS} days, each by itself, and the last one's stages", "days", days, alone, "DuckDB alone for all days")
    _sizes(dataset)


def _run(what: str, name: str, argument: str, base: float = 0, base_name: str = "") -> float:
    """Measure in a process of its own, print the figures, and return the seconds."""
    command = [sys.executable, "-m", "bench.marts_work", name, argument]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"  {what:<66}  failed: {done.stderr.strip().splitlines()[-1]}")
        return float("nan")
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    ratio = f"  {found['seconds'] / base:.2f} times {base_name}" if base else ""
    print(f"  {what:<66}{found['seconds']:>8.2f}{found['peak_mb']:>9,}{ratio}")
    for part, rows, seconds in found["parts"]:
        print(f"      {part:<24} {rows:>10,} rows {seconds:7.3f} s")
    return float(found["seconds"])


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
