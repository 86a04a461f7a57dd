"""The monitor's stream: who is logged in and may read is told whenever a window closes. It carries no numbers."""

from __future__ import annotations

import asyncio
from concurrent.futures import Executor
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError, connections
from django.http import HttpRequest

from analytics.live.latest import latest
from experiments.serving.messages import Answer, Stream
from experiments.serving.streams import HEADERS, Hub
from novarium.portal.access import can
from novarium.portal.roles import Action

PATH = "/monitor/stream"
LOOK_SECONDS = 1.0
NEWS = b'event: message\ndata: {"type":"windows"}\n\n'
TEXT = (("content-type", "text/plain"),)


class MonitorStream:
    """One worker process's streams; one look a second serves them all, and none looks while none is open."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._hub = Hub(message=NEWS)
        self._looking: asyncio.Task[None] | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to look for news."""
        self._looking = loop.create_task(self._look())

    def end(self) -> None:
        """End the streams, so that the process can stop."""
        self._hub.end()

    async def answer(self, method: str, cookies: str) -> Answer | Stream:
        """Answer a request for the stream."""
        if method != "GET":
            return Answer(status=405, headers=(*TEXT, ("allow", "GET")))
        loop = asyncio.get_running_loop()
        if not await loop.run_in_executor(self._threads, may_read, cookies):
            return Answer(status=403, headers=TEXT, body=b"Log in first.\n")
        if self._hub.is_full:
            return Answer(status=503, headers=(*TEXT, ("retry-after", "30")), body=b"Too many streams are open.\n")
        return Stream(headers=HEADERS, chunks=self._hub.follow())

    async def _look(self) -> None:
        loop, seen = asyncio.get_running_loop(), ""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if not self._hub.has_readers:
                continue
            version = await loop.run_in_executor(self._threads, _version)
            if version and version != seen:
                seen = version
                self._hub.notify()


def may_read(cookies: str) -> bool:
    """Whether these cookies hold the session of somebody who may read; a closed door where that cannot be told."""
    try:
        jar: SimpleCookie = SimpleCookie(cookies)
    except CookieError:
        return False
    morsel = jar.get(settings.SESSION_COOKIE_NAME)
    if morsel is None:
        return False
    request: Any = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value)
    try:
        return can(get_user(request), Action.READ)
    except DatabaseError:
        connections.close_all()
        return False


def _version() -> str:
    try:
        found = latest()
    except DatabaseError:
        connections.close_all()
        return ""
    return found.version if found else ""
