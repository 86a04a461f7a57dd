"""Build the marts by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.marts.runs import request_build, run_build, yesterday
from analytics.models import DailyMetric
from novarium.kernel.errors import Invalid


class Command(BaseCommand):
    """Build one day, or all of them, here and now, without a worker."""

    help = "Build the daily metrics and user statistics; by default for yesterday."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--date", help="a day of the reporting zone, as 2026-05-31")
        which.add_argument("--full", action="store_true", help="every day")
        parser.add_argument("--once", action="store_true", help="only where nothing was ever built")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"] and DailyMetric.objects.exists():
            return
        day = None if options["full"] else self._day(options["date"])
        try:
            run = run_build(request_build(target_date=day, actor=None))
        except Invalid as error:
            raise CommandError(error.message) from error
        for step in run.steps:
            self.stdout.write(f"{step['name']:<20} {step['rows']:>10,} rows {step['seconds']:>8.3f} s")
        self.stdout.write(f"Built {day or 'every day'}.")

    def _day(self, text: str | None) -> date:
        if text is None:
            return yesterday()
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise CommandError(f"--date must be a day such as 2026-05-31, not {text}.") from error
