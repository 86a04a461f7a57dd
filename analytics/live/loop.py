"""The process that reads on: a step whenever there is something new, and one a second so that readers see it is alive.

It looks for news several times a second instead of being told of each: an announcement in every transaction of the
intake would cost more than these looks, and a lost one would need them all the same.
"""

from __future__ import annotations

import logging
import threading
import time
from dataclasses import dataclass, field

from django.db import DatabaseError, InterfaceError, connections

from analytics.live import checkpoint, latest
from analytics.live.checkpoint import DatabaseWasRestored
from analytics.live.reader import Reader, is_anything_new
from analytics.live.transactions import look

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
ALIVE_SECONDS = 1.0
LONGEST_BACKOFF = 10.0


@dataclass(slots=True)
class Loop:
    """Reads on until it is asked to end; a fault of the database is waited out, longer each time."""

    ended: threading.Event = field(default_factory=threading.Event)
    _reader: Reader = field(default_factory=Reader)
    _stepped: float = float("-inf")
    _faults: int = 0

    def run(self) -> None:
        """Read on until the end; the step under way is finished first."""
        while not self.ended.is_set():
            self.ended.wait(self._turn())
        connections.close_all()

    def _turn(self) -> float:
        """Step where it is time to; return how many seconds to wait."""
        try:
            wait = self._step()
        except (DatabaseError, InterfaceError) as error:
            self._faults += 1
            wait = min(LOOK_SECONDS * 2.0**self._faults, LONGEST_BACKOFF)
            logger.warning("The database does not answer: trying again", extra={"seconds": wait, "error": str(error)})
            connections.close_all()
        except DatabaseWasRestored:
            logger.error("The database came from a dump: run manage.py follow_events --start-over once")
            wait = LONGEST_BACKOFF
        else:
            self._faults = 0
        return wait

    def _step(self) -> float:
        found = checkpoint.state()
        if found and time.monotonic() - self._stepped < ALIVE_SECONDS and not is_anything_new(found, look()):
            return LOOK_SECONDS
        taken = self._reader.step()
        self._stepped = time.monotonic()
        if taken is None:
            return ALIVE_SECONDS  # another reader is at it
        latest.publish()
        return LOOK_SECONDS if taken.is_last else 0.0
