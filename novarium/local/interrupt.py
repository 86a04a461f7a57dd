"""Turns Ctrl-C and SIGTERM into an orderly unwinding, and a second Ctrl-C into an immediate end."""

from __future__ import annotations

import signal
import time
from types import FrameType

from novarium.local.spawn import kill_everything

REQUESTS_TO_STOP = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
# One Ctrl-C may arrive twice, from the terminal and passed on by make.
SAME_REQUEST_SECONDS = 0.5


class Interrupted(BaseException):
    """A signal asked this process to stop; unwinds every ``with`` block on its way out."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.exit_code = 128 + number


def unwind_on_signals() -> None:
    """Raise :class:`Interrupted` at the first request to stop; end everything at a second Ctrl-C."""

    def first(number: int, _frame: FrameType | None) -> None:
        asked = time.monotonic()

        def again(number: int, _frame: FrameType | None) -> None:
            if number == signal.SIGINT and time.monotonic() - asked > SAME_REQUEST_SECONDS:
                kill_everything()

        for each in REQUESTS_TO_STOP:
            signal.signal(each, again)
        raise Interrupted(number)

    for number in REQUESTS_TO_STOP:
        signal.signal(number, first)
