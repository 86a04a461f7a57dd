"""What the lean path adds to the OpenAPI document, assembled from each protocol's own description."""

from __future__ import annotations

from typing import Any

from experiments.serving import events_openapi, ofrep_openapi, payload_openapi

Json = dict[str, Any]

_PARTS: tuple[Json, ...] = (ofrep_openapi.OPENAPI, payload_openapi.OPENAPI, events_openapi.OPENAPI)

PATHS: Json = {path: item for part in _PARTS for path, item in part["paths"].items()}
SCHEMAS: Json = {name: schema for part in _PARTS for name, schema in part["components"]["schemas"].items()}
SECURITY_SCHEMES: Json = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A connection's key or a personal token."},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}
