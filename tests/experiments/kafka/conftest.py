"""librdkafka's own mock cluster: real brokers of the protocol, in this process."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import pytest
from confluent_kafka import Producer

from experiments.events.kafka import KafkaSettings

# The mock cluster gives a killed member's partitions to the next one when its session is over: at least six seconds.
QUICK = {"session.timeout.ms": "6000", "heartbeat.interval.ms": "500"}


@dataclass(frozen=True)
class Topic:
    """A topic of the mock cluster, and what sends to it."""

    name: str
    servers: str
    producer: Producer

    def settings(self, group: str = "novarium") -> KafkaSettings:
        return KafkaSettings(servers=self.servers, topic=self.name, group=f"{self.name}-{group}", properties=QUICK)

    def send(self, *values: bytes | None, headers: dict[str, bytes] | None = None) -> None:
        for value in values:
            self.producer.produce(self.name, value, headers=list((headers or {}).items()))
        assert self.producer.flush(20) == 0


@pytest.fixture(scope="session")
def cluster():
    producer = Producer({"bootstrap.servers": "mock", "test.mock.num.brokers": 2, "log_level": 0})
    brokers = producer.list_topics(timeout=20).brokers.values()
    return ",".join(f"{each.host}:{each.port}" for each in brokers), producer


@pytest.fixture
def topic(cluster):
    servers, producer = cluster
    return Topic(f"events-{uuid.uuid4().hex[:8]}", servers, producer)
