"""Who may come in by the lean path: the key and its scope, its rate, and which web pages may call with it."""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import sha256
from http import HTTPStatus
from urllib.parse import parse_qs

import orjson
from django.conf import settings

from experiments.assignment.definition_watch import Serving
from experiments.serving.messages import Answer, Headers, Request
from experiments.serving.rates import Rates
from novarium.portal.grants import Grant
from novarium.portal.grants_store import digest

JSON: Headers = (("content-type", "application/json"),)
LONGEST_KEY = 200
SHOWN = "ETag, Retry-After"  # headers that a page of another origin may read
PREFLIGHT_SECONDS = "600"


def failure(status: int, details: str, *headers: tuple[str, str]) -> Answer:
    """Return an error as OFREP writes those that concern no flag."""
    return Answer(status=status, headers=(*JSON, *headers), body=orjson.dumps({"errorDetails": details}))


def as_problem(refusal: Answer) -> Answer:
    """Return a refusal as problem+json (RFC 9457), as the rest of the API writes it."""
    details = orjson.loads(refusal.body)["errorDetails"]
    title = HTTPStatus(refusal.status).phrase
    body = orjson.dumps({"type": "about:blank", "title": title, "status": refusal.status, "detail": details})
    headers = tuple(header for header in refusal.headers if header[0] != "content-type")
    return Answer(status=refusal.status, headers=(("content-type", "application/problem+json"), *headers), body=body)


@dataclass(slots=True)
class Doors:
    """Checks of one worker process."""

    rates: Rates
    used: set[tuple[str, str]] = field(default_factory=set)

    def admit(self, secret: str, serving: Serving, scope: str) -> Grant | Answer:
        """Return what the bearer of the key may do, or the refusal."""
        if not secret or len(secret) > LONGEST_KEY:
            return _unauthorized("Send a key as “Authorization: Bearer …” or “X-API-Key: …”.")
        grant = serving.grants.get(digest(secret))
        return self.check(grant, scope)

    def check(self, grant: Grant | None, scope: str) -> Grant | Answer:
        """Return the grant if it is valid, has the scope and is within its rate, or the refusal."""
        if grant is None or (grant.expires_at and grant.expires_at <= datetime.now(UTC)):
            return _unauthorized("This key is not known, was revoked, or has expired.")
        if scope not in grant.scopes:
            return failure(403, f"This key lacks the scope “{scope}”.")
        if seconds := self.rates.wait(grant.id, grant.per_minute):
            details = f"This key may call {grant.per_minute} times a minute. Try again in {seconds} s."
            return failure(429, details, ("retry-after", str(seconds)))
        self.used.add((grant.kind, grant.id))
        return grant


def _unauthorized(details: str) -> Answer:
    return failure(401, details, ("www-authenticate", "Bearer"))


def secret_of(headers: Mapping[str, str]) -> str:
    """Return the key that a request carries, or nothing."""
    bearer = headers.get("authorization", "")
    if bearer[:7].lower() == "bearer ":
        return bearer[7:].strip()
    return headers.get("x-api-key", "")


@lru_cache(maxsize=4096)
def ticket(key_digest: str) -> str:
    """Return what stands for a key in the address of an event stream, where the key itself would end up in logs."""
    return hmac.new(settings.SECRET_KEY.encode(), f"event stream {key_digest}".encode(), sha256).hexdigest()[:40]


def ticketed(serving: Serving, wanted: str) -> Grant | None:
    """Return the grant for which a ticket stands."""
    for key_digest, grant in serving.grants.items():
        if hmac.compare_digest(ticket(key_digest), wanted):
            return grant
    return None


def query_value(request: Request, name: str) -> str:
    """Return a parameter of the query, or nothing."""
    return parse_qs(request.query).get(name, [""])[0]


def allows(grant: Grant, origin: str) -> bool:
    """Whether pages of the origin may read what this grant's answers say."""
    return "*" in grant.origins or origin in grant.origins


def shared(answer: Answer, grant: Grant, origin: str) -> Answer:
    """Return the answer with what lets a page of an allowed origin read it."""
    if not origin or not allows(grant, origin):
        return answer
    return Answer(status=answer.status, headers=(*answer.headers, *_cors(origin)), body=answer.body)


def _cors(origin: str) -> Headers:
    return (
        ("access-control-allow-origin", origin),
        ("access-control-expose-headers", SHOWN),
        ("vary", "Origin"),
    )


def preflight(request: Request, grants: Iterable[Grant], methods: str) -> Answer:
    """Answer a browser that asks whether a page may call; which key the page has, it does not say yet."""
    origin = request.headers.get("origin", "")
    headers: Headers = (("vary", "Origin"), ("allow", methods))
    if origin and any(allows(grant, origin) for grant in grants):
        headers = (
            *_cors(origin),
            ("access-control-allow-methods", methods),
            ("access-control-allow-headers", "Authorization, Content-Type, X-API-Key, If-None-Match"),
            ("access-control-max-age", PREFLIGHT_SECONDS),
        )
    return Answer(status=204, headers=headers)
