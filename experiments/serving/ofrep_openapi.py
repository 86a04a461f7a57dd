"""How the OpenAPI document describes OFREP and its stream; schemas as in the public specification, version 0.3.0."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

TAG = "OpenFeature (OFREP)"
SECURITY: list[dict[str, list[str]]] = [{"bearer": []}, {"apiKey": []}]


def reference(name: str) -> Json:
    """Return a reference to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def answer(
    description: str, schema: str | Json | None = None, *, example: Any = None, headers: Json | None = None
) -> Json:
    """Return a response in JSON, or one without a body."""
    found: Json = {"description": description}
    if schema is not None:
        content: Json = {"schema": reference(schema) if isinstance(schema, str) else schema}
        found["content"] = {"application/json": content if example is None else {**content, "example": example}}
    return {**found, "headers": headers} if headers else found


RETRY = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
ETAG = {"ETag": {"description": "Changes with the context and the definitions.", "schema": {"type": "string"}}}
REFUSALS = {
    "401": answer("The key is missing, unknown, revoked or expired.", "OfrepGeneralError"),
    "403": answer("The key lacks the scope “evaluate”.", "OfrepGeneralError"),
    "429": answer("The key called too often.", "OfrepGeneralError", headers=RETRY),
    "500": answer("A fault of the server.", "OfrepGeneralError"),
    "503": answer("The definitions are not loaded yet.", "OfrepGeneralError", headers=RETRY),
}
_REQUEST = {
    "required": True,
    "content": {
        "application/json": {
            "schema": reference("OfrepRequest"),
            "example": {"context": {"targetingKey": "user-17", "city": "Seoul", "age": 31}},
        }
    },
}
_SPLIT = {
    "key": "checkout-button",
    "value": {"text": "Pay now", "color": "green"},
    "reason": "SPLIT",
    "variant": "green",
    "metadata": {"experiment": "green-checkout", "run": 1, "phase": 2, "revision": 4},
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "Entity tags of answers that the caller has; 304 if one is current.",
}

PATHS: Json = {
    "/ofrep/v1/evaluate/flags/{key}": {
        "post": {
            "operationId": "ofrep_evaluate",
            "tags": [TAG],
            "security": SECURITY,
            "summary": "Evaluate one flag",
            "description": "The value of a feature for a context. Where an experiment splits the flag for this context"
            " and no targetingKey is given, the answer is TARGETING_KEY_MISSING, never a random variant.",
            "parameters": [
                {
                    "name": "key",
                    "in": "path",
                    "required": True,
                    "schema": {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"},
                }
            ],
            "requestBody": _REQUEST,
            "responses": {
                "200": answer("The value.", "OfrepSuccess", example=_SPLIT),
                "400": answer("The context cannot be used.", "OfrepFailure"),
                "404": answer("There is no such flag for this key.", "OfrepFlagNotFound"),
                **REFUSALS,
            },
        }
    },
    "/ofrep/v1/evaluate/flags": {
        "post": {
            "operationId": "ofrep_evaluate_all",
            "tags": [TAG],
            "security": SECURITY,
            "summary": "Evaluate all flags",
            "description": "Every flag that the key may see; each entry equals the answer about that flag alone.",
            "parameters": [IF_NONE_MATCH],
            "requestBody": _REQUEST,
            "responses": {
                "200": answer("The values.", "OfrepBulkSuccess", example={"flags": [_SPLIT]}, headers=ETAG),
                "304": answer("Nothing changed since the answer with that entity tag.", headers=ETAG),
                "400": answer("The context cannot be used.", "OfrepBulkFailure"),
                **REFUSALS,
            },
        }
    },
    "/ofrep/v1/events": {
        "get": {
            "operationId": "ofrep_events",
            "tags": [TAG],
            "security": SECURITY,
            "summary": "Be told of changes",
            "description": 'Server-sent events: a message `{"type": "refetchEvaluation"}` at each change. The bulk'
            " answer names the address with a ticket; a key can also be sent as a header or as `key`.",
            "parameters": [
                {"name": name, "in": "query", "required": False, "schema": {"type": "string"}}
                for name in ("ticket", "key")
            ],
            "responses": {
                "200": {
                    "description": "A stream that stays open.",
                    "content": {"text/event-stream": {"schema": {"type": "string"}}},
                },
                **REFUSALS,
            },
        }
    },
}

_ERROR_TEXT = {"type": "string", "description": "What is wrong, in a sentence."}
SCHEMAS: Json = {
    "OfrepRequest": {
        "type": "object",
        "properties": {
            "context": {
                "type": "object",
                "properties": {"targetingKey": {"type": "string", "maxLength": 256}},
                "additionalProperties": True,
            }
        },
    },
    "OfrepSuccess": {
        "type": "object",
        "required": ["key", "reason", "variant"],
        "properties": {
            "key": {"type": "string"},
            "value": {"description": "Left out where the program's own default counts."},
            "reason": {"type": "string", "enum": ["STATIC", "TARGETING_MATCH", "SPLIT", "DISABLED", "UNKNOWN"]},
            "variant": {"type": "string"},
            "metadata": {
                "type": "object",
                "additionalProperties": {"oneOf": [{"type": "boolean"}, {"type": "string"}, {"type": "number"}]},
            },
        },
    },
    "OfrepFailure": {
        "type": "object",
        "required": ["key", "errorCode"],
        "properties": {
            "key": {"type": "string"},
            "errorCode": {
                "type": "string",
                "enum": ["PARSE_ERROR", "TARGETING_KEY_MISSING", "INVALID_CONTEXT", "GENERAL"],
            },
            "errorDetails": _ERROR_TEXT,
        },
    },
    "OfrepFlagNotFound": {
        "type": "object",
        "required": ["key", "errorCode"],
        "properties": {
            "key": {"type": "string"},
            "errorCode": {"type": "string", "enum": ["FLAG_NOT_FOUND"]},
            "errorDetails": _ERROR_TEXT,
        },
    },
    "OfrepBulkSuccess": {
        "type": "object",
        "required": ["flags"],
        "properties": {
            "flags": {"type": "array", "items": {"anyOf": [reference("OfrepSuccess"), reference("OfrepFailure")]}},
            "metadata": {"type": "object", "additionalProperties": True},
            "eventStreams": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["type"],
                    "properties": {
                        "type": {"type": "string"},
                        "endpoint": {"type": "object", "properties": {"requestUri": {"type": "string"}}},
                        "inactivityDelaySec": {"type": "integer"},
                    },
                },
            },
        },
    },
    "OfrepBulkFailure": {
        "type": "object",
        "required": ["errorCode"],
        "properties": {"errorCode": {"type": "string"}, "errorDetails": _ERROR_TEXT},
    },
    "OfrepGeneralError": {"type": "object", "properties": {"errorDetails": _ERROR_TEXT}},
}

OPENAPI: Json = {"paths": PATHS, "components": {"schemas": SCHEMAS}}
