"""Build the marts for one day or in full: every run of the same day over the same data leaves the same rows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from analytics.marts.catalogue import Part, SqlModel, sql_models

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
END = datetime(9999, 1, 1, tzinfo=UTC)
WORK_MEMORY = "64MB"  # with Postgres' 4 MB sorts of sessions go to disk

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One model that was built; ``table`` is empty where it only lived during the build."""

    name: str
    kind: str
    table: str
    rows: int
    seconds: float


def build(target_date: date | None = None, *, progress: Progress | None = None) -> tuple[Step, ...]:
    """Build all marts in one transaction.

    Args:
        target_date: A day of the reporting zone; None builds every day.
        progress: Told the name of each model before it is built, how many are done and how many there are.
    """
    models = sql_models()
    steps = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config('work_mem', %s, true)", [WORK_MEMORY])
        _lock(cursor, target_date)
        for done, model in enumerate(models):
            if progress:
                progress(model.name, done, len(models))
            steps.append(_build(cursor, model, target_date))
        for model in models:
            cursor.execute(sql.SQL("drop table {}").format(sql.Identifier("pg_temp", model.name)))
    return tuple(steps)


def bounds(target_date: date | None) -> tuple[datetime, datetime]:
    """Return the first moment of the day in the reporting zone and of the next, or of all time."""
    if target_date is None:
        return BEGINNING, END
    first = timezone.make_aware(datetime.combine(target_date, clock.min))
    after = timezone.make_aware(datetime.combine(target_date + timedelta(days=1), clock.min))
    return first, after


def _lock(cursor: Any, target_date: date | None) -> None:
    """Let days be built side by side, each once at a time, and a full build alone."""
    if target_date is None:
        cursor.execute("select pg_advisory_xact_lock(hashtext('marts'))")
        return
    cursor.execute("select pg_advisory_xact_lock_shared(hashtext('marts'))")
    cursor.execute("select pg_advisory_xact_lock(hashtext('marts day'), %s)", [target_date.toordinal()])


def _build(cursor: Any, model: SqlModel, target_date: date | None) -> Step:
    began = time.perf_counter()
    since, until = bounds(target_date)
    parts = [part for part in model.parts if len(model.parts) == 1 or _readable(cursor, part)]
    select = sql.SQL("\nunion all\n").join(sql.SQL(part.text) for part in parts)
    name = sql.Identifier(model.name)
    statement = sql.SQL("create temporary table {} on commit drop as\n{}").format(name, select)
    cursor.execute(statement, {"since": since, "until": until, "zone": settings.TIME_ZONE})
    cursor.execute(sql.SQL("analyze {}").format(name))
    rows = _keep(cursor, model, target_date) if model.table else _count(cursor, name)
    return Step(
        name=model.name, kind=model.kind, table=model.table, rows=rows, seconds=round(time.perf_counter() - began, 3)
    )


def _keep(cursor: Any, model: SqlModel, target_date: date | None) -> int:
    """Replace the day, or everything, in the model's table."""
    table = sql.Identifier(*model.table.split("."))
    temporary = sql.Identifier(model.name)
    if model.day_column and target_date:
        condition = sql.SQL("delete from {} where {} = %s").format(table, sql.Identifier(model.day_column))
        cursor.execute(condition, [target_date])
    else:
        cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [model.table])
        cursor.execute(sql.SQL("delete from {}").format(table))
    cursor.execute(sql.SQL("select * from {} limit 0").format(temporary))
    columns = sql.SQL(", ").join(sql.Identifier(column.name) for column in cursor.description)
    cursor.execute(sql.SQL("insert into {} ({}) select {} from {}").format(table, columns, columns, temporary))
    return int(cursor.rowcount)


def _count(cursor: Any, name: sql.Identifier) -> int:
    cursor.execute(sql.SQL("select count(*) from {}").format(name))
    (rows,) = cursor.fetchone()
    return int(rows)


def _readable(cursor: Any, part: Part) -> bool:
    """Whether the tables of a part of a union exist: an installation without the simulator has no history."""
    cursor.execute("select bool_and(to_regclass(name) is not null) from unnest(%s::text[]) as name", [list(part.reads)])
    (exists,) = cursor.fetchone()
    return bool(exists)
