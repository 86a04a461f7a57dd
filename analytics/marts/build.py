"""Run a build's stages one after the other, each committed before the next, and one build of a dataset at a time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict

from django.conf import settings
from django.db import connection, models
from django.utils import timezone

from analytics.marts.connections import beside_build_of, only_build_of
from analytics.marts.engines import Session, open_session
from analytics.marts.scope import Scope, scope_of
from analytics.marts.stages import BESIDE, BY_NAME, STAGES, Outcome, Work
from analytics.models import MartRun, MartStage


def plan(run: MartRun) -> None:
    """Write down the stages of a run, once."""
    MartStage.objects.bulk_create(
        [MartStage(run=run, position=place, name=stage.name) for place, stage in enumerate(STAGES)],
        ignore_conflicts=True,
    )


def perform(run: MartRun) -> bool:
    """Run every stage of the run that is not done yet; return whether a gate held the rest.

    Raises:
        DatabaseError: a statement failed; its stage has changed nothing, those before it stand, and the next attempt
            begins with it.
        EngineFailed: another engine than Postgres is not there or could not; likewise.
    """
    with ExitStack() as stack:
        stack.enter_context(only_build_of(run.dataset.pk))
        scope = scope_of(run.dataset, first=run.first_date, last=run.last_date)
        session = stack.enter_context(_session(run, scope))
        waiting = list(run.stages.exclude(status=MartStage.Status.DONE))
        beside = not run.first_date and session is None and not connection.in_atomic_block
        lines = [[row for row in waiting if beside and row.name in line] for line in BESIDE]
        together = [row for line in lines for row in line]
        for row in waiting:
            if row in together:
                _perform_beside(run, scope, lines)
                lines = []
            elif _perform(run, scope, row, session).held:
                run.stages.filter(status=MartStage.Status.WAITING).update(status=MartStage.Status.HELD)
                return True
    return False


def _perform_beside(run: MartRun, scope: Scope, lines: Sequence[Sequence[MartStage]]) -> None:
    """Run lines of stages beside each other, each line on a connection of its own and its stages in order."""

    def job(line: Sequence[MartStage]) -> None:
        with beside_build_of(scope.dataset_id):
            for row in line:
                _perform(run, scope, row, None)

    with ThreadPoolExecutor(settings.MART_SHARDS) as pool:
        jobs = [pool.submit(job, line) for line in lines]
    for done in jobs:
        done.result()


@contextmanager
def _session(run: MartRun, scope: Scope) -> Iterator[Session | None]:
    """Open the engine that a run asks for; one that goes on behind its facts needs none: they stand in Postgres."""
    facts_wait = run.stages.filter(name="facts").exclude(status=MartStage.Status.DONE).exists()
    if run.engine == MartRun.Engine.POSTGRES or not facts_wait:
        yield None
        return
    with open_session(run.engine, scope) as session:
        yield session


def _perform(run: MartRun, scope: Scope, row: MartStage, session: Session | None) -> Outcome:
    rows = MartStage.objects.filter(pk=row.pk)
    rows.update(status=MartStage.Status.RUNNING, started_at=timezone.now(), problem="")
    began = time.perf_counter()
    weeks, held_days = MartRun.objects.values_list("affected_weeks", "held_days").get(pk=run.pk)
    work = Work(
        scope=scope,
        build=run.pk,
        affected_weeks=tuple(weeks),
        held_days=tuple(held_days),
        session=session,
    )
    outcome = BY_NAME[row.name].run(work)
    if outcome.affected_weeks:
        MartRun.objects.filter(pk=run.pk).update(affected_weeks=list(outcome.affected_weeks))
    if outcome.held_days:
        MartRun.objects.filter(pk=run.pk).update(held_days=sorted({*held_days, *outcome.held_days}))
    rows.update(
        status=MartStage.Status.HELD if outcome.held else MartStage.Status.DONE,
        rows=models.F("rows") + outcome.rows,
        seconds=round(time.perf_counter() - began, 3),
        steps=[asdict(step) for step in outcome.steps],
        problem=outcome.held or outcome.note,
    )
    return outcome
