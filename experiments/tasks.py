"""Celery's entry points; what they do is idempotent where it stands."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from experiments import ramp, scheduling


@shared_task(ignore_result=True)
def keep_schedules() -> None:
    """Launch and stop what is due, and take the steps of ramps that are due; runs every minute."""
    now = timezone.now()
    scheduling.stop_due(now=now)
    scheduling.launch_due(now=now)
    for experiment in ramp.due_experiments():
        ramp.carry_on(experiment, now=now)
