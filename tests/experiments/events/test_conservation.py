"""Received = stored + duplicate + rejected, whatever is killed meanwhile."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass

import psutil
import psycopg
import pytest

from novarium.local.ports import free_port
from tests.experiments.events.storm import BAD, GOOD, Storm
from tests.local.running import eventually, family, line_with, local, started

PROGRAMS = 3
ACCOUNTS = """
from novarium.portal.models import ApiToken, Membership, Team, User
team, made = Team.objects.get_or_create(key="novaeats", defaults={"name": "NovaEats"})
for number in range(%d):
    user = User.objects.create_user(username=f"program-{number}")
    Membership.objects.create(user=user, team=team, role="analyst")
    print("secret", ApiToken.objects.create(user=user, name="storm", scopes=["ingest"])[1])
"""


@dataclass(frozen=True)
class Running:
    """The whole of NovaRium, without demo data."""

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


@pytest.fixture(scope="module")
def running_stack(tmp_path_factory):
    """Start servers and processes of their own; gone after the tests."""
    folder, port = tmp_path_factory.mktemp("storm") / "state", free_port()
    with started(str(folder), str(port), module="tests.local.serve", NOVARIUM_STATE=str(folder)) as process:
        line_with(process, "serving")
        made = local("manage", "shell", "-c", ACCOUNTS % PROGRAMS, NOVARIUM_STATE=str(folder))
        secrets = [line.split()[1] for line in made.stdout.splitlines() if line.startswith("secret")]
        assert len(secrets) == PROGRAMS, made.stderr
        shown = local(
            "manage", "shell", "-c", "import os; print('url', os.environ['DATABASE_URL'])", NOVARIUM_STATE=str(folder)
        )
        database = next(line.split()[1] for line in shown.stdout.splitlines() if line.startswith("url"))
        yield Running(process.pid, f"http://127.0.0.1:{port}", database, secrets)


def survive(stack: Running, victims: list[str]) -> Storm:
    """Send a storm, kill each victim in the midst of it, and wait until batches are taken again each time."""
    storm = Storm(stack.url, stack.secrets)
    storm.begin()
    try:
        for victim in victims:
            before = len(storm.acknowledged())
            assert eventually(lambda before=before: len(storm.acknowledged()) > before + 2, seconds=60)
            stack.kill(victim)
            time.sleep(0.2)
            known = len(storm.acknowledged())
            assert eventually(lambda known=known: len(storm.acknowledged()) > known + 2, seconds=90), victim
    finally:
        storm.end()
    return storm


def assert_nothing_is_lost_or_doubled(stack: Running, storm: Storm) -> None:
    with psycopg.connect(stack.database) as connection:
        rows = connection.execute(
            "select event_id::text from experiment.experiments_event where unit_id like 'storm-%'"
        )
        stored = Counter(row[0] for row in rows)
        rows = connection.execute(
            "select payload ->> 'event_id' from experiment.experiments_rejectedevent where payload ->> 'unit_id' like 'storm-%'"
        )
        kept = Counter(row[0] for row in rows)
    sent = {
        number: {item["event_id"] for item in batch if item["properties"]} for number, batch in enumerate(storm.batches)
    }
    refused = {
        number: {item["event_id"] for item in batch if not item["properties"]}
        for number, batch in enumerate(storm.batches)
    }
    for number, counts in storm.answers:
        assert counts.total() == GOOD + BAD
        assert counts["rejected"] == BAD
        assert counts["stored"] + counts["duplicate"] == GOOD
        assert sent[number] <= stored.keys(), "an acknowledged event is missing"
        assert refused[number] <= kept.keys(), "an acknowledged rejection is missing"
    assert set(stored.values()) == {1}
    assert set(kept.values()) == {1}
    everything = set().union(*sent.values())
    assert stored.keys() & everything == {name for number in sent for name in sent[number] if name in stored}
    for number, ids in sent.items():
        said = sum(counts["stored"] for of, counts in storm.answers if of == number)
        there = len(ids & stored.keys())
        # Whoever stored them may have been killed before it could answer; no answer claims what another one did.
        assert said == there if not storm.lost[number] else said in {0, there}, number


@pytest.mark.slow
@pytest.mark.parametrize(
    "victims", [["postgres"], ["valkey"], ["celery"], ["granian", "postgres", "valkey", "granian"]]
)
def test_no_event_is_lost_or_doubled_when_servers_are_killed(running_stack, victims):
    storm = survive(running_stack, victims)
    assert_nothing_is_lost_or_doubled(running_stack, storm)


def test_no_event_is_lost_or_doubled_when_the_web_processes_are_killed(running_stack):
    storm = survive(running_stack, ["granian"])
    assert_nothing_is_lost_or_doubled(running_stack, storm)
