"""Celery's entry points; what they do is idempotent where it stands."""

from __future__ import annotations

from celery import shared_task
from django.db import DatabaseError

from analytics.marts.runs import request_build, run_build, yesterday
from analytics.models import MartRun


@shared_task(ignore_result=True)
def build_marts(run_id: int) -> None:
    """Build what a logged run asks for."""
    run_build(MartRun.objects.get(pk=run_id))


@shared_task(autoretry_for=(DatabaseError,), retry_backoff=60, max_retries=3, ignore_result=True)
def build_yesterday() -> None:
    """Build the last whole day; each attempt has its own line in the log."""
    run_build(request_build(target_date=yesterday(), actor=None))
