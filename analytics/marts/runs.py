"""Ask for a build, run it or go on with it, and log how it went."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import DatabaseError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.marts.build import perform, plan
from analytics.marts.engines import EngineFailed
from analytics.models import Dataset, MartRun, MartStage
from analytics.models.imported import RECEIVED_ID
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal import audit
from novarium.portal.models import User

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a build is: the stage under way, how many are done and how many there are."""

    stage: str
    done: int
    all: int


def request_build(
    *,
    first: date | None,
    last: date | None = None,
    dataset: Dataset | None = None,
    engine: str = MartRun.Engine.POSTGRES,
    actor: User | None = None,
) -> MartRun:
    """Put a build in the log with its stages; the caller hands its id to a worker.

    Args:
        first: First day of the dataset's zone; None builds every day.
        last: Last day, included; None is the first.
        dataset: None is what this installation receives itself.

    Raises:
        Invalid: a day lies in the future, the days are not in order, or the engine builds no single days.
    """
    dataset = dataset or Dataset.objects.get(pk=RECEIVED_ID)
    last = last or first
    today = timezone.localdate()
    if first and last and (max(first, last) > today or last < first):
        raise Invalid(
            _("This day has not begun."), fields={"day": [_("Choose a day that has begun in the reporting zone.")]}
        )
    if engine != MartRun.Engine.POSTGRES and first:
        raise Invalid(_("Only Postgres builds single days; %(engine)s builds every day.") % {"engine": engine})
    with transaction.atomic():
        run = MartRun.objects.create(
            dataset=dataset, first_date=first, last_date=last, engine=engine, requested_by=actor
        )
        plan(run)
        if actor:
            audit.record(
                actor=actor,
                action="marts.build",
                object_type="marts",
                object_key=str(first or "full"),
                after={"run": run.pk, "dataset": dataset.key},
            )
    return run


def scheduled_build(day: date) -> MartRun:
    """Return the schedule's build of received events on a day: the one under way, or a new one."""
    waiting = MartRun.objects.filter(dataset_id=RECEIVED_ID, first_date=day, last_date=day, requested_by=None)
    found = waiting.exclude(status__in=[MartRun.Status.DONE, MartRun.Status.HELD]).order_by("-id").first()
    return found or request_build(first=day)


def run_build(run: MartRun) -> MartRun:
    """Run the stages of the build that are not done; a finished run is left alone, a broken-off one goes on.

    Raises:
        DatabaseError: a statement failed; the log says at which stage.
        EngineFailed: another engine than Postgres is not there or could not; likewise.
    """
    open_ones = MartRun.objects.filter(pk=run.pk).exclude(status__in=[MartRun.Status.DONE, MartRun.Status.HELD])
    if not open_ones.update(status=MartRun.Status.RUNNING, started_at=timezone.now(), problem=""):
        run.refresh_from_db()
        return run
    run = MartRun.objects.select_related("dataset").get(pk=run.pk)
    try:
        held = perform(run)
    except (DatabaseError, EngineFailed) as error:
        problem = str(error).strip()
        broken = run.stages.filter(status=MartStage.Status.RUNNING)
        names = ", ".join(broken.values_list("name", flat=True))
        broken.update(status=MartStage.Status.FAILED, problem=problem)
        _finish(run, status=MartRun.Status.FAILED, problem=f"{names}: {problem}" if names else problem)
        raise
    problem = "\n".join(run.stages.exclude(problem="").values_list("problem", flat=True))
    return _finish(run, status=MartRun.Status.HELD if held else MartRun.Status.DONE, problem=problem)


def resume_build(run: MartRun, *, actor: User) -> MartRun:
    """Let a build that failed or was held go on at that stage; the caller hands its id to a worker.

    Raises:
        Conflict: it neither failed nor was held.
    """
    stopped = [MartRun.Status.FAILED, MartRun.Status.HELD]
    with transaction.atomic():
        changed = MartRun.objects.filter(pk=run.pk, status__in=stopped).update(
            status=MartRun.Status.QUEUED, problem="", finished_at=None
        )
        if not changed:
            raise Conflict(_("This build has not stopped."))
        run.stages.exclude(status=MartStage.Status.DONE).update(status=MartStage.Status.WAITING, problem="")
        audit.record(
            actor=actor, action="marts.resume", object_type="marts", object_key=str(run.pk), after={"run": run.pk}
        )
    run.refresh_from_db()
    return run


def progress_of(run: MartRun) -> Progress:
    """Return how far a build is."""
    stages = list(run.stages.all())
    under_way = next((stage.name for stage in stages if stage.status == MartStage.Status.RUNNING), "")
    done = sum(stage.status == MartStage.Status.DONE for stage in stages)
    return Progress(stage=under_way, done=done, all=len(stages))


def build(first: date | None = None, last: date | None = None, *, dataset: Dataset | None = None) -> MartRun:
    """Build a range of days, one day, or every day, here and now."""
    return run_build(request_build(first=first, last=last, dataset=dataset))


def yesterday() -> date:
    """Return the last whole day in the reporting zone."""
    return timezone.localdate() - timedelta(days=1)


def _finish(run: MartRun, *, status: MartRun.Status, problem: str = "") -> MartRun:
    MartRun.objects.filter(pk=run.pk).update(finished_at=timezone.now(), status=status, problem=problem)
    run.refresh_from_db()
    logger.info("Built marts", extra={"run": run.pk, "status": run.status})
    return run
