"""How the intake of events is described to programs (OpenAPI 3.1)."""

from __future__ import annotations

from typing import Any

_ID = "01890a5d-ac96-774b-bcce-b302099a8057"
_PURCHASE = {
    "event_id": _ID,
    "name": "purchase",
    "unit_id": "user-17",
    "occurred_at": "2026-05-01T09:30:00.000Z",
    "amount": 18900,
    "properties": {"order": "N-1042"},
}
_EXPOSURE = {
    "name": "exposure",
    "unit_id": "user-17",
    "occurred_at": "2026-05-01T09:29:58.000Z",
    "properties": {"experiment": "hero-discount", "variant": "discount"},
    "attributes": {"city": "Seoul", "is_member": True},
}
_RECEIPT = {"event_id": _ID, "status": "stored", "reason": "", "detail": ""}

_EVENT: dict[str, Any] = {
    "description": (
        "Something a unit did. The event catalogue says which names there are and what properties each carries. "
        "An event is stored once by its event_id, so a retry with the same ids is harmless. The name `exposure` says "
        "that the unit saw a variant: its properties name the experiment (or the feature) and the variant, and it "
        "needs no event_id, since only the first exposure of a unit to a variant counts."
    ),
    "type": "object",
    "required": ["name", "unit_id"],
    "properties": {
        "event_id": {
            "type": "string",
            "format": "uuid",
            "description": "Made by the sender. Best is version 7, which carries the event's time.",
        },
        "name": {"type": "string", "maxLength": 40},
        "unit_id": {"type": "string", "minLength": 1, "maxLength": 64},
        "occurred_at": {
            "type": "string",
            "format": "date-time",
            "description": "With its zone, at most 90 days back; may be left out where event_id is a UUIDv7.",
        },
        "amount": {"type": ["number", "string", "null"], "description": "Only of events that carry an amount."},
        "properties": {"type": "object", "additionalProperties": True},
        "attributes": {
            "type": "object",
            "maxProperties": 20,
            "additionalProperties": {"type": ["string", "number", "boolean"]},
            "description": "What is known of the unit; kept, and usable in audiences.",
        },
    },
    "additionalProperties": False,
    "example": _PURCHASE,
}

_RECEIPTS: dict[str, Any] = {
    "type": "object",
    "required": ["stored", "duplicate", "rejected", "receipts"],
    "properties": {
        "stored": {"type": "integer", "minimum": 0},
        "duplicate": {"type": "integer", "minimum": 0},
        "rejected": {"type": "integer", "minimum": 0},
        "receipts": {
            "type": "array",
            "description": "One for each event, in the order they were sent.",
            "items": {
                "type": "object",
                "required": ["event_id", "status", "reason", "detail"],
                "properties": {
                    "event_id": {"type": "string"},
                    "status": {"type": "string", "enum": ["stored", "duplicate", "rejected"]},
                    "reason": {"type": "string", "description": "A word for programs, where it was rejected."},
                    "detail": {"type": "string", "description": "A sentence for people."},
                },
                "additionalProperties": False,
            },
        },
    },
    "additionalProperties": False,
    "example": {"stored": 1, "duplicate": 0, "rejected": 0, "receipts": [_RECEIPT]},
}

_PROBLEM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
    },
}


def _problem(description: str) -> dict[str, Any]:
    reference = {"$ref": "#/components/schemas/EventProblem"}
    return {"description": description, "content": {"application/problem+json": {"schema": reference}}}


_EVENT_REFERENCE = {"$ref": "#/components/schemas/Event"}

OPENAPI: dict[str, Any] = {
    "paths": {
        "/api/v1/events": {
            "post": {
                "operationId": "events_receive",
                "summary": "Send events and exposures",
                "description": (
                    'Takes one event, a list, or {"events": […]}, as JSON or as one JSON object a line, plain or '
                    "gzipped: at most 500 events in 1 MB (8 MB unpacked). What is answered as stored is committed. "
                    "A malformed event is kept with its reason: see `/api/v1/rejected-events/` to mend and replay it. "
                    "An OpenFeature `track(event, context, details)` maps onto an event: event → name, "
                    "targetingKey → unit_id, details.value → amount, the other details → properties."
                ),
                "tags": ["events"],
                "parameters": [
                    {
                        "name": "Content-Encoding",
                        "in": "header",
                        "required": False,
                        "schema": {"type": "string", "enum": ["gzip", "identity"]},
                    }
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "anyOf": [
                                    {
                                        "type": "object",
                                        "required": ["events"],
                                        "properties": {
                                            "events": {
                                                "type": "array",
                                                "minItems": 1,
                                                "maxItems": 500,
                                                "items": _EVENT_REFERENCE,
                                            }
                                        },
                                        "additionalProperties": False,
                                    },
                                    {"type": "array", "minItems": 1, "maxItems": 500, "items": _EVENT_REFERENCE},
                                    _EVENT_REFERENCE,
                                ]
                            },
                            "examples": {
                                "batch": {
                                    "summary": "A purchase and an exposure",
                                    "value": {"events": [_PURCHASE, _EXPOSURE]},
                                },
                                "one": {"summary": "One event", "value": _PURCHASE},
                            },
                        },
                        "application/x-ndjson": {
                            "schema": {"type": "string", "description": "One event a line."},
                        },
                    },
                },
                "responses": {
                    "200": {
                        "description": "What became of each event.",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Receipts"}}},
                    },
                    "400": _problem("The body cannot be read, or has no event or too many; nothing was stored."),
                    "401": _problem("The key is missing, unknown or expired."),
                    "403": _problem("The key lacks the scope `ingest`."),
                    "413": _problem("The body is too large; nothing was stored."),
                    "415": _problem("The body is neither JSON nor lines of JSON, or compressed in another way."),
                    "429": _problem("Too many requests; Retry-After says in how many seconds."),
                    "503": _problem("Postgres is away; nothing was acknowledged. Send the same events again."),
                },
            }
        }
    },
    "components": {"schemas": {"Event": _EVENT, "Receipts": _RECEIPTS, "EventProblem": _PROBLEM}},
}
