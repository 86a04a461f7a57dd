"""Install the schedule of launches, ramps and stops, and of forgetting."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from experiments.beat import install_schedule


class Command(BaseCommand):
    """Create what is missing of the schedule; safe to repeat."""

    help = "Look every minute at scheduled launches, stops and ramps; forget old event ids every day."

    def handle(self, *args: Any, **options: Any) -> None:
        for task in install_schedule():
            self.stdout.write(f"{task.name}: {task.interval}")
