"""A build is killed at random moments, with or without its connections: it goes on, and leaves what another would."""

import random
import time

import pytest
from django.db import connection

from analytics.imports.datasets import delete_dataset, open_dataset
from analytics.imports.loading import import_log
from analytics.marts.runs import build, request_build
from analytics.models import Dataset, MartRun
from bench import retailrocket
from tests.analytics.marts.building import VICTIM, everything, finish, start


@pytest.fixture
def dataset(transactional_db, tmp_path):
    retailrocket.write(tmp_path, size=retailrocket.Size(events=6_000, visitors=900, items=120, categories=40))
    dataset = open_dataset(key="killed-builds", form=Dataset.Form.RETAILROCKET)
    import_log(dataset, tmp_path)
    yield dataset
    delete_dataset(dataset)


def database():
    settings = connection.settings_dict
    return {name: settings[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")}


def end_connections(_process):
    with connection.cursor() as cursor:
        cursor.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where datname = current_database() and application_name = %s",
            [VICTIM],
        )


def kill(process):
    process.kill()


def leftovers(dataset):
    with connection.cursor() as cursor:
        cursor.execute(
            r"select relname from pg_class where relkind in ('r', 'p') and not relispartition and relname like %s",
            [rf"analytics\_%\_d{dataset.pk}\_b%"],
        )
        return [name for (name,) in cursor.fetchall()]


def survive(dataset, kills, *, within, draw):
    """Kill one build as often as told, let it finish, and return how often it was hit under way."""
    run = request_build(first=None, dataset=dataset)
    hit = 0
    for end in kills:
        process = start(run.pk, database())
        process.join(draw.uniform(0.05, within))
        hit += process.exitcode is None
        end(process)
        process.join(60)
        assert process.exitcode is not None
        if MartRun.objects.get(pk=run.pk).status == "done":
            run = request_build(first=None, dataset=dataset)
    finish(run.pk, database())
    assert MartRun.objects.get(pk=run.pk).status == "done"
    return hit


def test_shards_leave_what_one_connection_does_and_a_killed_build_goes_on(dataset):
    build(dataset=dataset)
    by_one = everything(dataset.pk)
    run = request_build(first=None, dataset=dataset)
    seconds = finish(run.pk, database())
    assert everything(dataset.pk) == by_one
    assert survive(dataset, [kill, end_connections] * 2, within=seconds, draw=random.Random(3))
    assert everything(dataset.pk) == by_one
    assert leftovers(dataset) == []


@pytest.mark.slow
def test_fifty_kills_of_builds_lose_and_double_nothing(dataset):
    build(dataset=dataset)
    uninterrupted = everything(dataset.pk)
    run = request_build(first=None, dataset=dataset)
    began = time.monotonic()
    finish(run.pk, database())
    within = (time.monotonic() - began) / 2
    assert survive(dataset, [kill, end_connections] * 25, within=within, draw=random.Random(5)) >= 20
    assert everything(dataset.pk) == uninterrupted
    assert leftovers(dataset) == []
