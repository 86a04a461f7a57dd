"""An OpenAPI document as something a page can show: operations in groups, with bodies written as shapes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

METHODS = ("get", "post", "put", "patch", "delete")
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of the address or the query."""

    name: str
    place: str
    type: str
    required: bool
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One possible answer; ``shape`` is empty where it has no body."""

    status: str
    text: str
    shape: str


@dataclass(frozen=True, slots=True)
class Group:
    """Operations under one tag."""

    name: str
    text: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address; ``curl`` is a request to try, with the example as its body."""

    id: str
    method: str
    path: str
    summary: str
    text: str
    parameters: tuple[Parameter, ...]
    body: str
    answers: tuple[Answer, ...]
    problems: tuple[Answer, ...]
    curl: str


def groups(document: Json, *, base_url: str = "") -> list[Group]:
    """Return the document's operations by their first tag, in the order of its tags, then of its paths."""
    found: dict[str, list[Operation]] = {tag["name"]: [] for tag in document.get("tags", [])}
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                tag = item[method].get("tags", ["Other"])[0]
                found.setdefault(tag, []).append(_operation(document, path, method, item[method], base_url))
    texts = {tag["name"]: tag.get("description", "") for tag in document.get("tags", [])}
    return [Group(name, texts.get(name, ""), tuple(listed)) for name, listed in found.items() if listed]


def _operation(document: Json, path: str, method: str, operation: Json, base_url: str) -> Operation:
    text = operation.get("description", "")
    body = _body(document, operation.get("requestBody", {}))
    answers = tuple(
        Answer(status, answer.get("description") or _phrase(status), _body(document, answer))
        for status, answer in sorted(operation.get("responses", {}).items())
    )
    parameters = tuple(_parameter(document, entry) for entry in operation.get("parameters", []))
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation.get("summary") or text.split("\n", 1)[0],
        text=text,
        parameters=parameters,
        body=body,
        answers=tuple(answer for answer in answers if answer.status < "300"),
        problems=tuple(answer for answer in answers if answer.status >= "300"),
        curl=_curl(method, f"{base_url}{path}", parameters, body),
    )


def _curl(method: str, url: str, parameters: tuple[Parameter, ...], body: str) -> str:
    for parameter in parameters:
        if parameter.place == "path":
            url = url.replace(f"{{{parameter.name}}}", parameter.name.upper())
    asked = [f"{entry.name}={entry.name.upper()}" for entry in parameters if entry.place == "query" and entry.required]
    url += f"?{'&'.join(asked)}" if asked else ""
    lines = [f"curl {'' if method == 'get' else f'-X {method.upper()} '}'{url}'", "-H 'Authorization: Bearer TOKEN'"]
    lines += [f"-H '{entry.name}: …'" for entry in parameters if entry.place == "header" and entry.required]
    if body:
        quoted = body.replace("'", "'\\''")
        lines += ["-H 'Content-Type: application/json'", f"-d '{quoted}'"]
    return " \\\n  ".join(lines)


def _phrase(status: str) -> str:
    return HTTPStatus(int(status)).phrase if status.isdigit() else ""


def _parameter(document: Json, entry: Json) -> Parameter:
    kind = shape(document, entry.get("schema", {}))
    return Parameter(
        name=entry["name"],
        place=entry["in"],
        type=kind if isinstance(kind, str) else json.dumps(kind),
        required=bool(entry.get("required")),
        text=entry.get("description", ""),
    )


def _body(document: Json, holder: Json) -> str:
    for content in holder.get("content", {}).values():
        example = example_of(document, content)
        value = shape(document, content["schema"]) if example is None and "schema" in content else example
        return "" if value is None else json.dumps(value, ensure_ascii=False, indent=2)
    return ""


def example_of(document: Json, content: Json) -> Any:
    """Return what a body is shown as: its own example, or that of the schema which it refers to."""
    examples = list(content.get("examples", {}).values())
    own = examples[0].get("value") if examples else content.get("example")
    reference = content.get("schema", {}).get("$ref", "")
    if own is None and reference:
        return document["components"]["schemas"][reference.rsplit("/", 1)[-1]].get("example")
    return own


def shape(document: Json, schema: Json, *, above: tuple[str, ...] = ()) -> Any:
    """Return a schema as a JSON value whose leaves name the types; a reference to itself is cut short."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        if name in above:
            return f"{name} …"
        return shape(document, document["components"]["schemas"][name], above=(*above, name))
    for combined in ("allOf", "oneOf", "anyOf"):
        if combined in schema:
            return _combined(document, schema[combined], above)
    if "items" in schema:
        return [shape(document, schema["items"], above=above)]
    parts = dict(schema.get("properties", {}))
    if isinstance(schema.get("additionalProperties"), dict) and schema["additionalProperties"]:
        parts["…"] = schema["additionalProperties"]
    return {name: shape(document, part, above=above) for name, part in parts.items()} if parts else _leaf(schema)


def _combined(document: Json, parts: list[Json], above: tuple[str, ...]) -> Any:
    shapes = [shape(document, part, above=above) for part in parts]
    if len(shapes) == 1:
        return shapes[0]
    if all(isinstance(part, str) for part in shapes):
        return " | ".join(shapes)
    return shapes[0]


def _leaf(schema: Json) -> str:
    if "enum" in schema:
        return " | ".join(str(value) for value in schema["enum"])
    kind = schema.get("type", "any")
    text = " | ".join(kind) if isinstance(kind, list) else str(kind)
    return f"{text} ({schema['format']})" if "format" in schema else text
