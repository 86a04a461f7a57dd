"""Celery's entry points; what they do is idempotent where it stands."""

from __future__ import annotations

import logging
from pathlib import Path

from celery import shared_task
from django.db import DatabaseError, InterfaceError, OperationalError
from django.utils import timezone

from analytics.imports.loading import import_log
from analytics.marts.dirty import request_dirty_builds
from analytics.marts.runs import run_build, scheduled_build, yesterday
from analytics.models import Dataset, GateRun, MartRun
from analytics.quality.running import run_requested
from novarium.kernel.errors import DomainError

logger = logging.getLogger(__name__)


@shared_task(autoretry_for=(DatabaseError,), retry_backoff=30, max_retries=3, acks_late=True, ignore_result=True)
def build_marts(run_id: int) -> None:
    """Build what a logged run asks for; a retry, or the next worker after a kill, begins with the stage that failed."""
    run_build(MartRun.objects.get(pk=run_id))


@shared_task(autoretry_for=(DatabaseError,), retry_backoff=60, max_retries=3, ignore_result=True)
def build_yesterday() -> None:
    """Build the last whole day; a second firing of the schedule, or a retry, goes on with the same line of the log."""
    run_build(scheduled_build(yesterday()))
    build_late_days.delay()


@shared_task(ignore_result=True)
def build_late_days() -> None:
    """Build the days again that events came for after they were built."""
    for run in request_dirty_builds(today=timezone.localdate()):
        build_marts.delay(run.pk)


@shared_task(
    autoretry_for=(OperationalError, InterfaceError),
    retry_backoff=5,
    retry_backoff_max=120,
    max_retries=20,
    ignore_result=True,
)
def import_dataset(dataset_id: int, place: str) -> None:
    """Import a log, or go on with it; what is wrong with a file stands in its row."""
    dataset = Dataset.objects.filter(pk=dataset_id).first()
    if dataset is None:
        return
    try:
        import_log(dataset, Path(place))
    except DomainError as error:
        logger.warning("The import ended", extra={"dataset": dataset.key, "problem": error.message})


@shared_task(autoretry_for=(DatabaseError,), retry_backoff=30, max_retries=3, acks_late=True, ignore_result=True)
def run_checks(run_id: int) -> None:
    """Run the check that somebody asked for again."""
    run_requested(GateRun.objects.get(pk=run_id))
