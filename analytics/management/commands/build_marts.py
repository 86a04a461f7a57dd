"""Build the marts by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.marts.engines import EngineFailed
from analytics.marts.runs import request_build, run_build, yesterday
from analytics.models import DailyMetric, Dataset, MartRun
from novarium.kernel.errors import Invalid


class Command(BaseCommand):
    """Build a day, a range of days, or all of them, here and now, without a worker."""

    help = "Build the marts of a dataset; by default received events of yesterday."

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--date", help="a day of the dataset's zone, as 2026-05-31")
        which.add_argument("--from", dest="first", help="the first day of a range, with --to")
        which.add_argument("--full", action="store_true", help="every day")
        parser.add_argument("--to", dest="last", help="the last day of a range")
        parser.add_argument("--dataset", default="received", help="the dataset's key")
        parser.add_argument("--engine", choices=MartRun.Engine.values, default="postgres", help="with --full")
        parser.add_argument("--once", action="store_true", help="only where nothing was ever built")

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = Dataset.objects.filter(key=options["dataset"]).first()
        if dataset is None:
            raise CommandError(f"There is no dataset {options['dataset']}.")
        if options["once"] and DailyMetric.objects.filter(dataset_id=dataset.pk).exists():
            return
        first, last = self._days(options)
        try:
            run = run_build(request_build(first=first, last=last, dataset=dataset, engine=options["engine"]))
        except (Invalid, EngineFailed) as error:
            raise CommandError(error.message) from error
        for stage in run.stages.all():
            self.stdout.write(f"{stage.name:<24} {stage.status:<8} {stage.rows:>12,} rows {stage.seconds or 0:>8.3f} s")
        if run.status == MartRun.Status.HELD:
            raise CommandError(f"A gate held the build:\n{run.problem}")
        self.stdout.write(f"Built {first or 'every day'}{f' to {last}' if last else ''}.")

    def _days(self, options: dict[str, Any]) -> tuple[date | None, date | None]:
        if options["full"]:
            return None, None
        if bool(options["first"]) != bool(options["last"]):
            raise CommandError("A range has --from and --to.")
        if options["first"]:
            return self._day("--from", options["first"]), self._day("--to", options["last"])
        return (self._day("--date", options["date"]) if options["date"] else yesterday()), None

    def _day(self, name: str, text: str) -> date:
        try:
            return date.fromisoformat(text)
        except ValueError as error:
            raise CommandError(f"{name} must be a day such as 2026-05-31, not {text}.") from error
