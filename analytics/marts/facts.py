"""Build facts and visitors: of a range of days in place, or of all days into new tables, in shards by visitor."""

from __future__ import annotations

import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from analytics.marts import tables
from analytics.marts.catalogue import model_named
from analytics.marts.connections import beside_build_of
from analytics.marts.engines import Session
from analytics.marts.relations import Step, fill, relations
from analytics.marts.scope import Scope
from analytics.marts.zone import monday_of
from analytics.models import BuiltDay, DirtyDay

FACTS = ("fact_events", "fact_sessions", "visitor_days")
# Raw tables whose rows stand in no order of time.
RAW_BY_TIME = {
    "retailrocket": "analytics_rawretailrocketevent",
    "open_bandit": "analytics_rawopenbanditimpression",
}
WORTH_SHARDING = 300_000  # rows; below, one connection is done before two have begun
STATISTICS = "30"  # instead of 100: those of a full build are good enough from a third of the usual sample
# Sorts and hashes of a shard in memory, and no parallel workers below it: the shards are the parallel part.
# Nobody can tell the planner how many rows a shard keeps; taken for few, they are looked up one by one, for minutes.
SHARD_SETTINGS = {
    "work_mem": "96MB",
    "maintenance_work_mem": "128MB",
    "max_parallel_workers_per_gather": "0",
    "enable_nestloop": "off",
    "default_statistics_target": STATISTICS,
}

# A day's visitors are looked up by index; at the default, made for turning disks, all visitors there are would be read.
PAGE_COST = "1.1"


def build_days(scope: Scope) -> tuple[list[Step], list[int]]:
    """Replace the facts of the scope's days and the visitors who are, or were, in them, in one transaction.

    Returns:
        What was written; and the Mondays of the weeks, the days' own apart, in which cohort cells change because a
        visitor's first day or first purchase has.
    """
    steps = []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config('random_page_cost', %s, true)", [PAGE_COST])
        cursor.execute("set local max_parallel_workers_per_gather = 0")
        tables.ensure(cursor, dataset_id=scope.dataset_id)
        _index_raw(cursor, scope)
        cursor.execute("create temporary table build_visitor (visitor bigint primary key) on commit drop")
        _touch(cursor, scope)
        for name in FACTS:
            model = model_named(name)
            _delete_days(cursor, model.table, scope)
            with relations(cursor, scope, [model]):
                steps.append(fill(cursor, scope, model, into=model.table))
            if name == "fact_events":
                cursor.execute("analyze build_visitor")
        _touch(cursor, scope)
        visitors, weeks = _replace_visitors(cursor, scope)
        steps.append(visitors)
        _note_built(cursor, scope)
        cursor.execute("drop table build_visitor")
    return steps, weeks


def build_whole(scope: Scope, *, build: int, shards: int) -> list[Step]:
    """Build all facts and visitors anew and put them in the place of the old ones."""
    with transaction.atomic(), connection.cursor() as cursor:
        tables.drop_leftovers(cursor, dataset_id=scope.dataset_id)
    names = tables.new_tables(dataset_id=scope.dataset_id, build=build, shards=shards)
    if shards == 1:
        with transaction.atomic(), connection.cursor() as cursor:
            steps = _fill_shard(cursor, scope, names[0])
            _put_in_place(cursor, scope, names)
        return steps
    with ThreadPoolExecutor(shards) as pool:
        jobs = [pool.submit(_shard_job, scope.part(shard, shards), names[shard]) for shard in range(shards)]
        done = [job.result() for job in jobs]
    with transaction.atomic(), connection.cursor() as cursor:
        _put_in_place(cursor, scope, names)
    return [step for steps in done for step in steps]


def bring_whole(session: Session, *, build: int, extra: Mapping[str, int]) -> list[Step]:
    """Build all facts and visitors in another engine and put them in the place of the old ones."""
    scope, names = session.scope, (*FACTS, "dim_visitor")
    with transaction.atomic(), connection.cursor() as cursor:
        tables.drop_leftovers(cursor, dataset_id=scope.dataset_id)
    (into,) = tables.new_tables(dataset_id=scope.dataset_id, build=build, shards=1)
    steps = session.make_large(names, into=into, extra=extra)
    with transaction.atomic(), connection.cursor() as cursor:
        _put_in_place(cursor, scope, [into])
    return steps


def shards_for(scope: Scope) -> int:
    """Return into how many shards a full build is split: none inside somebody's transaction, or where it is small."""
    if connection.in_atomic_block:
        return 1
    with connection.cursor() as cursor:
        cursor.execute(
            "select coalesce(sum(greatest(reltuples, 0)), 0) from pg_class where relkind = 'r' and ("
            " relname like %s or (%s and relname like %s))",
            [rf"analytics\_raw%\_{scope.dataset_id}", scope.form == "received", r"experiments\_event\_2%"],
        )
        (rows,) = cursor.fetchone()
    return settings.MART_SHARDS if rows >= WORTH_SHARDING else 1


def _shard_job(scope: Scope, names: dict[str, str]) -> list[Step]:
    """Fill a shard's tables in a transaction on the thread's own connection."""
    with beside_build_of(scope.dataset_id), transaction.atomic(), connection.cursor() as cursor:
        return _fill_shard(cursor, scope, names)


