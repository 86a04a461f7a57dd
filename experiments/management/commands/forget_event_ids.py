"""Forget ids of events that were received so long ago that nobody sends them again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from experiments.events.event_retention import forget_event_ids


class Command(BaseCommand):
    """Delete old claims by hand; the schedule does it every day."""

    help = "Delete the ids of events received more than DAYS days ago; more than the 90 days an event may be old."

    def add_arguments(self, parser: CommandParser) -> None:
        kept = settings.KEEP_EVENT_IDS_DAYS
        parser.add_argument("--days", type=int, default=kept, help=f"how long ids are kept (default: {kept})")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            deleted = forget_event_ids(now=timezone.now(), days=options["days"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{deleted} ids were forgotten.")
