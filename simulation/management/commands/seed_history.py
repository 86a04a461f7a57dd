"""Make the demo's history once, and its marts."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from simulation.models import Customer, HistoryEvent


class Command(BaseCommand):
    """Make customers and history where there are none."""

    help = "Make 1,000 customers and 30 days of history, unless they are there."

    def handle(self, *args: Any, **options: Any) -> None:
        if not Customer.objects.exists():
            call_command("make_users", stdout=self.stdout)
        if not HistoryEvent.objects.exists():
            call_command("make_history", stdout=self.stdout)
