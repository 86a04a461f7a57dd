"""Make the customers and their orders."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from simulation import customers


class Command(BaseCommand):
    """Replace the made-up customers; the same seed and end give the same rows."""

    help = "Make 1,000 customers who joined over 90 days, with about 10,000 orders (warehouse, users.csv, orders.csv)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--end", type=date.fromisoformat, help="the day after the last, such as 2025-11-20 (today)")

    def handle(self, *args: Any, **options: Any) -> None:
        written = customers.make(seed=options["seed"], end=options["end"] or timezone.localdate())
        self.stdout.write(f"{written.customers:,} customers with {written.orders:,} orders.")
