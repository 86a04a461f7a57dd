"""The reader's process: keeps windows and moments up to date until it is asked to stop."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from analytics.live.loop import Loop
from analytics.live.start_over import start_over


class Command(BaseCommand):
    """Ends after its step at SIGTERM or SIGINT; killed at any moment it loses and doubles nothing."""

    help = "Follow committed events into windows and moments."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--start-over",
            action="store_true",
            help="drop what is kept and begin anew from the raw events, as after loading a dump; then go on",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["start_over"]:
            start_over()
        loop = Loop()

        def end(_number: int, _frame: FrameType | None) -> None:
            loop.ended.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        loop.run()
