"""Install the schedule of the marts."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from analytics.marts.schedule import install_schedule


class Command(BaseCommand):
    """Create what is missing of the schedule; safe to repeat."""

    help = "Schedule the daily build of the marts."

    def handle(self, *args: Any, **options: Any) -> None:
        task = install_schedule()
        self.stdout.write(f"{task.name}: {task.crontab}")
