"""A thread of each web process that keeps definitions and grants current, and knows how current they are."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import redis
from django.db import DatabaseError, connections

from experiments.assignment import definitions
from experiments.assignment.compiled import FeatureDefinition
from experiments.assignment.memberships import Memberships
from novarium.portal.grants import Grant
from novarium.portal.grants_store import load_grants

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Serving:
    """All that the lean path reads: one state of the definitions, with the grants of that moment by key digest."""

    number: int
    features: Mapping[str, FeatureDefinition]
    memberships: Memberships
    grants: Mapping[str, Grant]
    changed_at: datetime


class Watcher(threading.Thread):
    """Listens for changes and looks for them every second; ``serving`` is None until the first were loaded."""

    def __init__(self) -> None:
        super().__init__(name="definitions", daemon=True)
        self.serving: Serving | None = None
        self.confirmed_at: datetime | None = None
        self.is_current = False
        self._has_warned = False
        self.listeners: list[Callable[[], None]] = []
        self._ended = threading.Event()
        self._told: redis.client.PubSub | None = None

    def start(self) -> None:
        """Begin to watch; readers of ``definitions.current()`` then look no more themselves."""
        super().start()
        definitions.watched_by(self)

    def end(self) -> None:
        """Stop watching soon."""
        self._ended.set()

    def run(self) -> None:
        """Watch until the end."""
        while not self._ended.is_set():
            self.look()
            self._wait()
        connections.close_all()

    def look(self) -> None:
        """Renew what is held, or note that Postgres does not answer."""
        try:
            self._look()
        except DatabaseError:
            if self.is_current or not self._has_warned:
                logger.warning("Postgres does not answer: serving the last known definitions")
            self.is_current, self._has_warned = False, True
            connections.close_all()

    def _look(self) -> None:
        number = definitions.stored_number()
        before = self.serving
        if before is None or before.number != number:
            held = definitions.reload()
            self.serving = Serving(held.number, held.features, held.memberships, load_grants(), datetime.now(UTC))
            for listener in self.listeners if before else ():
                listener()
        self.confirmed_at, self.is_current = datetime.now(UTC), True

    def state(self) -> str:
        """Say how current the definitions are."""
        if self.serving is None or self.confirmed_at is None:
            return "none yet"
        return "current" if self.is_current else f"held, as of {self.confirmed_at.isoformat(timespec='seconds')}"

    def _wait(self) -> None:
        """Return when something changed, and after a second at the latest."""
        began = time.monotonic()
        try:
            if self._told is None:
                self._told = definitions.valkey().pubsub(ignore_subscribe_messages=True)  # type: ignore[no-untyped-call]
                self._told.subscribe(definitions.channel())
            while time.monotonic() - began < LOOK_SECONDS and not self._ended.is_set():
                if self._told.get_message(timeout=LOOK_SECONDS / 2):
                    return
        except (redis.RedisError, OSError):
            self._told = None
            self._ended.wait(max(0.0, LOOK_SECONDS - (time.monotonic() - began)))


_watcher: Watcher | None = None


def watch() -> Watcher:
    """Return this process's watcher, started at the first call."""
    global _watcher  # noqa: PLW0603 - one a process
    if _watcher is None or not _watcher.is_alive():
        _watcher = Watcher()
        _watcher.start()
    return _watcher


def readiness() -> tuple[str, bool]:
    """Return how current this process's definitions are, and whether it has any to serve."""
    if _watcher is None:
        return "read when asked for", True
    return _watcher.state(), _watcher.serving is not None
