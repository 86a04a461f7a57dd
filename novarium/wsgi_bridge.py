"""Runs the synchronous WSGI application of Django in threads, behind granian's asynchronous interface."""

from __future__ import annotations

import asyncio
import contextlib
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from typing import Any

Headers = list[tuple[str, str]]
Environ = dict[str, Any]
WSGIApplication = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

UNPREFIXED = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
STREAM_CHUNK_TIMEOUT = 60.0  # seconds that a reader may take for one piece


class Bridge:
    """Answers requests by a WSGI application; each request has one thread from its beginning to its end."""

    def __init__(self, application: WSGIApplication, threads: Executor) -> None:
        self._application = application
        self._threads = threads

    async def answer(self, scope: Any, body: bytes, protocol: Any) -> None:
        """Answer one request."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._threads, self._answer, environ(scope, body), protocol, loop)

    def _answer(self, wsgi: Environ, protocol: Any, loop: asyncio.AbstractEventLoop) -> None:
        head: list[tuple[int, Headers]] = []

        def start_response(status: str, headers: Headers, _exc_info: Any = None) -> None:
            head[:] = [(int(status[:3]), headers)]

        result = self._application(wsgi, start_response)
        try:
            status, headers = head[0]
            if getattr(result, "streaming", False) and wsgi["REQUEST_METHOD"] != "HEAD":
                _stream(protocol, loop, status, headers, iter(result))
            else:
                protocol.response_bytes(status, headers, b"".join(result))
        finally:
            if close := getattr(result, "close", None):
                close()


def _stream(
    protocol: Any, loop: asyncio.AbstractEventLoop, status: int, headers: Headers, chunks: Iterator[bytes]
) -> None:
    """Send the pieces as they come, none before the reader took the one before."""

    async def send() -> Any:
        return protocol.response_stream(status, headers)

    transport = asyncio.run_coroutine_threadsafe(send(), loop).result(STREAM_CHUNK_TIMEOUT)
    with contextlib.suppress(RuntimeError, TimeoutError):  # the reader went away
        for chunk in chunks:
            asyncio.run_coroutine_threadsafe(_send(transport, chunk), loop).result(STREAM_CHUNK_TIMEOUT)


async def _send(transport: Any, chunk: bytes) -> None:
    await transport.send_bytes(chunk)


def environ(scope: Any, body: bytes) -> Environ:
    """Return the request as WSGI (PEP 3333) describes it."""
    host, _, port = scope.server.rpartition(":")
    found: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode("utf-8", "replace").decode("latin-1"),  # granian decoded the escapes
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if scope.authority:
        found["HTTP_HOST"] = scope.authority
    for name, value in scope.headers.items():
        key = UNPREFIXED.get(name) or "HTTP_" + name.upper().replace("-", "_")
        if "_" in name:
            continue  # a header that could pass for another one
        found[key] = f"{found[key]},{value}" if key in found and key != "HTTP_HOST" else value
    if "CONTENT_LENGTH" not in found and body:
        found["CONTENT_LENGTH"] = str(len(body))
    return found
