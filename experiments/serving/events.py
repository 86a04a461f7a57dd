"""``POST /api/v1/events``: events and exposures from any product, committed before they are acknowledged."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence

import orjson
from django.db import InterfaceError, OperationalError, connections

from experiments.events.intake import STATUSES, Judged, judge, keep
from experiments.events.store import Fresh
from experiments.events.validation import EventFault, ParsedEvent
from experiments.serving.event_bodies import BadBody, read_events
from experiments.serving.events_openapi import OPENAPI
from experiments.serving.messages import Answer, Headers, Request
from novarium.portal.grants import Grant

__all__ = ["OPENAPI", "receive"]

logger = logging.getLogger(__name__)

DATABASE = "default"
SCOPE = "ingest"
RETRY_AFTER = "1"  # seconds: Postgres is away; whatever is sent again is harmless
_JSON: Headers = (("content-type", "application/json"),)
_TITLES = {
    400: "Bad request",
    403: "Not allowed",
    413: "Too large",
    415: "Unsupported media type",
    503: "Unavailable for a moment",
}


def receive(request: Request, grant: Grant) -> Answer:
    """Store what is sent; answer for each event, in order, whether it was stored, a duplicate or rejected.

    What cannot be read as a whole is a problem, and then nothing is stored.
    """
    if SCOPE not in grant.scopes:
        return problem(403, "The key may not send events: it lacks the scope “ingest”.")
    headers = request.headers
    try:
        payloads = read_events(
            request.body,
            content_type=headers.get("content-type", ""),
            encoding=headers.get("content-encoding", ""),
        )
    except BadBody as error:
        return problem(error.status, str(error))
    try:
        judged = judge(payloads, using=DATABASE)
        fresh = keep(judged, using=DATABASE)
    except (OperationalError, InterfaceError) as error:
        return _unavailable(error)
    return Answer(status=200, headers=_JSON, body=_body(judged, fresh))


def problem(status: int, detail: str, *headers: tuple[str, str]) -> Answer:
    """Return an answer in problem+json (RFC 9457)."""
    body = {"type": "about:blank", "title": _TITLES[status], "status": status, "detail": detail}
    return Answer(
        status=status, headers=(("content-type", "application/problem+json"), *headers), body=orjson.dumps(body)
    )


def _unavailable(error: OperationalError | InterfaceError) -> Answer:
    """Answer that nothing was acknowledged; the next request makes a new connection."""
    logger.warning("Postgres does not answer: events are not taken", exc_info=error)
    if not connections[DATABASE].in_atomic_block:
        connections[DATABASE].close()
    return problem(
        503, "The events were not acknowledged. Send the same ones again in a moment.", ("retry-after", RETRY_AFTER)
    )


def _body(judged: Sequence[Judged], fresh: Fresh) -> bytes:
    """Return the receipts as JSON; those of stored events, nearly all of them, are not worth a serializer."""
    ids, exposures = set(fresh.ids), set(fresh.exposures)
    counts: Counter[str] = Counter()
    parts = []
    for item in judged:
        if isinstance(item, ParsedEvent):
            status = "stored" if item.id in ids else "duplicate"
            ids.discard(item.id)
            parts.append(f'{{"event_id":"{item.event_id}","status":"{status}","reason":"","detail":""}}')
        elif isinstance(item, EventFault):
            status = "rejected"
            said = {"event_id": item.event_id, "status": status, "reason": item.reason, "detail": _plain(str(item))}
            parts.append(orjson.dumps(said).decode())
        else:
            status = "stored" if item.key in exposures else "duplicate"
            exposures.discard(item.key)
            parts.append(f'{{"event_id":"{item.event_id}","status":"{status}","reason":"","detail":""}}')
        counts[status] += 1
    totals = ",".join(f'"{name}":{counts[name]}' for name in STATUSES)
    return f'{{{totals},"receipts":[{",".join(parts)}]}}'.encode()


def _plain(text: str) -> str:
    """Return a text that UTF-8 can hold."""
    return text.encode("utf-8", "backslashreplace").decode()
