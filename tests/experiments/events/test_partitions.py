"""Partitions of the events."""

import threading
import time

import psycopg
import pytest
from django.db import connection

pytestmark = pytest.mark.django_db(transaction=True)

ENSURE = "select experiment.ensure_event_partition('2998-02-03')"


def test_two_first_writers_of_a_day_both_find_its_partition():
    settings = connection.get_connection_params()
    opened = {name: settings[name] for name in ("dbname", "user", "password", "host", "port") if settings.get(name)}
    found: list[object] = []

    def second():
        with psycopg.connect(**opened) as other:
            found.append(other.execute(ENSURE).statusmessage)
            other.rollback()

    with psycopg.connect(**opened) as first:
        first.execute(ENSURE)
        thread = threading.Thread(target=second)
        thread.start()
        waits_for_lock(first)
        first.commit()
        thread.join(20)
        first.execute("drop table experiment.experiments_event_29980203")
    assert found == ["SELECT 1"]


def waits_for_lock(session):
    """Return once another session waits for an advisory lock."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        waiting = session.execute("select count(*) from pg_locks where locktype = 'advisory' and not granted")
        if waiting.fetchone()[0]:
            return
        time.sleep(0.01)
    raise AssertionError("nobody waits")
