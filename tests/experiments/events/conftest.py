"""The real servers and processes, for tests that kill them or come from outside."""

from __future__ import annotations

from dataclasses import dataclass

import psutil
import psycopg
import pytest

from novarium.local.ports import free_port
from tests.experiments.events.world import PROGRAMS
from tests.local.running import family, line_with, local, started

INSTALL = (
    "import os; from tests.experiments.events import world; world.install(); print('url', os.environ['DATABASE_URL'])"
)


@dataclass(frozen=True)
class Running:
    """The whole of NovaRium, without demo data; a running experiment, and a secret for each program."""

    pid: int
    url: str
    database: str
    secrets: list[str]

    def kill(self, program: str) -> None:
        """Kill -9 all processes of a program at once."""
        found = [each for each in family(self.pid) if program in each.name()]
        assert found, f"no {program} is running"
        for each in found:
            try:
                each.kill()
            except psutil.NoSuchProcess:
                continue

    def rows(self, statement: str) -> list[tuple]:
        """Return what a select finds, as the owner."""
        with psycopg.connect(self.database) as connection:
            return connection.execute(statement).fetchall()


@pytest.fixture(scope="package")
def running_stack(tmp_path_factory):
    """Start servers and processes of their own; gone after the tests."""
    folder, port = tmp_path_factory.mktemp("storm") / "state", free_port()
    with started(str(folder), str(port), module="tests.local.serve", NOVARIUM_STATE=str(folder)) as process:
        line_with(process, "serving")
        made = local("manage", "shell", "-c", INSTALL, NOVARIUM_STATE=str(folder))
        said = [line.split() for line in made.stdout.splitlines()]
        secrets = [words[1] for words in said if words[:1] == ["secret"]]
        assert len(secrets) == PROGRAMS, made.stderr
        database = next(words[1] for words in said if words[:1] == ["url"])
        yield Running(process.pid, f"http://127.0.0.1:{port}", database, secrets)
