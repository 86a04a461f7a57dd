"""The real processes: reader and Postgres are killed at random while events come in, and nobody repairs anything."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import psutil
import psycopg
import pytest

from experiments.events.ids import new_event_id
from novarium.local.ports import free_port
from tests.local.running import eventually, family, line_with, local, started

INSTALL = (
    "import os; from tests.experiments.events import world; world.install(); print('url', os.environ['DATABASE_URL'])"
)
KILLS = 50
EXPOSE = """
insert into experiment.experiments_exposure (run_id, unit_id, variant_id, exposed_at, received_at)
values (%s, %s, %s, %s, now()) on conflict do nothing
"""
STORE = """
insert into experiment.experiments_event (event_id, occurred_at, name, unit_id, amount, properties)
values (%s, %s, %s, %s, %s, '{}')
"""
RUN = "select run_id, id from (select id as run_id, experiment_id from experiment.experiments_run) as run "
RUN += "join experiment.experiments_variant as variant using (experiment_id) order by id"
READ = "select events from warehouse.analytics_livecheckpoint"
STORED = "select count(*), sum(amount) from experiment.experiments_event where name = 'purchase'"
COUNTED = "select sum(orders), sum(revenue) from warehouse.analytics_livewindow where run_id = 0 and feature = ''"


@dataclass
class Writer(threading.Thread):
    """Commits small batches of exposures and events, each until it is known to be stored or known to be lost."""

    url: str
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        chance = random.Random(5)
        while not self.over.is_set():
            try:
                with psycopg.connect(self.url, connect_timeout=3) as connection:
                    variants = connection.execute(RUN).fetchall()
                    today = datetime.now(UTC).date()
                    for day in (today - timedelta(days=1), today):
                        connection.execute("select experiment.ensure_event_partition(%s)", [day])
                    connection.commit()
                    while not self.over.is_set():
                        self._batch(connection, chance, variants)
                        connection.commit()
                        time.sleep(0.02)
            except psycopg.Error:
                time.sleep(0.2)

    @staticmethod
    def _batch(connection, chance, variants) -> None:
        now = datetime.now(UTC)
        for _ in range(10):
            unit = f"u{chance.randrange(3000)}"
            run_id, variant_id = chance.choice(variants)
            at = now - timedelta(seconds=chance.randrange(600))
            if chance.random() < 0.4:
                connection.execute(EXPOSE, [run_id, unit, variant_id, at])
            name = chance.choice(["click", "impression", "purchase", "purchase"])
            amount = chance.randrange(1000, 90000) if name == "purchase" else None
            connection.execute(STORE, [new_event_id(at), at, name, unit, amount])


def kill(pid: int, victim: str) -> bool:
    """Kill what is meant; return whether it was there."""
    hit = False
    for each in family(pid):
        try:
            words = each.cmdline()
            is_meant = "follow_events" in words if victim == "reader" else words[:1] and words[0].endswith("/postgres")
            if is_meant:
                each.kill()
                hit = True
        except psutil.NoSuchProcess:
            continue
    return hit


@pytest.mark.slow
def test_killed_reader_and_postgres_lose_and_double_nothing(tmp_path):
    folder, chance = tmp_path / "state", random.Random(11)
    settings = {"NOVARIUM_STATE": str(folder), "LONGEST_BACKOFF": "0.5"}
    with started(str(folder), str(free_port()), module="tests.local.serve", **settings) as process:
        line_with(process, "serving")
        made = local("manage", "shell", "-c", INSTALL, NOVARIUM_STATE=str(folder))
        url = next(line.split()[1] for line in made.stdout.splitlines() if line.startswith("url "))
        writer = Writer(url)
        writer.start()

        def figures(statement):
            with psycopg.connect(url) as connection:
                return connection.execute(statement).fetchone()

        def has_read(more_than):
            try:
                return figures(READ) > more_than
            except psycopg.Error:  # Postgres is not up again
                return False

        hits, read = 0, (0,)
        while hits < KILLS:
            assert eventually(lambda: has_read(read), seconds=150)  # noqa: B023 - called at once
            read = figures(READ)
            time.sleep(chance.random() / 2)
            hits += kill(process.pid, "postgres" if hits % 4 == 3 else "reader")
        assert eventually(lambda: has_read(read), seconds=150)
        writer.over.set()
        writer.join()
        assert eventually(lambda: figures(COUNTED) == figures(STORED), seconds=150)
        verified = local("manage", "verify_moments", NOVARIUM_STATE=str(folder))
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "equal" in verified.stdout
