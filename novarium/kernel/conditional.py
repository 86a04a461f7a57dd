"""Reads that need not be sent twice and changes that overwrite nobody: ETags, and the id of each request."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response
from django.utils.http import parse_etags
from django.utils.translation import gettext as _
from rest_framework.renderers import JSONRenderer

from novarium.kernel.errors import PreconditionFailed, PreconditionRequired

API = "/api/"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def etag_of(data: Any) -> str:
    """Return the strong ETag of a representation, from the bytes in which the API writes it."""
    return _etag(JSONRenderer().render(data))


def require_match(headers: Mapping[str, str], present: Any) -> None:
    """Refuse a change that was not made from the present representation; call it with the object locked.

    Raises:
        PreconditionRequired: there is no If-Match.
        PreconditionFailed: it names another state.
    """
    wanted = headers.get("If-Match", "").strip()
    if not wanted:
        raise PreconditionRequired(_("Send the ETag of what you read as If-Match, so that nobody is overwritten."))
    if wanted != "*" and etag_of(present) not in parse_etags(wanted):
        raise PreconditionFailed(_("Somebody changed this since you read it. Read it again, then send your change."))


class ApiMiddleware:
    """Give every answer of the API a request id, and every read an ETag by which it need not be sent twice."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; answer 304 where the caller has the same already."""
        if not request.path.startswith(API):
            return self.get_response(request)
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        response = self.get_response(request)
        if request.method in {"GET", "HEAD"} and response.status_code == 200 and not response.streaming:
            response = _conditional(request, response)
        response["X-Request-ID"] = request_id
        return response


def _conditional(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    etag = response.get("ETag") or _etag(response.content)
    response["ETag"] = etag
    response.setdefault("Cache-Control", "private, no-cache")
    return get_conditional_response(request, etag=etag, response=response) or response


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
