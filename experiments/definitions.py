"""The definitions that evaluation reads: held in process memory, renewed as soon as something changes.

Every change of a feature or experiment calls ``changed()`` in its transaction. That counts up a row in Postgres (the
truth) and, once committed, a counter in Valkey, which every process compares at each page. Should the counter be lost
(a kill between the two, Valkey away), the row is looked at every second; should Postgres be away too, the last known
definitions go on being served.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import redis
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.db.models import F

from experiments.bucketing import Range, ranges
from experiments.design import Design, from_snapshot
from experiments.models import DefinitionVersion
from novarium.kernel import sql

logger = logging.getLogger(__name__)

RECHECK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A running experiment on a feature: who gets which variant."""

    run_id: int
    design: Design
    ranges: tuple[Range, ...]


@dataclass(frozen=True, slots=True)
class FeatureDefinition:
    """A feature's live default value and the experiments that override it."""

    key: str
    revision: int
    value: Mapping[str, Any]
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class _Held:
    number: int
    counter: bytes | None
    checked_at: float
    features: Mapping[str, FeatureDefinition]


_lock = threading.Lock()
_held: _Held | None = None


def changed() -> None:
    """Say, inside the transaction of a change, that what is served changes with it."""
    DefinitionVersion.objects.get_or_create(id=1)
    DefinitionVersion.objects.filter(id=1).update(number=F("number") + 1)
    forget()
    transaction.on_commit(_announce)


def forget() -> None:
    """Drop what this process holds, so that the next reader loads afresh."""
    global _held  # noqa: PLW0603 - the one process-wide holder
    with _lock:
        _held = None


def current() -> Mapping[str, FeatureDefinition]:
    """Return the features by key, as of the last committed change."""
    counter = _counter()
    held = _held
    if held and held.counter == counter and time.monotonic() - held.checked_at < RECHECK_SECONDS:
        return held.features
    return _renew(counter)


def _renew(counter: bytes | None) -> Mapping[str, FeatureDefinition]:
    global _held  # noqa: PLW0603 - the one process-wide holder
    with _lock:
        held = _held
        try:
            number = _number()
            features = held.features if held and held.number == number else _load()
        except DatabaseError:
            if held is None:
                raise
            logger.warning("Postgres does not answer: serving the last known definitions")
            number, features = held.number, held.features
        _held = _Held(number, counter, time.monotonic(), features)
        return features


def _number() -> int:
    with connections["shop"].cursor() as cursor:
        cursor.execute("select number from experiment.experiments_definitionversion")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _load() -> Mapping[str, FeatureDefinition]:
    rules: dict[str, list[Rule]] = {}
    for row in sql.rows("experiments/sql/running_designs.sql", using="shop"):
        design = from_snapshot(sql.json_value(row["snapshot"]))
        owned = ranges(weights=[variant.weight for variant in design.variants], coverage=design.coverage)
        rules.setdefault(design.feature, []).append(Rule(row["run_id"], design, owned))
    return {
        row["feature"]: FeatureDefinition(
            key=row["feature"],
            revision=row["revision"],
            value=sql.json_value(row["value"]),
            rules=tuple(rules.get(row["feature"], ())),
        )
        for row in sql.rows("experiments/sql/live_values.sql", using="shop")
    }


@cache
def _valkey() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)


def _counter_key() -> str:
    return f"novarium-{settings.ENVIRONMENT}:definitions"


def _counter() -> bytes | None:
    try:
        value = cast(bytes | None, _valkey().get(_counter_key()))
    except redis.RedisError:
        return None
    return value


def _announce() -> None:
    try:
        _valkey().incr(_counter_key())
    except redis.RedisError:
        logger.warning("Valkey does not answer: processes will see the change within %s s", RECHECK_SECONDS)
