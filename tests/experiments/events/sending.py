"""Events as a program makes them, and their way through the intake without a server."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

from experiments.events.ids import new_event_id
from experiments.serving import doors, events, messages
from experiments.serving.rates import Rates
from novarium.portal import grants_store
from novarium.portal.grants import Grant

SENDER = Grant(kind="connection", id="1", name="app", team_id=None, scopes=frozenset({"ingest"}))


def event(at: datetime | None = None, **changes: Any) -> dict[str, Any]:
    at = at or datetime.now(UTC)
    return {
        "event_id": str(new_event_id(at)),
        "name": "click",
        "unit_id": "u1",
        "occurred_at": at.isoformat(timespec="milliseconds"),
        "properties": {"component": "hero"},
        **changes,
    }


def exposure(**changes: Any) -> dict[str, Any]:
    return {
        "name": "exposure",
        "unit_id": "u1",
        "occurred_at": datetime.now(UTC).isoformat(),
        "properties": {"experiment": "hero-discount", "variant": "discount"},
        **changes,
    }


def send(body: object, *, grant: Grant = SENDER, **headers: str) -> messages.Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"content-type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
    request = messages.Request(method="POST", path="/api/v1/events", headers=named, body=raw)
    return events.receive(request, grant)


def send_with(secret: str, body: object) -> messages.Answer:
    """Send with a token or key, past the same door as a request to the server."""
    found = grants_store.load_grants().get(grants_store.digest(secret))
    grant = doors.Doors(Rates(workers=1)).check(found, events.SCOPE)
    return doors.as_problem(grant) if isinstance(grant, messages.Answer) else send(body, grant=grant)


def receipts(answer: messages.Answer) -> list[dict[str, str]]:
    assert answer.status == 200, answer.body
    found: list[dict[str, str]] = json.loads(answer.body)["receipts"]
    return found


def statuses(answer: messages.Answer) -> list[str]:
    return [receipt["status"] for receipt in receipts(answer)]


def zipped(body: object) -> bytes:
    return gzip.compress(json.dumps(body).encode())
