"""The definitions that evaluation reads: held in process memory, renewed within a second of a change.

Every change of a feature or experiment calls ``changed()`` in its transaction. That counts up a row in Postgres (the
truth) and, once committed, tells every process over Valkey's pub/sub. A web process keeps a thread that listens
(``definition_watch``); should a message be lost or Valkey be away, it looks at the row every second. In other
processes, whoever asks looks at the row, at most once a second. While Postgres is away, the last known definitions go
on being served.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

import redis
from django.conf import settings
from django.db import DatabaseError, connections, transaction
from django.db.models import F

from experiments.assignment.bucketing import Gate
from experiments.assignment.compiled import FeatureDefinition, LiveFeature, RunningDesign, compile_feature, gates_of
from experiments.assignment.memberships import Memberships, renewed
from experiments.designs.design import Design, from_snapshot
from experiments.models import DefinitionVersion
from novarium.kernel import sql

logger = logging.getLogger(__name__)

RECHECK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Held:
    """The definitions as of one change.

    Attributes:
        number: How many changes there had been.
        checked_at: When they were last seen to be current, by the monotonic clock.
    """

    number: int
    checked_at: float
    features: Mapping[str, FeatureDefinition]
    memberships: Memberships


_lock = threading.Lock()
_held: Held | None = None
_memberships = Memberships()  # kept when the definitions are forgotten: they are larger, and seldom change
_watcher: threading.Thread | None = None


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


def current() -> Held:
    """Return the definitions as of the last committed change."""
    held = _held
    if held and (_is_watched() or time.monotonic() - held.checked_at < RECHECK_SECONDS):
        return held
    return renew()


def renew() -> Held:
    """Look whether something changed, load it if so, and return what is held.

    Raises:
        DatabaseError: Postgres does not answer, and nothing is held.
    """
    with _lock:
        held = _held
        try:
            number = stored_number()
            fresh = held if held and held.number == number else _load(number)
        except DatabaseError:
            if held is None:
                raise
            logger.warning("Postgres does not answer: serving the last known definitions")
            fresh = held
        return _hold(replace(fresh, checked_at=time.monotonic()))


def reload() -> Held:
    """Load what is stored now, whatever is held.

    Raises:
        DatabaseError: Postgres does not answer.
    """
    number = stored_number()  # first: a change in between is then seen at the next look
    loaded = _load(number)
    with _lock:
        return _hold(loaded)


def _hold(held: Held) -> Held:
    global _held  # noqa: PLW0603 - the one process-wide holder
    _held = held
    return held


def watched_by(thread: threading.Thread) -> None:
    """Leave looking for changes to a thread, as long as it lives."""
    global _watcher  # noqa: PLW0603 - the one process-wide watcher
    _watcher = thread


def _is_watched() -> bool:
    return _watcher is not None and _watcher.is_alive()


def stored_number() -> int:
    """Return how many changes there have been."""
    with connections["shop"].cursor() as cursor:
        cursor.execute("select number from experiment.experiments_definitionversion")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _load(number: int) -> Held:
    global _memberships  # noqa: PLW0603 - the one process-wide holder
    memberships = _memberships = renewed(_memberships)
    return Held(number, time.monotonic(), _features(memberships), memberships)


def _features(memberships: Memberships) -> Mapping[str, FeatureDefinition]:
    running: dict[str, list[RunningDesign]] = {}
    for row in sql.rows("experiments/sql/running_designs.sql", using="shop"):
        run = _running(row["run_id"], row["snapshot"], row["phase"], row["allotment"], memberships)
        running.setdefault(run.design.feature, []).append(run)
    holdout = _holdout()
    return {
        row["feature"]: compile_feature(
            LiveFeature(
                key=row["feature"],
                team_id=row["team"],
                value_type=row["value_type"],
                enabled=row["enabled"],
                targets=sql.json_value(row["targets"]),
                revision=row["revision"],
                value=sql.json_value(row["value"]),
            ),
            running.get(row["feature"], ()),
            holdout=holdout,
        )
        for row in sql.rows("experiments/sql/live_values.sql", using="shop")
    }


def _running(run_id: int, snapshot: object, phase: int, allotment: object, memberships: Memberships) -> RunningDesign:
    pieces = sql.json_value(allotment)
    return RunningDesign(
        run_id=run_id,
        design=from_snapshot(sql.json_value(snapshot)),
        phase=phase,
        allotment=tuple(tuple((start, end) for start, end in owned) for owned in pieces),
        kept=memberships.kept.get(run_id, {}),
    )


def present_gates(design: Design) -> tuple[Gate, ...]:
    """Return what a unit must pass before it is split, with the holdout as it stands now."""
    return gates_of(design, holdout=_holdout())


def _holdout() -> Gate | None:
    """Return the gate of those who are not held out."""
    for row in sql.rows("experiments/sql/holdout.sql", using="shop"):
        return Gate(row["seed"], row["share"], 1.0)
    return None


@cache
def valkey() -> redis.Redis:
    """Return the client that tells and hears of changes."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)


def channel() -> str:
    """Return the name under which changes are told."""
    return f"novarium-{settings.ENVIRONMENT}:definitions"


def _announce() -> None:
    forget()  # whoever loaded between the change and its commit holds what was before
    try:
        valkey().publish(channel(), b"changed")
    except redis.RedisError:
        logger.warning("Valkey does not answer: processes will see the change within %s s", RECHECK_SECONDS)
