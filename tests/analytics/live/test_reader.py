"""The reader takes every committed event once, in the order of commits, whoever is slow and whoever reads beside it."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from analytics.live import checkpoint
from analytics.live.reader import Reader, is_anything_new
from analytics.live.transactions import look
from analytics.models import LiveCheckpoint
from experiments.public import new_event_id, record
from tests.analytics.live.conftest import another_connection, read_all
from tests.analytics.traffic import event

INSERT = """
insert into experiment.experiments_event (event_id, occurred_at, name, unit_id) values (%s, now(), 'click', 'slow')
"""


def clicks(count: int, unit: str = "u") -> None:
    at = timezone.now() - timedelta(minutes=1)
    record(events=[event("click", f"{unit}-{number}", at, component="hero") for number in range(count)])


def test_what_is_new_is_read_once(reader):
    clicks(3)
    assert read_all(reader) == 3
    assert read_all(reader) == 0
    clicks(2, "v")
    assert read_all(reader) == 2
    assert LiveCheckpoint.objects.get().events == 5


def test_slow_transaction_holds_up_nobody_and_is_not_passed_over(reader):
    clicks(1, "before")
    with another_connection() as slow:
        slow.set_autocommit(False)
        with slow.cursor() as cursor:
            cursor.execute(INSERT, [new_event_id(timezone.now())])
        clicks(2, "after")  # commits first, although it began later
        began = checkpoint.now()
        assert read_all(reader) == 3
        assert checkpoint.state().complete_at >= began
        clicks(1, "later")
        assert read_all(reader) == 1
        slow.commit()
    assert read_all(reader) == 1
    assert read_all(reader) == 0
    assert LiveCheckpoint.objects.get().events == 5


def test_slow_transaction_is_not_passed_over_by_a_backlog_in_steps(reader, monkeypatch):
    monkeypatch.setattr("analytics.live.reader.MOST_EVENTS", 3)
    monkeypatch.setattr("analytics.live.reader.FEW_TRANSACTIONS", 1)
    with another_connection() as slow:
        slow.set_autocommit(False)
        with slow.cursor() as cursor:
            cursor.execute(INSERT, [new_event_id(timezone.now())])
        for number in range(6):
            clicks(2, f"batch-{number}")
        assert reader.step().events == 2
        slow.commit()
        for number in range(6):
            clicks(2, f"more-{number}")
    assert read_all(reader) == 23
    assert read_all(reader) == 0


def test_rolled_back_rows_are_not_read(reader):
    with transaction.atomic():
        clicks(4)
        transaction.set_rollback(True)
    assert read_all(reader) == 0


def test_second_reader_finds_the_first_at_it(reader):
    clicks(5)
    with another_connection() as other:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("select from warehouse.analytics_livecheckpoint for update")
        assert reader.step() is None
        other.rollback()
    assert read_all(reader) == 5


def test_readers_beside_each_other_take_each_event_once(reader):
    total, stop, counted = 300, threading.Event(), []

    def read() -> None:
        mine, events = Reader(), 0
        while not stop.is_set():
            taken = mine.step()
            events += taken.events if taken else 0
        counted.append(events)
        connection.close()

    threads = [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(total // 10):
        clicks(10, f"batch-{number}")
    stop.set()
    for thread in threads:
        thread.join()
    assert sum(counted) + read_all(reader) == total
    assert LiveCheckpoint.objects.get().events == total


def test_long_backlog_is_read_in_steps_that_part_no_transaction(reader, monkeypatch):
    monkeypatch.setattr("analytics.live.reader.MOST_EVENTS", 25)
    monkeypatch.setattr("analytics.live.reader.FEW_TRANSACTIONS", 2)
    for number in range(12):
        clicks(10, f"batch-{number}")
    taken = []
    while not taken or not taken[-1].is_last:
        taken.append(reader.step())
    events = [one.events for one in taken]
    assert sum(events) == 120
    assert all(count % 10 == 0 and count <= 30 for count in events)
    assert len(events) >= 4


def test_idle_reader_sees_whether_there_is_anything(reader):
    read_all(reader)
    assert not is_anything_new(checkpoint.state(), look())
    clicks(1)
    assert is_anything_new(checkpoint.state(), look())


def test_database_from_a_dump_is_refused(reader):
    LiveCheckpoint.objects.update(visible=f"{1 << 60}:{1 << 60}:")
    with pytest.raises(checkpoint.DatabaseWasRestored):
        reader.step()
