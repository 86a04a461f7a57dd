"""The paths beside Django's request cycle, as the OpenAPI document has them."""

from __future__ import annotations

from typing import Any

from experiments.serving import openapi

Json = dict[str, Any]


def merge(result: Json, generator: Any, request: Any, public: bool) -> Json:  # noqa: FBT001 - drf-spectacular's hook
    """Add evaluation, the payload of SDKs, streams and the intake to the document."""
    for path, item in openapi.PATHS.items():
        tag = "Events" if path.endswith("/events") else "Serving"
        result["paths"][path] = {name: _tagged(value, tag) for name, value in item.items()}
    result["components"]["schemas"].update(openapi.SCHEMAS)
    result["components"].setdefault("securitySchemes", {}).update(openapi.SECURITY_SCHEMES)
    return result


def _tagged(value: Any, tag: str) -> Any:
    """Give an operation its group; what else stands at a path is left alone."""
    return {**value, "tags": [tag]} if isinstance(value, dict) and "responses" in value else value
