"""Make the shop's history."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from simulation import history


class Command(BaseCommand):
    """Replace the made-up history; the same seed, end and menus give the same rows."""

    help = "Make 30 days of about 500 visits a day, with a crisis in the last three (warehouse, ab_test_logs.csv)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--end", type=date.fromisoformat, help="the day after the last, such as 2025-11-20 (today)")

    def handle(self, *args: Any, **options: Any) -> None:
        written = history.make(seed=options["seed"], end=options["end"] or timezone.localdate())
        self.stdout.write(f"{written.visits:,} visits with {written.events:,} events.")
