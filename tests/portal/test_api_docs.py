from __future__ import annotations

import json

from drf_spectacular.generators import SchemaGenerator

from novarium.portal import api_docs

DOCUMENT = {
    "tags": [{"name": "Experiments", "description": "Tests."}],
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
                "tags": ["Experiments"],
                "description": "Make a draft.\n\nMore of it.",
                "parameters": [{"name": "team", "in": "query", "schema": {"type": "string"}, "required": True}],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {"type": "array", "items": {"$ref": "#/components/schemas/Variant"}}
                        }
                    }
                },
                "responses": {
                    "201": {"description": ""},
                    "204": {"description": "Nothing."},
                    "409": {"description": "Taken."},
                },
            },
            "get": {"operationId": "experiments_list", "tags": ["Experiments"], "responses": {}},
        },
        "/api/v1/other/": {"get": {"operationId": "other", "responses": {}}},
    },
}


def groups():
    return {group.name: group for group in api_docs.groups(DOCUMENT, base_url="https://x")}


def test_operations_are_grouped_by_tag():
    experiments, other = groups()["Experiments"], groups()["Other"]
    assert experiments.text == "Tests."
    assert [operation.id for operation in experiments.operations] == ["experiments_list", "experiments_create"]
    assert [operation.path for operation in other.operations] == ["/api/v1/other/"]


def test_an_operation_is_told_in_full():
    operation = groups()["Experiments"].operations[1]
    assert operation.method == "POST"
    assert operation.summary == "Make a draft."
    assert operation.parameters == (api_docs.Parameter("team", "query", "string", required=True, text=""),)
    assert json.loads(operation.body) == [{"key": "string", "weight": "number"}]
    assert [(answer.status, answer.text) for answer in operation.answers] == [("201", "Created"), ("204", "Nothing.")]
    assert [(answer.status, answer.text) for answer in operation.problems] == [("409", "Taken.")]


def test_a_request_to_try_has_address_token_and_body():
    curl = groups()["Experiments"].operations[1].curl
    assert curl.startswith(
        "curl -X POST 'https://x/api/v1/experiments/?team=TEAM' \\\n  -H 'Authorization: Bearer TOKEN'"
    )
    assert '"weight": "number"' in curl


def test_every_operation_has_a_summary_a_text_and_an_example(db):
    document = SchemaGenerator().get_schema(request=None, public=True)
    operations = [operation for group in api_docs.groups(document) for operation in group.operations]
    assert len(operations) > 25
    for operation in operations:
        assert operation.summary, operation.id
        assert operation.text, operation.id
    for path, item in document["paths"].items():
        for method, operation in item.items():
            answer = next(found for status, found in operation["responses"].items() if status.startswith("2"))
            for kind, content in answer.get("content", {}).items():
                if kind == "text/event-stream":
                    continue  # a stream has no one answer
                assert api_docs.example_of(document, content) is not None, f"{method} {path} shows no answer"
            for content in list(operation.get("requestBody", {}).get("content", {}).values())[:1]:
                assert api_docs.example_of(document, content) is not None, f"{method} {path} shows no request"


def test_the_page_shows_what_to_try(browse, viewer):
    text = browse(viewer).get("/api/docs/").text
    assert "Make a draft of it again" in text
    assert "curl -X POST &#x27;http://testserver/api/v1/experiments/KEY/launch/&#x27;" in text
    assert 'href="#group-experiments"' in text
    assert 'id="group-experiments"' in text


def test_shapes_of_schemas():
    def shape(schema):
        return api_docs.shape(DOCUMENT, schema)

    assert shape({"$ref": "#/components/schemas/Node"}) == {"next": "Node …"}
    assert shape({"allOf": [{"$ref": "#/components/schemas/Status"}]}) == "draft | running"
    assert shape({"type": ["string", "null"], "format": "date-time"}) == "string | null (date-time)"
    assert shape({"oneOf": [{"type": "string"}, {"type": "null"}]}) == "string | null"
    assert shape({"type": "object", "additionalProperties": {"type": "number"}}) == {"…": "number"}
    assert shape({"type": "object", "additionalProperties": {}}) == "object"
