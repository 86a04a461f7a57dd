"""Fill an installation: the catalogue, and for a demo people, a shop and a living history."""

from __future__ import annotations

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection

from novarium.portal import demo_accounts

CATALOGUE = ("seed_catalogue", "seed_shop", "install_schedule", "install_experiment_schedule")
DEMO = ("seed_history", "seed_experiments")


class Command(BaseCommand):
    """Run each app's own seed command in order; every one is safe to repeat."""

    help = "Install the catalogue; with --demo also people, 30 days of history and experiments."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="also people, history and experiments")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["demo"]:
            demo_accounts.install()
        for name in CATALOGUE + (DEMO if options["demo"] else ()):
            call_command(name, stdout=self.stdout, stderr=self.stderr)
        if options["demo"]:
            with connection.cursor() as cursor:  # what was filled at once: autovacuum looks at it minutes later
                cursor.execute("analyze")
            call_command("build_marts", full=True, once=True, stdout=self.stdout, stderr=self.stderr)
