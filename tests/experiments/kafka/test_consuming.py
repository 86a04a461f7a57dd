"""Events through Kafka: stored once, refused with a reason, never stopped by one message, whatever is killed."""

from __future__ import annotations

import json
import multiprocessing
import random
import time
from collections import Counter

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections

from experiments.events import kafka
from experiments.events.partitions import ensure_days
from experiments.models import Event, Exposure, RejectedEvent
from tests.experiments.events.sending import event, exposure, zipped
from tests.experiments.kafka import consuming
from tests.experiments.kafka.consuming import take_messages
from tests.local.running import eventually


def body(*events: object) -> bytes:
    return json.dumps(events[0] if len(events) == 1 else events).encode()


def test_a_message_is_what_the_body_of_a_request_is(topic, running):
    events = [event(unit_id=f"k{number}") for number in range(6)]
    topic.send(body(events[0]), body(events[1], events[2]), body({"events": [events[3]]}), body(exposure()))
    topic.send(zipped(events[4]), headers={"content-encoding": b"gzip"})
    topic.send(body(events[5]) + b"\nno json", headers={"Content-Type": b"application/x-ndjson"})
    counts = take_messages(topic.settings(), 6)
    assert counts == Counter(messages=6, stored=7, rejected=1)
    assert set(Event.objects.values_list("unit_id", flat=True)) == {f"k{number}" for number in range(6)}
    assert Exposure.objects.get().unit_id == "u1"


def test_a_poison_message_is_kept_and_stops_nothing(topic, catalogue):
    poison = [
        b"not json",
        b"\xff\xfe\0",
        b"",
        None,  # what Kafka calls a tombstone; it is kept as the empty one is
        b"[]",
        b"[" * 100_000,
        body(*[event() for _ in range(501)]),
    ]
    for number, value in enumerate(poison):
        topic.send(value, body(event(unit_id=f"u{number}")))
    topic.send(body(event(name="never_declared")))
    assert take_messages(topic.settings(), 15) == Counter(messages=15, stored=7, rejected=8)
    assert set(Event.objects.values_list("unit_id", flat=True)) == {f"u{number}" for number in range(7)}
    assert Counter(RejectedEvent.objects.values_list("reason", flat=True)) == Counter(unreadable=6, unknown_event=1)


def test_what_postgres_refuses_is_kept_and_stops_nothing(topic, catalogue):
    ensure_days({time.time_ns() // 86_400_000_000_000}, using="default")
    with connection.cursor() as cursor:
        cursor.execute("alter table experiment.experiments_event add check (unit_id <> 'poison')")
    units = [f"u{number}" for number in range(20)]
    topic.send(*(body(event(unit_id=unit)) for unit in [*units[:7], "poison", *units[7:]]))
    assert take_messages(topic.settings(), 21) == Counter(messages=21, stored=20, rejected=1)
    assert set(Event.objects.values_list("unit_id", flat=True)) == set(units)
    kept = RejectedEvent.objects.get()
    assert kept.reason == "unstorable"
    assert "poison" in json.dumps(kept.payload)


def test_what_is_delivered_again_changes_nothing(topic, catalogue):
    topic.send(*(body(event(unit_id=f"u{number}")) for number in range(30)), b"no json")
    take_messages(topic.settings("first"), 31)
    again = take_messages(topic.settings("second"), 31)
    assert again == Counter(messages=31, duplicate=30, rejected=1)
    assert (Event.objects.count(), RejectedEvent.objects.count()) == (30, 1)


@pytest.mark.slow
def test_a_group_goes_on_after_what_it_committed(topic, catalogue):
    topic.send(body(event(unit_id="one")))
    take_messages(topic.settings(), 1)
    topic.send(body(event(unit_id="two")))
    assert take_messages(topic.settings(), 1) == Counter(messages=1, stored=1)


def test_a_lost_connection_is_waited_for(topic, transactional_db, catalogue):
    topic.send(body(event(unit_id="one")))
    consumer = kafka.connect(topic.settings())
    with connections["default"].cursor() as cursor:
        cursor.execute("select 1")
    connections["default"].connection.close()  # as if Postgres had been restarted
    found: Counter[str] = Counter()
    assert eventually(lambda: found.update(kafka.take(consumer)) or found["stored"] == 1, seconds=30)
    consumer.close()


@pytest.mark.parametrize("kills", [1, pytest.param(15, marks=pytest.mark.slow)])
def test_killed_consumers_lose_and_double_nothing(topic, transactional_db, catalogue, kills):
    settings = connection.settings_dict
    database = {name: settings[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([consuming.__name__])
    draw = random.Random(11)
    sent = 0
    for _kill in range(kills):
        topic.send(*(body(event(unit_id=f"u{sent + number}")) for number in range(400)), b"no json %d" % sent)
        sent += 400
        before = Event.objects.count()
        process = context.Process(target=consuming.consume_for_ever, args=(topic.settings(), database))
        process.start()
        assert eventually(lambda before=before: Event.objects.count() > before, seconds=60)
        process.join(draw.uniform(0, 0.2))
        process.kill()
        process.join(20)
    process = context.Process(target=consuming.consume_for_ever, args=(topic.settings(), database))
    process.start()
    try:
        assert eventually(lambda: (Event.objects.count(), RejectedEvent.objects.count()) == (sent, kills), seconds=90)
    finally:
        process.kill()
        process.join(20)
    units = Counter(Event.objects.values_list("unit_id", flat=True))
    assert units == Counter(f"u{number}" for number in range(sent))


def test_the_command_says_what_it_lacks():
    with pytest.raises(CommandError, match="Set KAFKA_SERVERS"):
        call_command("consume_kafka")
