"""OpenFeature's remote evaluation protocol (OFREP, OpenAPI 0.3.0): one flag, and all that a key may see."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import orjson

from experiments.assignment.compiled import FeatureDefinition, Outcome
from experiments.assignment.definition_watch import Serving
from experiments.assignment.memberships import Memberships
from experiments.audiences.condition_check import CRM_TARGETS
from experiments.serving.doors import JSON
from experiments.serving.messages import Answer
from experiments.serving.ofrep_openapi import OPENAPI
from novarium.portal.grants import Grant

__all__ = ["OPENAPI", "Asked", "bulk", "read", "single", "visible"]

LARGEST_BODY = 64 * 1024
LONGEST_UNIT = 256
LONGEST_EXPOSED = 64  # what an exposure can hold
DEEPEST = 16
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
STREAM_SILENCE = 120  # seconds without anything after which a client may think that the stream is dead


@dataclass(frozen=True, slots=True)
class Asked:
    """A context as it came.

    Attributes:
        unit: The targeting key; empty where none came.
        attributes: All of the context, with the unit as ``id`` and its CRM lists as ``crm_targets``.
    """

    unit: str
    attributes: Mapping[str, Any]


def read(body: bytes, grant: Grant, memberships: Memberships) -> Asked | tuple[str, str]:
    """Return what is asked, or the error's code and details."""
    if len(body) > LARGEST_BODY:
        return "PARSE_ERROR", f"A context has at most {LARGEST_BODY} bytes."
    try:
        request = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return "PARSE_ERROR", f"The body is no JSON: {error}."
    if not isinstance(request, dict):
        return "PARSE_ERROR", "The body must be an object with a context."
    return _asked(request.get("context"), grant, memberships)


def _asked(context: object, grant: Grant, memberships: Memberships) -> Asked | tuple[str, str]:
    if context is None:
        return Asked("", {})
    if not isinstance(context, dict):
        return "INVALID_CONTEXT", "The context must be an object."
    unit = context.get("targetingKey")
    if problem := _unit_problem(unit, grant) or _depth_problem(context):
        return "INVALID_CONTEXT", problem
    if unit:
        context["id"] = unit
    context[CRM_TARGETS] = memberships.of(unit or "")  # whatever the program says of it
    return Asked(unit or "", context)


def _unit_problem(unit: object, grant: Grant) -> str:
    if unit is None:
        return ""
    if not isinstance(unit, str):
        return "The targetingKey must be a text."
    longest = LONGEST_EXPOSED if grant.logs_exposures else LONGEST_UNIT
    if len(unit) > longest:
        return f"The targetingKey has at most {longest} characters."
    return "The targetingKey has a character that cannot be stored." if "\0" in unit else ""


def _depth_problem(context: Mapping[str, Any]) -> str:
    level: list[Any] = [value for value in context.values() if isinstance(value, dict | list)]
    for _depth in range(DEEPEST):
        if not level:
            return ""
        level = [
            inner
            for value in level
            for inner in (value.values() if isinstance(value, dict) else value)
            if isinstance(inner, dict | list)
        ]
    return f"The context is nested more than {DEEPEST} levels deep."


def visible(definition: FeatureDefinition | None, grant: Grant) -> bool:
    """Whether the key may see the flag: a connection sees its team's, a person's token what the person may read."""
    return definition is not None and grant.team_id in {None, definition.team_id}


def single(key: str, body: bytes, serving: Serving, grant: Grant) -> tuple[Answer, Outcome | None, str]:
    """Return the answer about one flag, with what decided and for which unit."""
    definition = serving.features.get(key)
    if definition is None or not visible(definition, grant):
        return _unknown(key), None, ""
    asked = read(body, grant, serving.memberships)
    if not isinstance(asked, Asked):
        code, details = asked
        failed = orjson.dumps({"key": key, "errorCode": code, "errorDetails": details})
        return Answer(status=400, headers=JSON, body=failed), None, ""
    outcome = definition.decide(asked.unit, asked.attributes)
    status = 400 if outcome.reason == "ERROR" else 200
    return Answer(status=status, headers=JSON, body=outcome.body), outcome, asked.unit


def _unknown(key: str) -> Answer:
    if not KEY.fullmatch(key):
        details = "A flag's key has letters, digits, hyphens, underscores and dots."
        shown = key.encode("utf-8", "replace").decode()
        body = {"key": shown, "errorCode": "GENERAL", "errorDetails": details}
        return Answer(status=400, headers=JSON, body=orjson.dumps(body))
    body = {"key": key, "errorCode": "FLAG_NOT_FOUND", "errorDetails": f"There is no flag “{key}”."}
    return Answer(status=404, headers=JSON, body=orjson.dumps(body))


def bulk(
    body: bytes, serving: Serving, grant: Grant, *, stream: str, known_tags: str
) -> tuple[Answer, list[Outcome], str]:
    """Return the answer about all flags that the key may see, with what decided each and for which unit.

    Args:
        stream: Address of the stream that tells of changes.
        known_tags: The request's If-None-Match.
    """
    asked = read(body, grant, serving.memberships)
    if not isinstance(asked, Asked):
        code, details = asked
        failed = orjson.dumps({"errorCode": code, "errorDetails": details})
        return Answer(status=400, headers=JSON, body=failed), [], ""
    unit, attributes = asked.unit, asked.attributes
    team = grant.team_id
    outcomes = [
        definition.decide(unit, attributes)
        for definition in serving.features.values()
        if team is None or definition.team_id == team
    ]
    flags = b",".join([outcome.body for outcome in outcomes])
    answer = b'{"flags":[%b],"metadata":{"definitions":%d},"eventStreams":%b}' % (
        flags,
        serving.number,
        _streams(stream),
    )
    tag = _tag(answer, attributes)
    if is_known(tag, known_tags):
        return Answer(status=304, headers=(("etag", tag),)), outcomes, unit
    return Answer(status=200, headers=(*JSON, ("etag", tag)), body=answer), outcomes, unit


def _streams(address: str) -> bytes:
    return orjson.dumps([{"type": "sse", "endpoint": {"requestUri": address}, "inactivityDelaySec": STREAM_SILENCE}])


def _tag(answer: bytes, attributes: Mapping[str, Any]) -> str:
    """Return the tag of an answer to a context: it changes with either."""
    context = orjson.dumps(attributes, option=orjson.OPT_SORT_KEYS)
    return f'"{blake2b(answer + context, digest_size=12).hexdigest()}"'


def is_known(tag: str, known_tags: str) -> bool:
    """Whether If-None-Match names the tag."""
    if not known_tags:
        return False
    return known_tags.strip() == "*" or tag in {item.strip().removeprefix("W/") for item in known_tags.split(",")}
