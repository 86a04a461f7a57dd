"""Run checks, keep what they found, and say whether a build may go on."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg import sql

from analytics.marts.gates import Hold, Place
from analytics.marts.relations import relations
from analytics.marts.scope import Scope, scope_of
from analytics.marts.zone import FIRST_DAY, LAST_DAY, date_of, day_number
from analytics.models import AcceptedFailure, CheckFailure, CheckResult, Dataset, GateRun
from analytics.quality import alerts
from analytics.quality.checks import Check, Held, check_named, checks_of
from analytics.quality.given import given_for
from analytics.quality.standing import open_failures
from novarium.kernel.errors import NotFound
from novarium.portal import audit
from novarium.portal.models import User

STAGE_AT: Mapping[Place, str] = {"raw": "before_marts", "marts": "before_kpis", "kpis": "after"}
# What comes behind each place of a build, and so is held there.
NEXT: Mapping[Place, Held | None] = {"raw": "marts", "marts": "kpis", "kpis": None}
MOST_FAILURES = 2000
WORK_MEMORY = "128MB"  # as for the marts
# Some rows of each day, of the newest days first.
SAMPLES = """
select gate_rows.*
from (select ctid as place, day, row_number() over (partition by day) as turn from gate_rows) as numbered
inner join gate_rows on gate_rows.ctid = numbered.place
order by numbered.turn, numbered.day desc nulls first
limit %s
"""


def gate(place: Place, scope: Scope) -> list[Hold]:
    """Run the checks of a place of a build; return what holds the build there."""
    run = GateRun.objects.create(
        dataset_id=scope.dataset_id,
        stage=STAGE_AT[place],
        first_day=scope.first_day,
        last_day=scope.last_day,
        status=GateRun.Status.RUNNING,
    )
    perform(run, scope)
    held = NEXT[place]
    if held is None:
        return []
    found = open_failures(held, dataset_id=scope.dataset_id, first_day=scope.first_day, last_day=scope.last_day)
    return [Hold(failure.sentence, failure.day) for failure in found]


def request_checks(*, dataset: Dataset, check: str, day: int | None, actor: User) -> GateRun:
    """Ask for one check again, of a day or of the whole dataset; the caller hands its id to a worker.

    Raises:
        NotFound: there is no such check for the dataset.
    """
    found = check_named(check)
    if found is None or not found.suits(dataset.form):
        raise NotFound(_("There is no such check."))
    first_day, last_day = (FIRST_DAY, LAST_DAY) if day is None else (day, day)
    with transaction.atomic():
        run = GateRun.objects.create(
            dataset=dataset,
            check_name=check,
            first_day=first_day,
            last_day=last_day,
            requested_by=actor,
        )
        audit.record(
            actor=actor,
            action="quality.rerun",
            object_type="check",
            object_key=check,
            after={"dataset": dataset.key, "day": str(date_of(day)) if day is not None else "", "run": run.pk},
        )
    return run


def request_every_check(*, dataset: Dataset, actor: User) -> list[GateRun]:
    """Ask for every check of the whole dataset again; the caller hands the ids to a worker."""
    with transaction.atomic():
        runs = [
            GateRun.objects.create(
                dataset=dataset, stage=stage, first_day=FIRST_DAY, last_day=LAST_DAY, requested_by=actor
            )
            for stage in STAGE_AT.values()
        ]
        audit.record(
            actor=actor,
            action="quality.rerun",
            object_type="check",
            object_key="every",
            after={"dataset": dataset.key, "day": "", "run": runs[0].pk},
        )
    return runs


def run_requested(run: GateRun) -> GateRun:
    """Run the check that was asked for; a run that is done is left alone.

    Raises:
        DatabaseError: its statement failed; the run says so.
    """
    if not GateRun.objects.filter(pk=run.pk).exclude(status="done").update(status="running", problem=""):
        return run
    run = GateRun.objects.select_related("dataset").get(pk=run.pk)
    if (run.first_day, run.last_day) == (FIRST_DAY, LAST_DAY):
        scope = scope_of(run.dataset)
    else:
        scope = scope_of(run.dataset, first=date_of(run.first_day), last=date_of(run.last_day))
    try:
        perform(run, scope)
    except DatabaseError as error:
        GateRun.objects.filter(pk=run.pk).update(
            status=GateRun.Status.FAILED, problem=str(error).strip(), finished_at=timezone.now()
        )
        raise
    run.refresh_from_db()
    return run


def perform(run: GateRun, scope: Scope) -> None:
    """Run the checks of a run in one transaction and keep what they found."""
    one = check_named(run.check_name)
    wanted = [one] if one else checks_of(run.stage, scope.form)
    with transaction.atomic():
        results = _results(run, scope, wanted)
        for check, result, groups in results:
            _keep(check, scope, result, groups)
        GateRun.objects.filter(pk=run.pk).update(status=GateRun.Status.DONE, finished_at=timezone.now())


def _results(
    run: GateRun, scope: Scope, wanted: Iterable[Check]
) -> list[tuple[Check, CheckResult, list[tuple[Any, ...]]]]:
    chosen = list(wanted)
    models = [check.model for check in chosen]
    with connection.cursor() as cursor:
        cursor.execute("select set_config('work_mem', %s, true)", [WORK_MEMORY])
        given = given_for(cursor, scope, models)
        with relations(cursor, scope, models, given=given):
            return [(check, *_ask(cursor, run, scope, check)) for check in chosen]


def _ask(cursor: Any, run: GateRun, scope: Scope, check: Check) -> tuple[CheckResult, list[tuple[Any, ...]]]:
    """Return a check's result and its offending rows counted by day, event and run."""
    began = time.perf_counter()
    statement = sql.SQL("create temporary table gate_rows on commit drop as\n{}").format(sql.SQL(check.model.text))
    cursor.execute(statement, _bounds(scope))
    cursor.execute(
        "select day, coalesce(event, ''), run_id, count(*) from gate_rows group by day, coalesce(event, ''), run_id"
        " order by count(*) desc, day, 2, run_id"
    )
    groups = cursor.fetchall()
    cursor.execute(SAMPLES, [CheckResult.MOST_SAMPLES])
    names = [column.name for column in cursor.description]
    samples = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    cursor.execute("drop table gate_rows")
    days: dict[str, int] = {}
    for day, _event, _run, rows in groups:
        key = "" if day is None else str(day)
        days[key] = days.get(key, 0) + rows
    result = CheckResult(
        run=run,
        dataset_id=scope.dataset_id,
        check_name=check.name,
        severity=check.severity,
        first_day=scope.first_day,
        last_day=scope.last_day,
        rows=sum(days.values()),
        days=days,
        samples=samples,
        seconds=round(time.perf_counter() - began, 3),
    )
    return result, groups


