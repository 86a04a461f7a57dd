"""Celery's entry points; what they do is idempotent where it stands."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from experiments.events import event_retention
from experiments.running import ramp, scheduling


@shared_task(ignore_result=True)
def keep_schedules() -> None:
    """Launch and stop what is due, and take the steps of ramps that are due; runs every minute."""
    now = timezone.now()
    scheduling.stop_due(now=now)
    scheduling.launch_due(now=now)
    for experiment in ramp.due_experiments():
        ramp.carry_on(experiment, now=now)


@shared_task(ignore_result=True)
def forget_event_ids() -> int:
    """Forget ids of events of long ago; runs every day."""
    return event_retention.forget_event_ids(now=timezone.now(), days=settings.KEEP_EVENT_IDS_DAYS)
