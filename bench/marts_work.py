"""One measurement of the marts, in a process of its own so that its memory is its own.

``python -m bench.marts_work NAME ARGUMENT`` prints JSON.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novarium.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402 - these need Django set up

from analytics.imports.datasets import open_dataset  # noqa: E402
from analytics.imports.loading import import_log  # noqa: E402
from analytics.marts.engines import open_session  # noqa: E402
from analytics.marts.facts import FACTS  # noqa: E402
from analytics.marts.runs import request_build, run_build  # noqa: E402
from analytics.marts.scope import scope_of  # noqa: E402
from analytics.marts.stages import KPIS, extra  # noqa: E402
from analytics.models import Dataset  # noqa: E402
from bench.marts import KEY  # noqa: E402

# What was done, how many rows it wrote, and in how many seconds.
Part = tuple[str, int, float]


def copy(folder: str) -> list[Part]:
    """Copy files as they are into tables of texts."""
    for path in sorted(Path(folder).iterdir()):
        with path.open("rb") as file, transaction.atomic(), connection.cursor() as cursor:
            columns = ", ".join(f"column{n} text" for n in range(file.readline().count(b",") + 1))
            cursor.execute(f"create table warehouse.bench_copy ({columns})")
            with cursor.copy("copy warehouse.bench_copy from stdin (format csv)") as stream:
                while block := file.read(1 << 20):
                    stream.write(block)
        with connection.cursor() as cursor:
            cursor.execute("drop table warehouse.bench_copy")
    return []


def load(folder: str) -> list[Part]:
    """Import the files."""
    import_log(_dataset(), Path(folder))
    return []


def full(engine: str) -> list[Part]:
    """Build everything; return the stages."""
    return _build(None, engine)


def days(listed: str) -> list[Part]:
    """Build each of some days by itself; return them and the stages of the last."""
    found, stages = [], []
    for text in listed.split(","):
        began = time.perf_counter()
        stages = _build(date.fromisoformat(text), "postgres")
        found.append((text, sum(rows for _name, rows, _seconds in stages), time.perf_counter() - began))
    return found + stages


def alone(_argument: str) -> list[Part]:
    """Build everything in DuckDB from rows of Postgres, check nothing and leave nothing."""
    with open_session("duckdb", scope_of(_dataset())) as session:
        for model in ("dim_item", "dim_category", *FACTS, "dim_visitor", *KPIS):
            session.make(model, extra=extra())
    return []


WORK: Mapping[str, Callable[[str], list[Part]]] = {
    "copy": copy,
    "import": load,
    "full": full,
    "days": days,
    "alone": alone,
}


def _build(first: date | None, engine: str) -> list[Part]:
    run = run_build(request_build(first=first, dataset=_dataset(), engine=engine))
    return [(stage.name, stage.rows, stage.seconds or 0) for stage in run.stages.all()]


def _dataset() -> Dataset:
    return open_dataset(key=KEY, form=Dataset.Form.RETAILROCKET)


def main(name: str, argument: str) -> None:
    """Measure and print."""
    began = time.perf_counter()
    parts = WORK[name](argument)
    seconds = time.perf_counter() - began
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(status.partition("VmHWM:")[2].split()[0]) >> 10  # ru_maxrss would begin with the parent's
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "parts": parts}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
