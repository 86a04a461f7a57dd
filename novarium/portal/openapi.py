"""How the OpenAPI document is written: our authentication, one way to describe an operation, what all share.

Registered by being imported (see ``api_urls``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema

Method = TypeVar("Method", bound=Callable[..., Any])
Json = dict[str, Any]

TAGS: Mapping[str, str] = {
    "Experiments": "Design, launch, watch and stop experiments.",
    "Design": "Plans, audiences, layers, the holdout and templates, from which experiments are made.",
    "Results": "What an experiment found, the decision on it, and what was adopted.",
    "Features": "Places in a product whose value experiments vary, with the history of their live values.",
    "Metrics": "What is measured per unit.",
    "Events": "What units do: the intake, and what it refused.",
    "Archive": "Decided experiments with their frozen results and what was learned.",
    "Audit": "Who changed what, and the keys of products.",
    "Serving": "Evaluation of features by products, beside the rest of the API and with the keys of connections.",
}
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag of what you read; * overwrites."
)
TEXT: Json = {"type": "string"}
PROBLEM: Json = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people."},
        "errors": {"type": "object", "description": "Sentences by field, where fields are wrong."},
    },
}
_PROBLEM_EXAMPLE: Json = {
    "type": "about:blank",
    "title": "Conflict",
    "status": 409,
    "detail": "Only a draft can be launched.",
}
COMMON = {"401": "No valid token or key.", "403": "Not allowed.", "429": "Too many calls; see Retry-After."}
LOOKED_UP = {"404": "There is no such thing."}
CHANGED = {
    "400": "The body is not right; `errors` says which field.",
    "409": "The object is in another state, or somebody was first.",
    "413": "The body is too large.",
    "415": "Send application/json.",
}
MATCHED = {"412": "Changed since you read it.", "428": "Send If-Match."}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """A bearer token in the Authorization header."""

    target_class = "novarium.portal.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> Json:
        """Return the scheme."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A personal token, or the key of a server connection.",
        }


def operation(
    operation_id: str,
    *,
    tag: str,
    summary: str,
    text: str | None = None,
    gives: Any = None,
    takes: Any = None,
    status: int = 200,
    example: Any = None,
    sends: Any = None,
    parameters: tuple[OpenApiParameter, ...] = (),
) -> Callable[[Method], Method]:
    """Describe an operation.

    Args:
        text: Its description; the method's docstring by default.
        gives: Serializer or schema of a good answer.
        takes: Serializer of the body.
        status: Of a good answer.
        example: A good answer, or one item of a list.
        sends: A body that leads to it.
    """
    examples = []
    if sends is not None:
        examples.append(OpenApiExample("Request", value=sends, request_only=True))
    if example is not None:
        examples.append(OpenApiExample("Answer", value=example, response_only=True, status_codes=[str(status)]))
    return extend_schema(
        operation_id=operation_id,
        tags=[tag],
        summary=summary,
        description=text,
        request=takes,
        responses={status: gives},
        examples=examples,
        parameters=list(parameters),
    )


def finish(result: Json, generator: Any, request: Any, public: bool) -> Json:  # noqa: FBT001 - drf-spectacular's hook
    """Add to each operation the problems it may answer, and the headers that all answers have."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = PROBLEM
    components["headers"] = {
        "ETag": {
            "description": "State of what was read, for If-None-Match and If-Match.",
            "schema": {"type": "string"},
        },
        "X-Request-ID": {"description": "Yours, or one of ours.", "schema": TEXT},
    }
    for path, item in result["paths"].items():
        for method, described in item.items():
            if method in {"get", "post", "patch", "put", "delete"}:
                _finish_operation(path, method, described)
    result["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    return result


def _finish_operation(path: str, method: str, described: Json) -> None:
    answers = described["responses"]
    for status, answer in answers.items():
        if status.startswith("2"):
            answer["headers"] = {"X-Request-ID": {"$ref": "#/components/headers/X-Request-ID"}}
            if method in {"get", "patch"}:
                answer["headers"]["ETag"] = {"$ref": "#/components/headers/ETag"}
    matched = any(parameter["name"] == "If-Match" for parameter in described.get("parameters", []))
    for status, text in {
        **COMMON,
        **LOOKED_UP,
        **({"304": "Unchanged, see If-None-Match."} if method == "get" else CHANGED),
        **({"400": CHANGED["400"]} if method == "get" else {}),
        **(MATCHED if matched else {}),
    }.items():
        answers.setdefault(status, _problem_answer(status, text))


def _problem_answer(status: str, text: str) -> Json:
    if status == "304":
        return {"description": text}
    schema = {"$ref": "#/components/schemas/Problem"}
    example = {
        **_PROBLEM_EXAMPLE,
        "status": int(status),
        "title": text.split(";", maxsplit=1)[0].rstrip("."),
        "detail": text,
    }
    if status == "409":
        example = _PROBLEM_EXAMPLE
    content = {"application/problem+json": {"schema": schema, "example": example}}
    answer: Json = {"description": text, "content": content}
    if status == "429":
        answer["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return answer
