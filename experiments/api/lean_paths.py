"""The paths beside Django's request cycle, as the OpenAPI document has them."""

from __future__ import annotations

from typing import Any

from experiments.serving import events_openapi

Json = dict[str, Any]

_PARTS: tuple[Json, ...] = (events_openapi.OPENAPI,)


def merge(result: Json, generator: Any, request: Any, public: bool) -> Json:  # noqa: FBT001 - drf-spectacular's hook
    """Add evaluation, the payload of SDKs, streams and the intake to the document."""
    for path, item in ((path, item) for part in _PARTS for path, item in part["paths"].items()):
        tag = "Events" if path.endswith("/events") else "Serving"
        result["paths"][path] = {
            method: {**operation, "tags": [tag]}
            if isinstance(operation, dict) and "responses" in operation
            else operation
            for method, operation in item.items()
        }
    for part in _PARTS:
        result["components"]["schemas"].update(part["components"]["schemas"])
    return result
