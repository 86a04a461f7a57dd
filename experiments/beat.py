"""When schedules and ramps are looked at, and old ids forgotten; changeable in the Django admin."""

from __future__ import annotations

from django.db import transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask

# Name, task, and how often: every so many of a period.
WORK = (
    ("Launch, ramp and stop what is due", "experiments.tasks.keep_schedules", 1, IntervalSchedule.MINUTES),
    ("Forget old event ids", "experiments.tasks.forget_event_ids", 1, IntervalSchedule.DAYS),
)


def install_schedule() -> list[PeriodicTask]:
    """Create what is missing of the schedule; leave what an administrator changed as it is."""
    with transaction.atomic():
        return [_scheduled(*work) for work in WORK]


def _scheduled(name: str, task: str, every: int, period: str) -> PeriodicTask:
    interval, _made = IntervalSchedule.objects.get_or_create(every=every, period=period)
    scheduled, _made = PeriodicTask.objects.get_or_create(name=name, defaults={"task": task, "interval": interval})
    return scheduled
