"""Forget ids of events that were received so long ago that nobody sends them again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from experiments.event_validation import MAX_AGE
from experiments.models import ReceivedEventId

DAYS = 180


class Command(BaseCommand):
    """Delete old claims; an event of that age is refused for its time, unless it comes with another one."""

    help = "Delete the ids of events received more than DAYS days ago; more than the 90 days an event may be old."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=DAYS, help=f"how long ids are kept (default: {DAYS})")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["days"]
        if days <= MAX_AGE.days:
            raise CommandError(f"Ids must be kept for more than the {MAX_AGE.days} days that an event may be old.")
        old = ReceivedEventId.objects.filter(received_at__lt=timezone.now() - timedelta(days=days))
        deleted, _by_table = old.delete()
        self.stdout.write(f"{deleted} ids were forgotten.")
