"""When the marts are built: every day at 09:00 in the reporting zone, changeable in the Django admin."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, PeriodicTask

NAME = "Build yesterday's marts"


def install_schedule() -> PeriodicTask:
    """Create the schedule where it is missing; leave one that an administrator changed as it is."""
    with transaction.atomic():
        crontab, _ = CrontabSchedule.objects.get_or_create(
            minute="0", hour="9", day_of_week="*", day_of_month="*", month_of_year="*", timezone=settings.TIME_ZONE
        )
        task, _ = PeriodicTask.objects.get_or_create(
            name=NAME, defaults={"task": "analytics.tasks.build_yesterday", "crontab": crontab}
        )
    return task
