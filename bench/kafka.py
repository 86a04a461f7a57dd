"""Events through Kafka: what one consumer takes at most, and how far behind it the windows are at a steady rate.

The brokers are librdkafka's own mock cluster, in this process; consumer and reader are processes as in production.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

import orjson
from django.db import connection

from analytics.live import checkpoint
from bench.processes import cpu_seconds
from experiments.events.ids import new_event_id
from experiments.installation import install_catalogue
from experiments.models import Event
from novarium.portal.models import Team

PARTITIONS = 4  # of a topic of the mock cluster, which keeps 5 MB of each and drops what is older
BACKLOG = 60_000  # events that wait when the consumer starts, 13 MB
MESSAGE = 20  # events in one message; products that send each alone are the other case
RATE = 5_000  # events a second
LOAD_SECONDS = 20
SETTLED = 20  # tenths of a second; before, the newest event is still that of the start
AIM_LAG = 2.0
STARTS_WITHIN = 60.0
UNITS = 20_000


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic of the mock cluster, and how to send to it."""

    servers: str
    name: str
    producer: Any

    def send(self, bodies: Sequence[bytes]) -> None:
        """Send messages and wait until the cluster has them."""
        for number, body in enumerate(bodies):
            self.producer.produce(self.name, body, partition=number % PARTITIONS)
        self.producer.flush(30)


def main() -> None:
    """Print the tables."""
    try:
        from confluent_kafka import Producer  # noqa: PLC0415 - an optional extra
    except ModuleNotFoundError:
        raise SystemExit('Kafka needs a library: pip install "novarium[kafka]".') from None
    team, _made = Team.objects.get_or_create(key="novaeats", defaults={"name": "NovaEats"})
    install_catalogue(team=team)
    producer = Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 1, "log_level": 0})
    servers = ",".join(f"{each.host}:{each.port}" for each in producer.list_topics(timeout=20).brokers.values())
    for size in (1, MESSAGE):
        _measure_most(Topic(servers, f"most-{size}", producer), size)
    _measure_lag(Topic(servers, "steady", producer))


def _measure_most(topic: Topic, size: int) -> None:
    """Print how fast a consumer empties a topic."""
    before, events = Event.objects.count(), BACKLOG
    topic.send(_bodies(events, size))
    with _running("consume_kafka", topic) as process:
        _wait_until(lambda: Event.objects.count() > before)
        first, began = Event.objects.count(), time.perf_counter()
        _wait_until(lambda: Event.objects.count() - before >= events)
        rate = (events - (first - before)) / (time.perf_counter() - began)
        cpu = cpu_seconds(process.pid)
    print(f"  {size:>3} events a message: {rate:>8,.0f} events a second, {cpu:.1f} s of the consumer's CPU")


def _measure_lag(topic: Topic) -> None:
    """Print how long it takes from a message's sending until it is in the windows."""
    per_tick, ticks = RATE // 10, LOAD_SECONDS * 10
    before = Event.objects.count()
    with _running("consume_kafka", topic), _running("follow_events", topic):
        topic.send(_bodies(MESSAGE, MESSAGE))
        _wait_until(lambda: Event.objects.count() > before and checkpoint.state() is not None)
        time.sleep(2)
        lags, began = [], time.perf_counter()
        for tick in range(ticks):
            time.sleep(max(began + tick / 10 - time.perf_counter(), 0))
            topic.send(_bodies(per_tick, MESSAGE))
            if tick >= SETTLED and tick % 5 == 4:
                lags.append(_behind())
        took = time.perf_counter() - began
        sent = MESSAGE + ticks * per_tick
        _wait_until(lambda: Event.objects.count() - before >= sent)
    lags.sort()
    print(
        f"  {ticks * per_tick / took:,.0f} events a second for {LOAD_SECONDS} s, from message to windows:"
        f" median {median(lags):.2f} s, 95% {lags[int(len(lags) * 0.95)]:.2f} s, longest {lags[-1]:.2f} s;"
        f" the aim is {AIM_LAG:.0f} s."
    )


def _behind() -> float:
    """Return the age of the newest event that the windows hold: what was received until the checkpoint."""
    found = checkpoint.state()
    if found is None:
        raise SystemExit("The reader has no checkpoint.")
    with connection.cursor() as cursor:
        cursor.execute(
            "select extract(epoch from clock_timestamp() - max(occurred_at)) from experiment.experiments_event"
            " where received_at <= %(at)s and received_at > %(at)s - interval '1 minute'",
            {"at": found.complete_at},
        )
        (age,) = cursor.fetchone()
    return float(age)


def _bodies(events: int, size: int) -> list[bytes]:
    """Return messages whose events happen now."""
    at = datetime.now(UTC)
    payloads = [
        {
            "event_id": str(new_event_id(at)),
            "name": "click",
            "unit_id": f"unit-{number * 7919 % UNITS}",
            "occurred_at": at.isoformat(timespec="milliseconds"),
            "properties": {"component": "hero", "page": "home"},
        }
        for number in range(events)
    ]
    return [orjson.dumps(payloads[first : first + size]) for first in range(0, events, size)]


@contextmanager
def _running(command: str, topic: Topic) -> Iterator[subprocess.Popen[bytes]]:
    """Run one of our commands on the topic, and stop it at the end."""
    settings = {"KAFKA_SERVERS": topic.servers, "KAFKA_TOPIC": topic.name, "KAFKA_GROUP": topic.name}
    process = subprocess.Popen(
        [sys.executable, "manage.py", command],
        env={**os.environ, **settings, "LOG_LEVEL": "WARNING"},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(30)


def _wait_until(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while not condition():
        if time.monotonic() > until:
            raise SystemExit("The events did not come: nothing to measure.")
        time.sleep(0.05)
