"""The stages of a build, in order; what a stage wrote is committed with it, so that a build goes on where it failed.

Gates stand between them: a gate that finds something blocking holds every stage after it that depends on it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from analytics.crm_rules import publish_targets
from analytics.marts import facts
from analytics.marts.catalogue import loads, model_named, readable
from analytics.marts.engines import Session
from analytics.marts.gates import Place, check
from analytics.marts.relations import Step, fill, relations
from analytics.marts.scope import Scope
from analytics.marts.zone import monday_of
from analytics.models import CrmRule

WORK_MEMORY = "128MB"  # with Postgres' 4 MB large groups go to disk
# A full build runs these beside each other, the longest first; the stages of one line need each other.
BESIDE = (("daily_metrics", "crm_targets"), ("funnel_category_daily",), ("cohort_weekly",), ("funnel_daily",))
KPIS = ("daily_metrics", "funnel_daily", "funnel_category_daily", "cohort_weekly", "crm_targets")
DATED = frozenset({"experiment_units", *KPIS})  # tables whose rows are each of one day or week


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """A build under way.

    Attributes:
        build: Its number.
        affected_weeks: Mondays of the weeks whose cohorts change besides its own.
        held_days: Days that a gate keeps it from; only some of its own.
        session: The engine that computes instead of Postgres.
    """

    scope: Scope
    build: int
    affected_weeks: tuple[int, ...] = ()
    held_days: tuple[int, ...] = ()
    session: Session | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a stage wrote and found.

    Attributes:
        held: Why nothing after the stage may be built; empty where it may.
        held_days: Days for which nothing after the stage may be built, while the others go on; ``note`` says why.
    """

    steps: tuple[Step, ...] = ()
    affected_weeks: tuple[int, ...] = ()
    held: str = ""
    held_days: tuple[int, ...] = ()
    note: str = ""

    @property
    def rows(self) -> int:
        """Rows written."""
        return sum(step.rows for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """A named part of a build, and the models that it builds."""

    name: str
    run: Callable[[Work], Outcome] = field(repr=False)
    models: tuple[str, ...] = ()


def name_units(work: Work) -> Outcome:
    """Give every text of the raw events a number, once and for good; forms with numbers of their own have no texts."""
    models = loads(work.scope.form, "names")
    if models[0].name.startswith("load/nothing"):
        return Outcome()
    with transaction.atomic(), connection.cursor() as cursor:
        steps = []
        for model in readable(cursor, models):
            statement = "insert into warehouse.analytics_namekey (dataset_id, kind, name) select {}, kind, name"
            made = sql.SQL(statement + " from (\n{}\n) as made order by 2, 3 on conflict do nothing").format(
                sql.Literal(work.scope.dataset_id), sql.SQL(model.text)
            )
            cursor.execute(made, work.scope.bounds)
            steps.append(Step(name=model.name, table="analytics_namekey", rows=cursor.rowcount, seconds=0))
        if any(step.rows for step in steps):
            cursor.execute("analyze warehouse.analytics_namekey")
    return Outcome(steps=tuple(steps))


def build_facts(work: Work) -> Outcome:
    """Build facts and visitors; where days are held, the others in place, since those keep what they have."""
    if work.held_days:
        pieces = [facts.build_days(scope) for scope in without(work.scope, [(day, day) for day in work.held_days])]
        return Outcome(
            steps=tuple(step for steps, _weeks in pieces for step in steps),
            affected_weeks=tuple(sorted({week for _steps, weeks in pieces for week in weeks})),
        )
    if work.session:
        return Outcome(steps=tuple(facts.bring_whole(work.session, build=work.build, extra=extra())))
    if work.scope.is_whole:
        shards = facts.shards_for(work.scope)
        return Outcome(steps=tuple(facts.build_whole(work.scope, build=work.build, shards=shards)))
    steps, weeks = facts.build_days(work.scope)
    return Outcome(steps=tuple(steps), affected_weeks=tuple(weeks))


def build_table(name: str) -> Callable[[Work], Outcome]:
    """Return what builds one table in one transaction: the ranges of it that the build's days change."""

    def run(work: Work) -> Outcome:
        model = model_named(name)
        steps = []
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select set_config('work_mem', %s, true)", [WORK_MEMORY])
            # Each worker would build the whole hash of visitors; tables are built beside each other instead.
            cursor.execute("set local max_parallel_workers_per_gather = 0")
            for scope in ranges(name, work):
                _clear(cursor, model.table, model.replaced_by, scope)
                if work.session and not work.held_days:
                    work.session.make(name, extra=extra())
                    steps.append(work.session.add_rows(cursor, model))
                    continue
                with relations(cursor, scope, [model]):
                    steps.append(fill(cursor, scope, model, into=model.table, extra=extra()))
            if work.scope.is_whole:  # a day more changes little, and autovacuum sees to it
                # Where autovacuum is at it, that will do.
                cursor.execute(sql.SQL("analyze (skip_locked) {}").format(sql.Identifier(*model.table.split("."))))
        return Outcome(steps=tuple(steps))

    return run


def ranges(name: str, work: Work) -> list[Scope]:
    """Return the days of a table that change when the build's days do, without those that a held day counts in."""
    scope = work.scope
    if name not in DATED:
        return [scope]
    held = [_reach(name, day) for day in work.held_days]
    if scope.is_whole:
        return without(scope, held)
    if name == "crm_targets":
        return without(scope.within(scope.first_day, _reach(name, scope.last_day)[1]), held)
    if name == "cohort_weekly":
        own = scope.within(monday_of(scope.first_day), monday_of(scope.last_day) + 6)
        weeks = [own, *(scope.within(week, week + 6) for week in work.affected_weeks)]
        return [piece for week in weeks for piece in without(week, held)]
    return without(scope, held)


def without(scope: Scope, held: Iterable[tuple[int, int]]) -> list[Scope]:
    """Return what is left of a scope's days without some stretches of them, each from its first to its last day."""
    left, first = [], scope.first_day
    for start, end in sorted(held):
        if start > scope.last_day:
            break
        if start > first:
            left.append((first, start - 1))
        first = max(first, end + 1)
    if first <= scope.last_day:
        left.append((first, scope.last_day))
    return [scope.within(*days) for days in left]


def _reach(name: str, day: int) -> tuple[int, int]:
    """Return the first and last day of a table's rows that a day counts in."""
    if name == "crm_targets":
        return day, day + _look_back() - 1
    if name == "cohort_weekly":
        return monday_of(day), monday_of(day) + 6
    return day, day


def gate(place: Place) -> Callable[[Work], Outcome]:
    """Return what asks the checks of a place whether the build may go on."""

    def run(work: Work) -> Outcome:
        asked = without(work.scope, [(day, day) for day in work.held_days])  # those have nothing new to ask about
        holds = [hold for scope in asked for hold in check(place, scope)]
        sentences, days = "\n".join(hold.sentence for hold in holds), {hold.day for hold in holds}
        own = range(work.scope.first_day, work.scope.last_day + 1)
        dated = sorted(day for day in days if day is not None)
        if None in days or len({*dated, *work.held_days}) == len(own) or any(day not in own for day in dated):
            return Outcome(held=sentences)
        return Outcome(held_days=tuple(dated), note=sentences)

    return run


def publish(work: Work) -> Outcome:
    """Hand the CRM targets of what this installation receives to the audiences of experiments."""
    if work.scope.form != "received":
        return Outcome()
    began = time.perf_counter()
    units = publish_targets()
    seconds = time.perf_counter() - began
    step = Step(name="crm_lists", table="experiment.experiments_crmmember", rows=units, seconds=seconds)
    return Outcome(steps=(step,))


def build_catalogue(name: str) -> Callable[[Work], Outcome]:
    """Return what builds items or categories: those of a log stay as its last full build has made them."""
    build = build_table(name)

    def run(work: Work) -> Outcome:
        table = sql.Identifier(*model_named(name).table.split("."))
        if work.scope.form == "received" or work.scope.is_whole:
            return build(work)
        with connection.cursor() as cursor:
            statement = sql.SQL("select exists (select from {} where dataset_id = %s)").format(table)
            cursor.execute(statement, [work.scope.dataset_id])
            (is_there,) = cursor.fetchone()
        return Outcome() if is_there else build(work)

    return run


STAGES: tuple[Stage, ...] = (
    Stage(name="gate_raw", run=gate("raw")),
    Stage(name="names", run=name_units),
    Stage(name="dim_item", run=build_catalogue("dim_item"), models=("dim_item",)),
    Stage(name="dim_category", run=build_catalogue("dim_category"), models=("dim_category",)),
    Stage(name="facts", run=build_facts, models=(*facts.FACTS, "dim_visitor")),
    Stage(name="experiment_units", run=build_table("experiment_units"), models=("experiment_units",)),
    Stage(name="gate_marts", run=gate("marts")),
    *(Stage(name=name, run=build_table(name), models=(name,)) for name in KPIS),
    Stage(name="gate_kpis", run=gate("kpis")),
    Stage(name="crm_lists", run=publish),
)
BY_NAME: Mapping[str, Stage] = {stage.name: stage for stage in STAGES}


def extra() -> dict[str, int]:
    """Return the values that the SQL files name besides a scope's bounds."""
    return {"look_back": _look_back()}


def _look_back() -> int:
    """Return the days that the longest rule looks back on."""
    return max(CrmRule.objects.filter(is_active=True).values_list("days", flat=True), default=1)


def _clear(cursor: Any, table: str, replaced_by: str, scope: Scope) -> None:
    statement = sql.SQL("delete from {} where dataset_id = %(dataset_id)s").format(sql.Identifier(*table.split(".")))
    if not scope.is_whole and replaced_by != "whole":
        column = sql.Identifier(replaced_by)
        statement += sql.SQL(" and {} between %(first_day)s and %(last_day)s").format(column)
    cursor.execute(statement, scope.bounds)
