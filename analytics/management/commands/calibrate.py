"""Measure every statistical method on simulated experiments."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.stats.calibration import SCENARIOS, Row, document, markdown_table


class Command(BaseCommand):
    """Run the calibration; exit status 1 if a method breaks its promise."""

    help = "Run the calibration of every statistical method: error rates, coverage and power in simulations."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--write", action="store_true", help="write the table to docs/calibration.md")
        parser.add_argument(
            "--only",
            action="append",
            choices=sorted(SCENARIOS),
            metavar="SCENARIO",
            help="run this one; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["write"] and options["only"]:
            raise CommandError("The document holds every scenario: leave out --only to write it.")
        rows: list[Row] = []
        for name in options["only"] or SCENARIOS:
            found = SCENARIOS[name]()
            broken = sum(not row.kept for row in found)
            self.stderr.write(f"{name}: {len(found)} measured, {broken} broken")
            rows += found
        if options["write"]:
            path = Path(settings.BASE_DIR) / "docs" / "calibration.md"
            path.write_text(document(rows), encoding="utf-8")
            self.stdout.write(f"Wrote {path.name}: {len(rows)} promises.")
        else:
            self.stdout.write(markdown_table(rows))
        broken = sum(not row.kept for row in rows)
        if broken:
            self.stderr.write(f"{broken} of {len(rows)} promises were not kept.")
            sys.exit(1)
