"""Requests with the token, sent again where that is harmless."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from novarium.client.errors import Unreachable, error_of

RETRIED = frozenset({429, 502, 503, 504})
IDEMPOTENT = frozenset({"GET", "HEAD", "DELETE"})
LONGEST_WAIT = 30.0


class Transport:
    """Sends requests to one server."""

    def __init__(self, base_url: str, token: str, *, timeout: float, attempts: int, first_wait: float) -> None:
        self._http = httpx.Client(
            base_url=base_url.rstrip("/"),
            headers={"Authorization": f"Bearer {token}", "Accept": "application/json", "User-Agent": "novarium-client"},
            timeout=timeout,
        )
        self._attempts = max(1, attempts)
        self._first_wait = first_wait

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> httpx.Response:
        """Return the answer to a request, which is sent again if it is ``repeatable`` (by default: if it only reads).

        A 429 changed nothing, so any request is sent again after one.

        Raises:
            ApiError: the answer is no success.
            Unreachable: there was no answer.
        """
        may_repeat = method in IDEMPOTENT if repeatable is None else repeatable
        asked = {name: value for name, value in (query or {}).items() if value is not None}
        for attempt in range(1, self._attempts + 1):
            is_last = attempt == self._attempts
            try:
                # Parameters, even none, take the place of those in the path: a next page's address has its own.
                answer = self._http.request(method, path, json=json, params=asked or None, headers=dict(headers or {}))
            except httpx.TransportError as error:
                if is_last or not may_repeat:
                    raise Unreachable(f"{method} {path}: {error}") from error
                time.sleep(self._wait(attempt, ""))
                continue
            again = answer.status_code == 429 or (may_repeat and answer.status_code in RETRIED)
            if answer.is_success or is_last or not again:
                return _checked(answer)
            time.sleep(self._wait(attempt, answer.headers.get("Retry-After", "")))
        raise AssertionError("the last attempt returns or raises")

    def pages(self, path: str, query: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the items of all pages of a list; each page is fetched when its first item is asked for."""
        answer = self.send("GET", path, query=query).json()
        yield from answer["results"]
        while answer["next"]:
            answer = self.send("GET", answer["next"]).json()
            yield from answer["results"]

    def _wait(self, attempt: int, retry_after: str) -> float:
        if retry_after.isdigit():
            return min(float(retry_after), LONGEST_WAIT)
        spread: float = random.uniform(0.5, 1.5)  # noqa: S311 - so that many clients do not come back at once
        wait: float = self._first_wait * 2 ** (attempt - 1) * spread
        return min(wait, LONGEST_WAIT)


def _checked(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    raise error_of(answer.status_code, problem, request_id=answer.headers.get("X-Request-ID", ""))
