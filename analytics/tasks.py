"""Celery's entry points; what they do is idempotent where it stands."""

from __future__ import annotations

import logging
from pathlib import Path

from celery import shared_task
from django.db import DatabaseError, InterfaceError, OperationalError

from analytics.imports.loading import import_log
from analytics.marts.runs import request_build, run_build, yesterday
from analytics.models import Dataset, MartRun
from novarium.kernel.errors import DomainError

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def build_marts(run_id: int) -> None:
    """Build what a logged run asks for."""
    run_build(MartRun.objects.get(pk=run_id))


@shared_task(autoretry_for=(DatabaseError,), retry_backoff=60, max_retries=3, ignore_result=True)
def build_yesterday() -> None:
    """Build the last whole day; each attempt has its own line in the log."""
    run_build(request_build(target_date=yesterday(), actor=None))


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
