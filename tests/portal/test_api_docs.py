from __future__ import annotations

import json

from novarium.portal import api_docs

DOCUMENT = {
    "components": {
        "schemas": {
            "Variant": {"type": "object", "properties": {"key": {"type": "string"}, "weight": {"type": "number"}}},
            "Node": {"type": "object", "properties": {"next": {"$ref": "#/components/schemas/Node"}}},
            "Status": {"enum": ["draft", "running"]},
        }
    },
    "paths": {
        "/api/v1/experiments/": {
            "post": {
                "operationId": "experiments_create",
                "tags": ["experiments"],
                "description": "Make a draft.\n\nMore of it.",
                "parameters": [{"name": "team", "in": "query", "schema": {"type": "string"}, "required": True}],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Variant"}}
                        }
                    }
                },
                "responses": {"201": {"description": ""}, "204": {"description": "Nothing."}},
            },
            "get": {"operationId": "experiments_list", "tags": ["experiments"], "responses": {}},
        },
        "/api/v1/other/": {"get": {"operationId": "other", "responses": {}}},
    },
}


def test_operations_are_grouped_by_tag():
    groups = api_docs.groups(DOCUMENT)
    assert [operation.id for operation in groups["experiments"]] == ["experiments_list", "experiments_create"]
    assert [operation.path for operation in groups["other"]] == ["/api/v1/other/"]


def test_an_operation_is_told_in_full():
    operation = api_docs.groups(DOCUMENT)["experiments"][1]
    assert operation.method == "POST"
    assert operation.summary == "Make a draft."
    assert operation.parameters == (api_docs.Parameter("team", "query", "string", required=True, text=""),)
    assert json.loads(operation.body) == [{"key": "string", "weight": "number"}]
    assert [(answer.status, answer.text) for answer in operation.answers] == [("201", "Created"), ("204", "Nothing.")]


def test_shapes_of_schemas():
    def shape(schema):
        return api_docs.shape(DOCUMENT, schema)

    assert shape({"$ref": "#/components/schemas/Node"}) == {"next": "Node …"}
    assert shape({"allOf": [{"$ref": "#/components/schemas/Status"}]}) == "draft | running"
    assert shape({"type": ["string", "null"], "format": "date-time"}) == "string | null (date-time)"
    assert shape({"oneOf": [{"type": "string"}, {"type": "null"}]}) == "string | null"
    assert shape({"type": "object", "additionalProperties": {"type": "number"}}) == {"…": "number"}
    assert shape({"type": "object", "additionalProperties": {}}) == "object"
