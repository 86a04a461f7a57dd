"""An import is killed at random moments, alone or with Postgres: nothing is lost, and nothing comes twice."""

from __future__ import annotations

import random

import pytest
from django.db import connection

from tests.analytics.imports import importing
from tests.killing import Server, Work, own_server


def test_a_killed_import_goes_on_as_if_nothing_had_been(transactional_db, tmp_path):
    server = Server(connection.settings_dict)
    survive(server, tmp_path, ["kill_process", "end_connections"], events=12_000, hits=6)


@pytest.mark.slow
def test_fifty_kills_of_importer_and_postgres_lose_and_double_nothing(tmp_path):
    with own_server(tmp_path / "state") as server:
        survive(server, tmp_path, ["kill_process", "kill_postgres", "end_connections"], events=120_000, hits=50)


def survive(server: Server, folder, kills, *, events: int, hits: int) -> None:
    log = folder / "log"
    importing.write_log(log, events=events)
    work = Work(importing.import_folder, importing.forget_import, (log,))
    server.finish(work)
    uninterrupted = server.ask(importing.imported)
    assert len(uninterrupted[0]) == events
    assert len(uninterrupted[3]) == 40
    server.survive(work, kills, hits=hits, draw=random.Random(7))
    assert server.ask(importing.imported) == uninterrupted
    server.ask(importing.forget_import, log)
