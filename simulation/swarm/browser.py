"""A small browser over kept-alive connections: cookies, redirects, forms, and polite retries."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlencode, urljoin, urlsplit

import urllib3
from selectolax.lexbor import LexborHTMLParser
from urllib3.exceptions import HTTPError

MOST_REDIRECTS = 5
PAUSES = (0.2, 0.8, 2.0)  # seconds before each further try
LONGEST_PAUSE = 5.0
_TIMEOUT = urllib3.Timeout(connect=2.0, read=15.0)
_HEADERS = {
    "Accept": "text/html",
    "Accept-Language": "en",
    "User-Agent": "NovaRium-swarm/1",
}


class ShopError(Exception):
    """The shop answered with an error, or not at all, also when asked again."""


class ShopUnreachableError(ShopError):
    """Nothing answers at the shop's address."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was shown: where it is, and its document."""

    url: str
    document: LexborHTMLParser


class Shop:
    """The shop's address with connections that stay open; shared by the threads of one process.

    Args:
        base_url: The site's address, such as ``http://127.0.0.1:8000``.
        connections: How many stay open.
        secure: Say that the visitor's side of a proxy was HTTPS.
    """

    def __init__(self, base_url: str, *, connections: int, secure: bool = False) -> None:
        parts = urlsplit(base_url)
        self._pool = urllib3.connectionpool.connection_from_url(
            base_url, maxsize=connections, block=True, timeout=_TIMEOUT
        )
        scheme = "https" if secure else parts.scheme
        self.origin = f"{scheme}://{parts.netloc}"
        self._secure = {"X-Forwarded-Proto": "https"} if secure else {}

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: str | None = None, again: bool = True
    ) -> urllib3.BaseHTTPResponse:
        """Return the answer; errors of the shop are tried again after a pause.

        Args:
            method: GET or POST.
            url: Path and query.
            headers: Besides the browser's own.
            body: A form's fields, encoded.
            again: Whether a repetition does no harm.

        Raises:
            ShopUnreachableError: Nothing answered.
            ShopError: An error answer, or none in time.
        """
        merged = {**_HEADERS, **self._secure, **headers}
        for pause in (*PAUSES, None) if again else (None,):
            try:
                answer = self._pool.urlopen(
                    method, url, body=body, headers=merged, redirect=False, retries=False, preload_content=True
                )
            except HTTPError as error:
                if pause is None:
                    raise _unanswered(error) from error
                time.sleep(pause)
                continue
            if answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and answer.status != HTTPStatus.TOO_MANY_REQUESTS:
                return answer
            if pause is None:
                break
            time.sleep(_wait(answer, pause))
        raise ShopError(f"{method} {url} answered {answer.status}")

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()


def _unanswered(error: HTTPError) -> ShopError:
    refused = isinstance(error, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError)
    return ShopUnreachableError(str(error)) if refused else ShopError(str(error))


def _wait(answer: urllib3.BaseHTTPResponse, pause: float) -> float:
    """Return the seconds to wait: what the shop asks for, within bounds."""
    asked = answer.headers.get("Retry-After", "")
    return min(float(asked), LONGEST_PAUSE) if asked.isdigit() else pause


class Browser:
    """One visitor's browser: cookies, the page that is open, and what it says of itself at each request."""

    def __init__(self, shop: Shop, cookies: Mapping[str, str], *, says: Mapping[str, str] | None = None) -> None:
        self._shop = shop
        self._cookies = dict(cookies)
        self._says = dict(says or {})
        self._url = "/"

    def open(self, url: str) -> Page:
        """Open an address found on the page that is open."""
        return self._go("GET", urljoin(self._url, url), None, again=True)

    def submit(self, url: str, fields: Mapping[str, str], *, again: bool) -> Page:
        """Send a form and follow to where it leads; ``again`` where sending it twice does no harm."""
        return self._go("POST", urljoin(self._url, url), urlencode(fields), again=again)

    def _go(self, method: str, url: str, body: str | None, *, again: bool) -> Page:
        for _hop in range(MOST_REDIRECTS):
            path = url.partition("#")[0]
            headers = {**self._says, "Cookie": "; ".join(f"{name}={value}" for name, value in self._cookies.items())}
            headers["Referer"] = self._shop.origin + self._url
            if body is not None:
                headers["Content-Type"] = "application/x-www-form-urlencoded"
                headers["Origin"] = self._shop.origin
            answer = self._shop.send(method, path, headers=headers, body=body, again=again)
            for line in answer.headers.getlist("Set-Cookie"):
                self._keep(line)
            self._url = path
            if answer.status not in {301, 302, 303, 307, 308}:
                return _page(answer, method, path)
            method, body, again = "GET", None, True
            url = self._local(urljoin(path, answer.headers["Location"]))
        raise ShopError(f"{url} leads in circles")

    def _local(self, url: str) -> str:
        """Return path and query of an address of the shop; a visitor does not leave it."""
        parts = urlsplit(url)
        if parts.netloc and f"{parts.scheme}://{parts.netloc}" != self._shop.origin:
            raise ShopError(f"the shop sends its visitors away to {url}")
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _keep(self, line: str) -> None:
        pair, *attributes = line.split(";")
        name, _, value = pair.strip().partition("=")
        if any(attribute.strip().lower() == "max-age=0" for attribute in attributes):
            self._cookies.pop(name, None)
        else:
            self._cookies[name] = value


def _page(answer: urllib3.BaseHTTPResponse, method: str, url: str) -> Page:
    if answer.status >= HTTPStatus.BAD_REQUEST:
        raise ShopError(f"{method} {url} answered {answer.status}")
    return Page(url, LexborHTMLParser(answer.data))