def _fill_shard(cursor: Any, scope: Scope, names: dict[str, str]) -> list[Step]:
    for setting, value in SHARD_SETTINGS.items():
        cursor.execute("select set_config(%s, %s, true)", [setting, value])
    tables.create(cursor, names, dataset_id=scope.dataset_id, shard=scope.shard, shards=scope.shards)
    steps = []
    for name in (*FACTS, "dim_visitor"):
        model = model_named(name)
        with relations(cursor, scope, [model], tables=names):
            steps.append(fill(cursor, scope, model, into=names[name]))
        tables.index(cursor, name, names[name])
        cursor.execute(sql.SQL("analyze {}").format(sql.Identifier(*names[name].split("."))))
    return steps


def _put_in_place(cursor: Any, scope: Scope, names: list[dict[str, str]]) -> None:
    cursor.execute("select set_config('default_statistics_target', %s, true)", [STATISTICS])
    tables.put_in_place(cursor, names, dataset_id=scope.dataset_id)
    _note_built(cursor, scope)


def _index_raw(cursor: Any, scope: Scope) -> None:
    """Let a day of an imported log be found: loading leaves its rows without an index, which single days need."""
    if scope.form in RAW_BY_TIME:
        name = f"{RAW_BY_TIME[scope.form]}_{scope.dataset_id}"
        statement = sql.SQL("create index if not exists {} on {} (at_ms)")
        cursor.execute(statement.format(sql.Identifier(f"{name}_at"), sql.Identifier(tables.SCHEMA, name)))


def _touch(cursor: Any, scope: Scope) -> None:
    """Note the visitors who are in the scope's days now."""
    cursor.execute(
        "insert into build_visitor select distinct visitor from warehouse.analytics_visitorday"
        " where dataset_id = %(dataset_id)s and day between %(first_day)s and %(last_day)s on conflict do nothing",
        scope.bounds,
    )


def _delete_days(cursor: Any, table: str, scope: Scope) -> None:
    cursor.execute(
        sql.SQL(
            "delete from {} where dataset_id = %(dataset_id)s and day between %(first_day)s and %(last_day)s"
        ).format(sql.Identifier(*table.split("."))),
        scope.bounds,
    )


def _replace_visitors(cursor: Any, scope: Scope) -> tuple[Step, list[int]]:
    """Write the touched visitors who changed; return the other weeks in whose cohorts somebody's firsts have moved."""
    began = time.perf_counter()
    model = model_named("dim_visitor")
    columns = sql.SQL(", ").join(map(sql.Identifier, model.columns))
    with relations(cursor, scope, [model]):
        made = sql.SQL("create temporary table build_now on commit drop as {}").format(sql.SQL(model.text))
        cursor.execute(made, scope.bounds)
    cursor.execute(
        sql.SQL(
            "create temporary table build_changed on commit drop as"
            " select build_visitor.visitor, old.first_day is distinct from now.first_day"
            "  or old.first_purchase_day is distinct from now.first_purchase_day as moved"
            " from build_visitor"
            " left join (select {} from warehouse.analytics_dimvisitor where dataset_id = {}) as old using (visitor)"
            " left join build_now as now using (visitor)"
            " where old is distinct from now"
        ).format(columns, sql.Literal(scope.dataset_id))
    )
    cursor.execute(
        "delete from warehouse.analytics_dimvisitor as old using build_changed as changed"
        " where old.dataset_id = %s and old.visitor = changed.visitor",
        [scope.dataset_id],
    )
    cursor.execute(
        sql.SQL(
            "insert into warehouse.analytics_dimvisitor ({}, dataset_id)"
            " select {}, {} from build_now inner join build_changed using (visitor)"
        ).format(columns, columns, sql.Literal(scope.dataset_id))
    )
    rows = cursor.rowcount
    cursor.execute(
        "select distinct days.day - mod(days.day - 4, 7) from build_changed as changed"
        " inner join warehouse.analytics_visitorday as days on days.dataset_id = %s and days.visitor = changed.visitor"
        " where changed.moved",
        [scope.dataset_id],
    )
    own = range(monday_of(scope.first_day), scope.last_day + 1)
    weeks = sorted(week for (week,) in cursor.fetchall() if week not in own)
    cursor.execute("drop table build_now, build_changed")
    step = Step(name=model.name, table=model.table, rows=rows, seconds=round(time.perf_counter() - began, 3))
    return step, weeks


def _note_built(cursor: Any, scope: Scope) -> None:
    """Note when the days were built and from how many events; they are not dirty any more."""
    days = {"dataset_id": scope.dataset_id, "day__gte": scope.first_day, "day__lte": scope.last_day}
    BuiltDay.objects.filter(**days).delete()
    DirtyDay.objects.filter(**days).delete()
    cursor.execute(
        "insert into warehouse.analytics_builtday (dataset_id, day, built_at, events)"
        " select dataset_id, day, %(now)s, sum(events) from warehouse.analytics_visitorday"
        " where dataset_id = %(dataset_id)s and day between %(first_day)s and %(last_day)s group by dataset_id, day",
        {**scope.bounds, "now": timezone.now()},
    )