def _bounds(scope: Scope) -> dict[str, Any]:
    now = timezone.now()
    return {
        **scope.bounds,
        "is_whole": scope.is_whole,
        "now_ms": int(now.timestamp() * 1000),
        "today": day_number(now.astimezone(scope.zone).date()),
    }


def _keep(check: Check, scope: Scope, result: CheckResult, groups: list[tuple[Any, ...]]) -> None:
    """Store a result; what it says of its days replaces what was said before, and a change is told."""
    result.save()
    of_check = CheckFailure.objects.filter(dataset_id=scope.dataset_id, check_name=check.name)
    before = of_check.exists()
    if scope.is_whole:
        of_check.delete()
    else:
        of_check.filter(day__gte=scope.first_day, day__lte=scope.last_day).delete()
        of_check.filter(
            day__in=[day for day, _event, _run, _rows in groups]
        ).delete()  # days of a week that begins before
    accepted = {
        row.day: row.rows for row in AcceptedFailure.objects.filter(dataset_id=scope.dataset_id, check_name=check.name)
    }
    CheckFailure.objects.bulk_create(
        CheckFailure(
            dataset_id=scope.dataset_id,
            check_name=check.name,
            day=day,
            event=event,
            run_id=run_id,
            severity=check.severity,
            rows=rows,
            is_accepted=day in accepted and result.days["" if day is None else str(day)] <= accepted[day],
            result=result,
        )
        for day, event, run_id, rows in _bounded(groups)
    )
    after = of_check.exists()
    if before != after:
        alerts.tell(check, result, has_recovered=before)


def _bounded(groups: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Return the groups; of too many, one a day that stands for every event and experiment."""
    if len(groups) <= MOST_FAILURES:
        return groups
    days: dict[Any, int] = {}
    for day, _event, _run, rows in groups:
        days[day] = days.get(day, 0) + rows
    return [(day, "", None, rows) for day, rows in days.items()]
