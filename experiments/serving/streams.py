"""Server-sent events: a page or program that keeps a stream open is told of news, by default of definitions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

HEARTBEAT_SECONDS = 20.0
MOST_STREAMS = 400  # a worker process; a connection each
HEADERS = (("content-type", "text/event-stream"), ("cache-control", "no-store"), ("x-accel-buffering", "no"))
REFETCH = b'event: message\ndata: {"type":"refetchEvaluation"}\n\n'
HEARTBEAT = b": still here\n\n"
WELCOME = b"retry: 2000\n\n"


class Hub:
    """The open streams of one worker process that are told the same."""

    def __init__(self, *, message: bytes = REFETCH) -> None:
        self._message = message
        self._open: set[asyncio.Event] = set()
        self._ended = False

    @property
    def has_readers(self) -> bool:
        """Whether any stream is open."""
        return bool(self._open)

    @property
    def is_full(self) -> bool:
        """Whether no further stream is taken."""
        return self._ended or len(self._open) >= MOST_STREAMS

    def notify(self) -> None:
        """Tell every stream that there is news."""
        for changed in self._open:
            changed.set()

    def end(self) -> None:
        """End every stream."""
        self._ended = True
        self.notify()

    async def follow(self) -> AsyncIterator[bytes]:
        """Yield what a stream sends, until the process stops or the reader goes."""
        changed = asyncio.Event()
        self._open.add(changed)
        try:
            yield WELCOME
            while not self._ended:
                try:
                    await asyncio.wait_for(changed.wait(), HEARTBEAT_SECONDS)
                except TimeoutError:
                    yield HEARTBEAT
                    continue
                if self._ended:
                    return
                changed.clear()
                yield self._message
        finally:
            self._open.discard(changed)
