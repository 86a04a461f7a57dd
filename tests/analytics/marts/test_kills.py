"""A build is killed at random moments, alone or with Postgres: it goes on, and leaves what another would."""

from __future__ import annotations

import random

import pytest
from django.db import connection

from tests.analytics.marts import building
from tests.killing import Server, Work, own_server

BUILD = Work(building.go_on_with_build, building.ask_for_build, ())


def test_shards_leave_what_one_connection_does_and_a_killed_build_goes_on(transactional_db, tmp_path):
    survive(Server(connection.settings_dict), tmp_path, ["kill_process", "end_connections"], hits=4)


@pytest.mark.slow
def test_fifty_kills_of_builds_and_postgres_lose_and_double_nothing(tmp_path):
    with own_server(tmp_path / "state") as server:
        survive(server, tmp_path, ["kill_process", "kill_postgres", "end_connections"], hits=50)


def survive(server: Server, folder, kills, *, hits: int) -> None:
    server.ask(building.import_small_log, folder / "log")
    by_one = server.ask(building.build_by_one)
    assert len(by_one["fact_events"]) > 5_000
    server.survive(BUILD, kills, hits=hits, draw=random.Random(5))
    assert server.ask(building.status) == "done"
    assert server.ask(building.kept) == by_one
    assert server.ask(building.leftovers) == []
    server.ask(building.forget_log)
