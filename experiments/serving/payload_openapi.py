"""How the OpenAPI document describes the payload for local evaluation."""

from __future__ import annotations

from typing import Any

from experiments.serving.ofrep_openapi import ETAG, IF_NONE_MATCH, REFUSALS, answer

Json = dict[str, Any]

_EXAMPLE = {
    "status": 200,
    "features": {
        "new-search": {
            "defaultValue": False,
            "rules": [
                {
                    "id": "search-test-1",
                    "key": "search-test",
                    "seed": "search-test:5f0c",
                    "hashAttribute": "id",
                    "hashVersion": 2,
                    "variations": [False, True],
                    "weights": [0.5, 0.5],
                    "ranges": [[0.0, 0.05], [0.5, 0.55]],
                    "meta": [{"key": "control", "name": "Control"}, {"key": "new", "name": "New search"}],
                    "phase": "1",
                    "bucketVersion": 1,
                    "minBucketVersion": 1,
                }
            ],
        }
    },
    "dateUpdated": "2026-03-01T09:00:00+00:00",
}

PATHS: Json = {
    "/api/features/{client_key}": {
        "get": {
            "operationId": "features_payload",
            "tags": ["Local evaluation"],
            "security": [],
            "summary": "All definitions, for local evaluation",
            "description": "What the public GrowthBook SDKs read: set `api_host` to this server and `client_key` to"
            " the key of a connection. A feature that is switched off is left out. Conditions on `crm_targets` come"
            " with the lists' unit ids (`savedGroups`) to a server key; a client key gets no ids, and such a rule holds"
            " only where the program sets `crm_targets` itself.",
            "parameters": [
                {"name": "client_key", "in": "path", "required": True, "schema": {"type": "string"}},
                IF_NONE_MATCH,
            ],
            "responses": {
                "200": answer("The definitions.", "FeaturesPayload", example=_EXAMPLE, headers=ETAG),
                "304": answer("Nothing changed since the answer with that entity tag.", headers=ETAG),
                **REFUSALS,
            },
        }
    }
}
SCHEMAS: Json = {
    "FeaturesPayload": {
        "type": "object",
        "required": ["features", "dateUpdated"],
        "properties": {
            "status": {"type": "integer"},
            "dateUpdated": {"type": "string", "format": "date-time"},
            "features": {
                "type": "object",
                "additionalProperties": {
                    "type": "object",
                    "required": ["defaultValue"],
                    "properties": {
                        "defaultValue": {},
                        "rules": {"type": "array", "items": {"type": "object", "additionalProperties": True}},
                    },
                },
            },
            "savedGroups": {
                "type": "object",
                "description": "The unit ids of the CRM lists that rules name; only for keys kept on a server.",
                "additionalProperties": {"type": "array", "items": {"type": "string"}},
            },
        },
    }
}

OPENAPI: Json = {"paths": PATHS, "components": {"schemas": SCHEMAS}}
