"""Events that arrive through Kafka: the same checks and the same stores as those of ``POST /api/v1/events``.

A batch of messages is stored in the database first, and its offsets are committed afterwards. Whatever is killed in
between is delivered again, and an event's id makes that harmless; so what is sent once is stored once. No message stops
those behind it: what cannot be read or stored is kept among the rejected events with its reason. Only a database that
does not answer is waited for.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from django.db import DatabaseError, InterfaceError, connections

from experiments.events import intake
from experiments.events.unreadable import unreadable
from experiments.events.validation import EventFault
from experiments.serving.event_bodies import BadBody, read_events

logger = logging.getLogger(__name__)

MESSAGES = 500  # stored in one transaction, unless they hold more events than
EVENTS = 5_000
LONGEST_WAIT = 0.2  # seconds for a batch to fill
RETRY_AFTER = (0.2, 1.0, 5.0)  # seconds; the last one for ever
REPORT_EVERY = 10.0  # seconds
# Classes of SQLSTATE that a message is at fault for: data, a constraint, a limit. All others are the database's.
_OF_MESSAGE = frozenset({"22", "23", "54"})
_QUEUED_KILOBYTES = 16_384  # fetched ahead, at most


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSettings:
    """Where events come from.

    Attributes:
        servers: Brokers, as ``host:port,host:port``.
        topic: Its messages are events, in the form of the body of ``POST /api/v1/events``.
        group: Consumers of one group share the topic's partitions.
        properties: Further properties of librdkafka, such as ``security.protocol``.
    """

    servers: str
    topic: str
    group: str
    properties: Mapping[str, str] = field(default_factory=dict)


def connect(settings: KafkaSettings) -> Consumer:
    """Return a consumer of the topic that commits only what it is told to."""
    consumer = Consumer(
        {
            "queued.max.messages.kbytes": _QUEUED_KILOBYTES,
            **settings.properties,
            "bootstrap.servers": settings.servers,
            "group.id": settings.group,
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
        },
        logger=logger,
    )
    consumer.subscribe([settings.topic])
    return consumer


def consume(consumer: Consumer, *, stop: Callable[[], bool], using: str = "default") -> Counter[str]:
    """Take messages until ``stop`` says so, then leave the group; return counts of messages and of events by status.

    Raises:
        KafkaException: The consumer cannot go on, as with a wrong password.
    """
    total: Counter[str] = Counter()
    told, said_at = Counter(total), time.monotonic()
    try:
        while not stop():
            total += take(consumer, stop=stop, using=using)
            if total != told and time.monotonic() - said_at > REPORT_EVERY:
                logger.info("Took messages", extra=dict(total - told))
                told, said_at = Counter(total), time.monotonic()
    finally:
        consumer.close()
    return total


def take(consumer: Consumer, *, stop: Callable[[], bool] = lambda: False, using: str = "default") -> Counter[str]:
    """Take one batch: store it, then commit its offsets; return counts of messages and of events by status.

    Raises:
        KafkaException: The consumer cannot go on.
    """
    messages = [message for message in consumer.consume(MESSAGES, LONGEST_WAIT) if _is_message(message)]
    if not messages:
        return Counter()
    counts = _store_when_possible(messages, stop, using)
    if counts is None:
        return Counter()
    counts["messages"] = len(messages)
    _commit(consumer, messages)
    return counts


def _is_message(message: Message) -> bool:
    error = message.error()
    if error is None:
        return True
    if error.fatal() or error.code() in {KafkaError._AUTHENTICATION, KafkaError.TOPIC_AUTHORIZATION_FAILED}:
        raise KafkaException(error)
    logger.warning("Kafka reports a problem; the consumer goes on", extra={"problem": str(error)})
    return False


def _store_when_possible(messages: Sequence[Message], stop: Callable[[], bool], using: str) -> Counter[str] | None:
    """Store the messages, however long the database is away; None where ``stop`` came first."""
    attempt = 0
    while True:
        try:
            return _store(messages, using)
        except (DatabaseError, InterfaceError) as error:
            pause = RETRY_AFTER[min(attempt, len(RETRY_AFTER) - 1)]
            logger.warning("Postgres takes no events: messages wait", exc_info=error, extra={"seconds": pause})
            if not connections[using].in_atomic_block:
                connections[using].close()
            attempt += 1
            if _stopped_within(pause, stop):
                return None


def _stopped_within(seconds: float, stop: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if stop():
            return True
        time.sleep(0.05)
    return False


def _store(messages: Sequence[Message], using: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    batch: list[Message] = []
    payloads: list[object] = []
    for message in messages:
        read = payloads_of(message)
        if payloads and len(payloads) + len(read) > EVENTS:
            counts += _store_batch(batch, payloads, using)
            batch, payloads = [], []
        batch.append(message)
        payloads += read
    return counts + _store_batch(batch, payloads, using)


def _store_batch(messages: Sequence[Message], payloads: Sequence[object], using: str) -> Counter[str]:
    """Store a batch; where Postgres refuses it, its halves, down to the message that is at fault, which is kept."""
    try:
        judged = intake.judge(payloads, using=using)
        fresh = intake.keep(judged, using=using)
    except DatabaseError as error:
        if not _is_of_message(error):
            raise
        logger.warning("Postgres refuses messages", exc_info=error, extra={"messages": len(messages)})
        if len(messages) == 1:
            fault = EventFault("unstorable", "The database refuses the message.", _text_of(messages[0]))
            intake.keep([fault], using=using)
            return Counter(rejected=1)
        half = len(messages) // 2
        parts = (messages[:half], messages[half:])
        return sum((_store_batch(part, _payloads(part), using) for part in parts), Counter[str]())
    return Counter(receipt.status for receipt in intake.receipts(judged, fresh))


def _is_of_message(error: DatabaseError) -> bool:
    """Whether the messages are at fault, and not a database that may take them later."""
    return (getattr(error.__cause__, "sqlstate", None) or "")[:2] in _OF_MESSAGE


def _payloads(messages: Sequence[Message]) -> list[object]:
    return [payload for message in messages for payload in payloads_of(message)]


def payloads_of(message: Message) -> list[object]:
    """Return a message's events; one that cannot be read is an ``EventFault`` already.

    The headers ``content-type`` and ``content-encoding`` say, as in HTTP, whether the value is one JSON or lines of it,
    and whether it is gzipped.
    """
    headers = _headers(message)
    try:
        return read_events(
            message.value() or b"",
            content_type=headers.get("content-type", ""),
            encoding=headers.get("content-encoding", ""),
        )
    except BadBody as error:
        return [EventFault("unreadable", str(error), _text_of(message))]


def _headers(message: Message) -> dict[str, str]:
    pairs = cast(list[tuple[str, bytes | None]], message.headers() or [])
    return {name.lower(): (value or b"").decode("latin-1") for name, value in pairs}


def _text_of(message: Message) -> dict[str, str]:
    return unreadable((message.value() or b"").decode("utf-8", "backslashreplace"))


def _commit(consumer: Consumer, messages: Sequence[Message]) -> None:
    """Commit what follows the last message of each partition; where that fails, they come again, which is harmless."""
    # Of each partition they come in order, so that the last one stays.
    last = {(cast(str, each.topic()), cast(int, each.partition())): cast(int, each.offset()) for each in messages}
    offsets = [TopicPartition(topic, partition, offset + 1) for (topic, partition), offset in last.items()]
    try:
        consumer.commit(offsets=offsets, asynchronous=False)
    except KafkaException as error:
        logger.warning("The offsets were not committed; the messages come again", exc_info=error)
