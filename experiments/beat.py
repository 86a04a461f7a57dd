"""When schedules and ramps are looked at: every minute, changeable in the Django admin."""

from __future__ import annotations

from django.db import transaction
from django_celery_beat.models import IntervalSchedule, PeriodicTask

NAME = "Launch, ramp and stop what is due"


def install_schedule() -> PeriodicTask:
    """Create the schedule where it is missing; leave one that an administrator changed as it is."""
    with transaction.atomic():
        every_minute, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.MINUTES)
        task, _ = PeriodicTask.objects.get_or_create(
            name=NAME, defaults={"task": "experiments.tasks.keep_schedules", "interval": every_minute}
        )
    return task
