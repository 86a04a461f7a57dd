"""The application that the web process serves: the lean path by itself, everything else by Django in threads.

RSGI is granian's own interface: on it, a lean answer costs a third of what ASGI asks, streams cost no thread, and
Django keeps its synchronous cycle, which its own asynchronous one costs four times.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

from django.core.wsgi import get_wsgi_application

from experiments.serving.messages import Answer, Stream
from novarium.wsgi_bridge import Bridge

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "novarium.settings")

THREADS = 8  # a page waits for Postgres more than it computes
MONITOR = "/monitor/stream"
LARGEST_BODY = 32 * 1024 * 1024


class Scope(Protocol):
    """What granian says about a request."""

    proto: str
    http_version: str
    server: str
    client: str
    scheme: str
    method: str
    path: str
    query_string: str
    authority: str | None
    headers: Any


class Application:
    """One worker process."""

    def __init__(self) -> None:
        django = get_wsgi_application()  # before anything that needs the registry of models
        from experiments.serving.lean import LeanPath  # noqa: PLC0415
        from novarium.monitor_stream import MonitorStream  # noqa: PLC0415

        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="page")
        self._lean = LeanPath(workers=int(os.environ.get("WEB_WORKERS", "1")))
        self._monitor = MonitorStream(self._threads)
        self._bridge = Bridge(django, self._threads)

    def __rsgi_init__(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to watch the definitions, and end the streams as soon as the process is asked to stop."""
        self._lean.start(loop)
        self._monitor.start(loop)
        for number in (signal.SIGTERM, signal.SIGINT):
            self._chain(loop, number)

    def _chain(self, loop: asyncio.AbstractEventLoop, number: signal.Signals) -> None:
        before = signal.getsignal(number)

        def stop(received: int, frame: Any) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed already
                loop.call_soon_threadsafe(self._lean.end)
                loop.call_soon_threadsafe(self._monitor.end)
            if callable(before):
                before(received, frame)

        signal.signal(number, stop)

    async def __rsgi__(self, scope: Scope, protocol: Any) -> None:
        """Answer one request."""
        if scope.proto != "http":
            protocol.close(404)
            return
        if self._lean.takes(scope.path):
            await self._answer_lean(scope, protocol)
            return
        if scope.path == MONITOR:
            answer = await self._monitor.answer(scope.method, scope.headers.get("cookie", ""))
            await _send(protocol, answer)
            return
        body = await _bounded(scope, protocol)
        if body is None:
            protocol.response_str(413, [("content-type", "text/plain")], "The request is too large.\n")
            return
        await self._bridge.answer(scope, body, protocol)

    async def _answer_lean(self, scope: Scope, protocol: Any) -> None:
        body = await _bounded(scope, protocol)
        if body is None:
            protocol.response_str(413, [("content-type", "application/json")], '{"errorDetails":"Too large."}')
            return
        answer = await self._lean.answer(scope.method, scope.path, scope.query_string, scope.headers, body)
        await _send(protocol, answer)


async def _send(protocol: Any, answer: Answer | Stream) -> None:
    if isinstance(answer, Stream):
        await _stream(protocol, answer)
    else:
        protocol.response_bytes(answer.status, list(answer.headers), answer.body)


async def _bounded(scope: Scope, protocol: Any) -> bytes | None:
    """Return the body, or None where it is too large."""
    length = scope.headers.get("content-length")
    if length is not None:
        if not length.isdigit() or int(length) > LARGEST_BODY:
            return None
        return bytes(await protocol()) if length != "0" else b""
    if "transfer-encoding" not in scope.headers:
        return b""
    chunks, size = [], 0
    async for chunk in protocol:
        size += len(chunk)
        if size > LARGEST_BODY:
            return None
        chunks.append(bytes(chunk))
    return b"".join(chunks)


async def _stream(protocol: Any, answer: Stream) -> None:
    """Send what comes until the reader goes away."""
    transport = protocol.response_stream(200, list(answer.headers))
    gone = asyncio.ensure_future(protocol.client_disconnect())
    following = asyncio.ensure_future(_send_all(transport, answer))
    try:
        await asyncio.wait({gone, following}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
        following.cancel()


async def _send_all(transport: Any, answer: Stream) -> None:
    with contextlib.suppress(RuntimeError):  # the reader went away
        async for chunk in answer.chunks:
            await transport.send_bytes(chunk)


application = Application()
