"""An import is killed at random moments, with or without Postgres: nothing is lost, and nothing comes twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import psycopg
import pytest
from django.db import connection

from analytics.imports.datasets import delete_dataset
from analytics.models import Dataset
from novarium.kernel import env
from novarium.local import postgres
from novarium.local.stack import hold
from novarium.local.state import REPOSITORY, State
from tests.analytics.imports.importing import VICTIM, Importer, kill_process, rows, write_log
from tests.local.running import family


def database_of(url: str) -> dict:
    found = env.postgres(url)
    return {name: found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}


def test_a_killed_import_goes_on_as_if_nothing_had_been(transactional_db, tmp_path):
    write_log(tmp_path, events=12_000)
    settings = connection.settings_dict
    database = {name: settings[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}
    importer = Importer(tmp_path, database)
    seconds = importer.finish()
    uninterrupted = rows(database)
    assert [len(found) for found in uninterrupted[:1]] == [12_000]
    assert len(uninterrupted[3]) == 40
    _delete_dataset()

    def end_connections(_pid: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and application_name = %s",
                [VICTIM],
            )

    kills = [kill_process, end_connections] * 3
    importer.survive(random.Random(5), kills, within=seconds)
    importer.finish()
    assert rows(database) == uninterrupted
    _delete_dataset()


def _delete_dataset() -> None:
    delete_dataset(Dataset.objects.get(key="killed"))


@pytest.mark.slow
def test_fifty_kills_of_importer_and_postgres_lose_and_double_nothing(tmp_path):
    log = tmp_path / "log"
    write_log(log, events=120_000)
    with hold(State(tmp_path / "state")) as state:
        server = postgres.start(state)
        database = database_of(server.url)
        _provision(server.url)
        importer = Importer(log, database)
        seconds = importer.finish()
        uninterrupted = rows(database)
        draw = random.Random(7)
        hit = 0
        for kill in range(50):
            if kill % 2 == 0:
                _forget(database)  # an import takes about as long as a few kills let it live
            if kill % 2:
                hit += importer.survive(draw, [kill_process], within=seconds / 6)
                continue
            process = importer.start()
            time.sleep(draw.uniform(0.1, seconds / 6))
            hit += process.exitcode is None
            for each in family(server.child.process.pid):
                with suppress(psutil.NoSuchProcess):
                    if each.name() == "postgres":
                        each.kill()
            server.child.wait(30)
            process.join(60)
            assert process.exitcode is not None
            server = postgres.start(state)
            database = importer.database = database_of(server.url)
        importer.finish()
        assert rows(database) == uninterrupted
        assert hit >= 25
        server.child.stop()


def _provision(url: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "provision", "--verbosity=0"],
        cwd=REPOSITORY,
        env=os.environ | {"DATABASE_URL": url, "SHOP_ROLE": "kill_shop", "READER_ROLE": "kill_reader"},
        check=True,
    )


def _forget(database: dict) -> None:
    """Delete what was imported, in a transaction of its own."""
    wanted = {"dbname": database["NAME"], "user": database["USER"], "password": database["PASSWORD"]}
    with psycopg.connect(**wanted, host=database["HOST"], port=database["PORT"]) as other:
        (number,) = other.execute("select id from warehouse.analytics_dataset where key = 'killed'").fetchone()
        for table in ("rawretailrocketevent", "rawretailrocketcategory", "rawretailrocketproperty"):
            other.execute(f"truncate warehouse.analytics_{table}")
        other.execute("delete from warehouse.analytics_rejectedline where dataset_id = %s", [number])
        other.execute("delete from warehouse.analytics_importfile where dataset_id = %s", [number])
