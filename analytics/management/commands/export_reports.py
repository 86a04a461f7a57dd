"""Write the reports of a day into a folder."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.marts.exports import write_reports
from analytics.marts.runs import yesterday
from analytics.models import Dataset
from novarium.kernel.errors import DomainError


class Command(BaseCommand):
    """Write funnel, cohorts and CRM targets as CSV and Parquet, and a summary."""

    help = "Write a day's reports; by default yesterday's of received events. Held while a quality gate fails."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--date", help="a day of the dataset's zone, as 2026-05-31")
        parser.add_argument("--dataset", default="received", help="the dataset's key")
        parser.add_argument("--folder", type=Path, help="by default reports/DATASET/DATE")

    def handle(self, *args: Any, **options: Any) -> None:
        dataset = Dataset.objects.filter(key=options["dataset"]).first()
        if dataset is None:
            raise CommandError(f"There is no dataset {options['dataset']}.")
        try:
            day = date.fromisoformat(options["date"]) if options["date"] else yesterday()
        except ValueError as error:
            raise CommandError(f"--date must be a day such as 2026-05-31, not {options['date']}.") from error
        folder = options["folder"] or Path("reports") / dataset.key / day.isoformat()
        try:
            paths = write_reports(dataset=dataset, day=day, folder=folder)
        except DomainError as error:
            raise CommandError(error.message) from error
        for path in paths:
            self.stdout.write(f"{path.stat().st_size:>12,} bytes  {path}")
