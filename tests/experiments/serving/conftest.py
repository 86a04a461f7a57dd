"""The lean path in this process: real definitions and grants, asked without a server."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from experiments.assignment.definition_watch import Watcher
from experiments.features.registration import register_feature
from experiments.models import Feature
from experiments.serving.dispatch import Dispatcher
from experiments.serving.messages import Answer, Request
from novarium.portal import connections

TYPES = {
    "boolean": {"type": "boolean", "default": True},
    "string": {"type": "text", "default": "hello", "max_length": 40},
    "integer": {"type": "integer", "default": 7, "min": 0, "max": 100},
    "float": {"type": "number", "default": 10, "min": 0, "max": 100},
}


@dataclass
class Lean:
    """Asks the lean path with a key."""

    watcher: Watcher
    dispatcher: Dispatcher
    key: str

    def ask(self, method: str, path: str, *, body=None, query: str = "", **headers: str) -> Answer:
        self.watcher.look()
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        named = {"authorization": f"Bearer {self.key}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        return asyncio.run(
            self.dispatcher.handle(Request(method=method, path=path, query=query, headers=named, body=raw))
        )

    def flag(self, key: str, context=None, **headers: str) -> tuple[int, dict]:
        body = {} if context is None else {"context": context}
        answer = self.ask("POST", f"/ofrep/v1/evaluate/flags/{key}", body=body, **headers)
        return answer.status, json.loads(answer.body)

    def flags(self, context=None, **headers: str) -> Answer:
        return self.ask("POST", "/ofrep/v1/evaluate/flags", body={"context": context or {}}, **headers)


@pytest.fixture
def connect(team, lead):
    """Return a function that makes a connection and returns its key."""

    def made(**settings):
        given = {"kind": "server", "scopes": ["evaluate"], "team": team, "actor": lead, "logs_exposures": False}
        given |= {"name": f"Key {settings}"[:80], "per_minute": 600_000} | settings
        who = {name: given.pop(name) for name in ("kind", "scopes", "team", "actor")}
        return connections.create(**who, settings=connections.Settings(**given))[1]

    return made


@pytest.fixture
def lean(connect):
    """The lean path with a key of the team."""
    watcher = Watcher()
    with ThreadPoolExecutor(1) as threads:
        yield Lean(watcher, Dispatcher(watcher, threads, workers=1), connect())


def register(team, actor, key: str, value_type: str) -> Feature:
    """Register an external feature of a type."""
    declared = {"name": "value", "label": "Value", **TYPES[value_type]}
    feature = Feature(
        key=key, name=key, surface="external", component="app", team=team, parameters=[declared], value_type=value_type
    )
    register_feature(feature, actor=actor)
    return feature


@pytest.fixture
def scalars(team, lead):
    """A feature of each scalar type, by type."""
    return {value_type: register(team, lead, f"a-{value_type}", value_type) for value_type in TYPES}
