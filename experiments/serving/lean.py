"""The lean path as the server sees it: started with the worker process, asked per request, ended with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from experiments.assignment.definition_watch import watch
from experiments.serving.dispatch import EVENTS, PREFIXES, Dispatcher
from experiments.serving.doors import failure
from experiments.serving.messages import Answer, Request, Stream

logger = logging.getLogger(__name__)

THREADS = 4  # for what the lean path stores; its own, so that slow pages hold up no event


class LeanPath:
    """One worker process's lean path."""

    def __init__(self, *, workers: int) -> None:
        self._watcher = watch()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="lean")
        self._dispatcher = Dispatcher(self._watcher, self._threads, workers=workers)
        self._noting: asyncio.Task[None] | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin: the streams of this loop are told of changes, and uses of keys are written down."""
        self._watcher.listeners.append(partial(self._tell, loop))
        self._noting = loop.create_task(self._dispatcher.note_uses())

    def _tell(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.call_soon_threadsafe(self._dispatcher.hub.notify)

    def end(self) -> None:
        """End the streams, so that the process can stop."""
        self._dispatcher.hub.end()
        self._watcher.end()

    @staticmethod
    def takes(path: str) -> bool:
        """Whether a request is answered here."""
        return path == EVENTS or path.startswith(PREFIXES)

    async def answer(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> Answer | Stream:
        """Answer one request; a fault of ours is written down and answered as the protocols say."""
        request = Request(method=method, path=path, query=query, headers=headers, body=body)
        try:
            return await self._dispatcher.handle(request)
        except Exception:  # the last resort of a process that has to go on
            logger.exception("A request on the lean path failed", extra={"path": path})
            return failure(500, "Something went wrong here; it was written down.")
