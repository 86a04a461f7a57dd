"""Compare the moments that are kept with a recomputation from the raw events."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from analytics.live.verify import verify


class Command(BaseCommand):
    """Reads every event of every followed run; the reader waits meanwhile."""

    help = "Compare the moments of running experiments with a recomputation from the raw events."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mend", action="store_true", help="compute runs that differ afresh at the next step")

    def handle(self, *_args: Any, **options: Any) -> None:
        wrong = 0
        for found in verify(mend=options["mend"]):
            state = f"{len(found.differences)} differ" if found.differences else "equal"
            self.stdout.write(f"{found.experiment}: {found.cells} cells, {state}")
            for line in found.differences:
                self.stdout.write(f"  {line}")
            wrong += bool(found.differences)
        if wrong:
            after = "The next step computes them afresh." if options["mend"] else "Run it again with --mend."
            raise CommandError(f"{wrong} runs differ from their raw events. {after}")
