"""What the names in the SQL files mean in Postgres during a stage: temporary views over tables and loaded rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import sql

from analytics.marts.catalogue import SqlModel, loads, model_named, readable, sql_models
from analytics.marts.scope import Scope

# The rules, and the days on which what was done on a day still counts for each: so many after it.
CRM_SELECTS = {
    "crm_rule": """
select
    id,
    cast(days as integer) as days,
    least_views,
    most_views,
    least_carts,
    most_carts,
    least_orders,
    most_orders,
    cap
from warehouse.analytics_crmrule
where is_active
""",
    "crm_look_back": """
select
    rule.id as rule_id,
    cast(days_before as integer) as days_before
from warehouse.analytics_crmrule as rule
cross join lateral generate_series(0, rule.days - 1) as days_before
where rule.is_active
""",
}
# What a full build groups by sorting: a hash table of as many groups does not fit into memory, and Postgres' planner
# would take it all the same. Facts lie in the order of days and visitors and are written in it, so that each day is
# sorted by itself and a day's rows lie together.
SORTED = frozenset(
    {"fact_events", "fact_sessions", "visitor_days", "dim_visitor", "funnel_category_daily", "crm_targets"}
)
# The days of visitors whom a build touches, all of them; build_visitor is made by the stage that builds facts.
TOUCHED_DAYS = """
select days.*
from {visitor_days} as days
inner join build_visitor on days.visitor = build_visitor.visitor
where days.dataset_id = {dataset}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One table that was written."""

    name: str
    table: str
    rows: int
    seconds: float


@contextmanager
def relations(
    cursor: Any,
    scope: Scope,
    models: Sequence[SqlModel],
    *,
    tables: Mapping[str, str] | None = None,
    given: Mapping[str, sql.Composable] | None = None,
) -> Iterator[None]:
    """Give every name that the models read a meaning until the block ends.

    Args:
        tables: Tables to use instead of those that keep models, by the models' names: those of a build under way.
        given: Selects of further names; one that reads other names stands after them where models list what they read.
    """
    names = list(_needed(models))
    for name in names:
        meaning = (given or {}).get(name) or _meaning(cursor, name, scope, tables or {})
        statement = sql.SQL("create temporary view {} as\n{}").format(sql.Identifier(name), meaning)
        cursor.execute(statement, scope.bounds)
    yield
    if names:
        listed = sql.SQL(", ").join(sql.Identifier("pg_temp", name) for name in names)
        cursor.execute(sql.SQL("drop view {} cascade").format(listed))


def fill(cursor: Any, scope: Scope, model: SqlModel, *, into: str, extra: Mapping[str, Any] | None = None) -> Step:
    """Add what a model selects to a table of the warehouse."""
    began = time.perf_counter()
    columns = sql.SQL(", ").join(map(sql.Identifier, model.columns))
    statement = sql.SQL("insert into {} ({}, dataset_id) select {}, {} from (\n{}\n) as made").format(
        sql.Identifier(*into.split(".")), columns, columns, sql.Literal(scope.dataset_id), sql.SQL(model.text)
    )
    is_sorted = scope.is_whole and model.name in SORTED
    if is_sorted:
        cursor.execute("set local enable_hashagg = off")
    cursor.execute(statement, {**scope.bounds, **(extra or {})})
    rows = int(cursor.rowcount)
    if is_sorted:
        cursor.execute("set local enable_hashagg = on")
    return Step(name=model.name, table=model.table, rows=rows, seconds=round(time.perf_counter() - began, 3))


def loaded(cursor: Any, scope: Scope, what: str) -> sql.Composable:
    """Return the select that loads something of the scope's form; parts whose tables are missing are left out.

    An installation without the simulator has no history.
    """
    parts = readable(cursor, loads(scope.form, what))
    return sql.SQL("\nunion all\n").join(sql.SQL(part.text) for part in parts)


def _needed(models: Sequence[SqlModel]) -> Iterator[str]:
    """Yield what the models read, each name after those that it is made of."""
    known = {model.name: model for model in sql_models()}
    seen: set[str] = set()

    def visit(name: str) -> Iterator[str]:
        if name in seen or "." in name or name in {"nothing", "build_visitor"}:
            return
        seen.add(name)
        below = known.get(name)
        for read in below.reads if below and not below.table else ():
            yield from visit(read)
        yield name

    for model in models:
        for name in model.reads:
            yield from visit(name)


def _meaning(cursor: Any, name: str, scope: Scope, tables: Mapping[str, str]) -> sql.Composable:
    if name.startswith("loaded_"):
        return loaded(cursor, scope, name.removeprefix("loaded_"))
    if name in _GIVEN:
        return _GIVEN[name](scope, tables)
    if name in CRM_SELECTS:
        return sql.SQL(CRM_SELECTS[name])
    model = model_named(name)
    return _table(name, scope, tables) if model.table else sql.SQL(model.text)


def zone_offset(scope: Scope) -> sql.Composable:
    """Return the offsets of the scope's zone as a select."""
    rows = (sql.SQL("({}::bigint, {}::bigint, {}::bigint)").format(*row) for row in scope.zone_offsets)
    listed = sql.SQL(", ").join(rows)
    return sql.SQL("select * from (values {}) as zone (from_ms, until_ms, offset_ms)").format(listed)


def _touched_days(scope: Scope, tables: Mapping[str, str]) -> sql.Composable:
    if scope.is_whole:
        return _table("visitor_days", scope, tables)
    place = _place("visitor_days", tables)
    return sql.SQL(TOUCHED_DAYS).format(visitor_days=place, dataset=sql.Literal(scope.dataset_id))


_GIVEN: Mapping[str, Callable[[Scope, Mapping[str, str]], sql.Composable]] = {
    "zone_offset": lambda scope, _tables: zone_offset(scope),
    "touched_days": _touched_days,
}


def _table(name: str, scope: Scope, tables: Mapping[str, str]) -> sql.Composable:
    return sql.SQL("select * from {} where dataset_id = {}").format(_place(name, tables), sql.Literal(scope.dataset_id))


def _place(name: str, tables: Mapping[str, str]) -> sql.Identifier:
    return sql.Identifier(*tables.get(name, model_named(name).table).split("."))
