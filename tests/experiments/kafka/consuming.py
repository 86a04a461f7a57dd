"""A consumer in this process, and one in a process of its own, which a test kills."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import django

django.setup()  # in the server of processes nobody has done it

from django.db import connections  # noqa: E402

from experiments.events import kafka  # noqa: E402


def consume_for_ever(settings: kafka.KafkaSettings, database: dict[str, Any]) -> None:
    connections["default"].settings_dict.update(database)
    kafka.MESSAGES = 20  # many small batches, so that kills fall between and into them
    kafka.consume(kafka.connect(settings), stop=lambda: False)


def take_messages(settings: kafka.KafkaSettings, count: int, *, seconds: float = 60) -> Counter[str]:
    """Take at least so many messages; return the counts."""
    consumer = kafka.connect(settings)
    total: Counter[str] = Counter()
    until = time.monotonic() + seconds
    while total["messages"] < count and time.monotonic() < until:
        total += kafka.take(consumer)
    consumer.close()
    assert total["messages"] >= count
    return total
