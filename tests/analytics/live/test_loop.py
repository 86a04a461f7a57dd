"""The reader's process: follows by itself, stops when asked, survives any kill, and begins anew after a dump."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import numpy as np
import pytest
from django.db import DatabaseError, InterfaceError, connection, connections

from analytics.live import checkpoint
from analytics.live.reader import Reader
from analytics.live.start_over import start_over
from analytics.live.verify import verify
from analytics.models import LiveCheckpoint, LiveWindow
from experiments.models import Event
from experiments.public import record
from novarium.local.state import REPOSITORY
from tests.analytics.live.conftest import read_all
from tests.analytics.live.test_moments import DAY, launch, parts_of
from tests.analytics.results.test_metric_types import crowd
from tests.local.running import eventually

NAMES = ("repeat", "capped", "value", "earlier", "top", "p90-spend")


@contextmanager
def following():
    """Run the process on the test's database."""
    url = urlsplit(os.environ["DATABASE_URL"])
    env = {**os.environ, "DATABASE_URL": urlunsplit(url._replace(path=f"/{connection.settings_dict['NAME']}"))}
    process = subprocess.Popen([sys.executable, "manage.py", "follow_events"], cwd=REPOSITORY, env=env)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def run(transactional_db, draft, analyst, team):
    return launch(draft, analyst, team, NAMES, 16 * DAY)


def is_all_read() -> bool:
    found = checkpoint.state()
    return found is not None and found.complete_at > started_at()


def started_at():
    with connection.cursor() as cursor:
        cursor.execute("select max(received_at) from experiment.experiments_event")
        return cursor.fetchone()[0]


def assert_exact() -> None:
    """Nothing lost, nothing doubled: moments as from raw, and every clicked or bought thing in one window."""
    found = verify()
    assert found
    assert [one.differences for one in found] == [()]
    orders = sum(LiveWindow.objects.filter(run_id=0, feature="").values_list("orders", flat=True))
    since = LiveCheckpoint.objects.get().windows_from
    assert orders == Event.objects.filter(name="purchase", occurred_at__gte=since).count()


def test_process_follows_and_stops_when_asked(run):
    with following() as process:
        for events, exposures in parts_of(run, crowd(run.started_at, each={"control": 20, "discount": 20}), parts=2):
            record(events=events, exposures=exposures)
        assert eventually(is_all_read)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
    assert_exact()


def survive_kills(run, kills, people):
    rng = np.random.default_rng(7)
    parts = list(parts_of(run, crowd(run.started_at, each={"control": people, "discount": people}), parts=kills * 12))
    writing = threading.Thread(target=_write, args=[parts])
    writing.start()
    for _ in range(kills):
        with following() as process:
            assert eventually(lambda: checkpoint.state() is not None)
            time.sleep(float(rng.uniform(0.9, 2.2)))  # about what its start takes, so that many die within a step
            process.kill()
            process.wait()
    writing.join()
    read_all(Reader())
    assert_exact()


def _write(parts) -> None:
    for events, exposures in parts:
        record(events=events, exposures=exposures)
        time.sleep(0.05)
    connections.close_all()


def test_kills_of_the_reader_lose_and_double_nothing(run):
    survive_kills(run, kills=3, people=60)


@pytest.mark.slow
def test_fifty_kills_of_the_reader_lose_and_double_nothing(run):
    survive_kills(run, kills=50, people=400)


def test_killed_connection_in_the_midst_of_a_step_leaves_the_step_undone(run, reader):
    for events, exposures in parts_of(run, crowd(run.started_at, each={"control": 40, "discount": 40}), parts=12):
        record(events=events, exposures=exposures)
        victim = threading.Thread(target=_step_on_a_connection_of_its_own)
        victim.start()
        with connection.cursor() as cursor:
            while victim.is_alive():
                cursor.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where datname = current_database() and application_name = 'victim' and state = 'active'"
                )
    read_all(reader)
    assert_exact()


def _step_on_a_connection_of_its_own() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("set application_name = 'victim'")
        Reader().step()
    except (DatabaseError, InterfaceError):
        pass
    finally:
        connections.close_all()


def test_begins_anew_after_a_dump_was_loaded(run, reader):
    parts = list(parts_of(run, crowd(run.started_at, each={"control": 20, "discount": 20}), parts=2))
    record(events=parts[0][0], exposures=parts[0][1])
    read_all(reader)
    with connection.cursor() as cursor:  # as if the other cluster had counted further
        cursor.execute("update experiment.experiments_event set tx = '900000000'")
        cursor.execute("update experiment.experiments_exposure set tx = '900000000'")
        cursor.execute("update warehouse.analytics_livecheckpoint set visible = '900000001:900000001:'")
    with pytest.raises(checkpoint.DatabaseWasRestored):
        reader.step()
    start_over()
    record(events=parts[1][0], exposures=parts[1][1])
    read_all(Reader())
    assert_exact()
