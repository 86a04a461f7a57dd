"""Received = stored + duplicate + rejected, whatever is killed meanwhile."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from tests.experiments.events.conftest import Running
from tests.experiments.events.storm import BAD, GOOD, Storm
from tests.local.running import eventually

STORED = "select event_id::text from experiment.experiments_event where unit_id like 'storm-%'"
KEPT = """
select payload ->> 'event_id' from experiment.experiments_rejectedevent where payload ->> 'unit_id' like 'storm-%'
"""


def survive(stack: Running, victims: list[str]) -> Storm:
    """Send a storm, kill each victim in the midst of it, and wait until batches are taken again each time."""
    storm = Storm(stack.url, stack.secrets)
    storm.begin()
    try:
        for victim in victims:
            _more_are_taken(storm)
            stack.kill(victim)
            time.sleep(0.2)
            _more_are_taken(storm)
    finally:
        storm.end()
    return storm


def _more_are_taken(storm: Storm) -> None:
    before = len(storm.acknowledged())
    assert eventually(lambda: len(storm.acknowledged()) > before + 2, seconds=150)


def assert_nothing_is_lost_or_doubled(stack: Running, storm: Storm) -> None:
    stored = Counter(row[0] for row in stack.rows(STORED))
    kept = Counter(row[0] for row in stack.rows(KEPT))
    assert set(stored.values()) == {1}
    assert set(kept.values()) == {1}
    for number, counts in storm.answers:
        good, bad = storm.ids(number)
        assert counts["rejected"] == len(bad) == BAD
        assert counts["stored"] + counts["duplicate"] == len(good) == GOOD
        assert good <= stored.keys(), "an acknowledged event is missing"
        assert bad <= kept.keys(), "an acknowledged rejection is missing"
    for number in range(len(storm.batches)):
        claimed = sum(counts["stored"] for of, counts in storm.answers if of == number)
        there = len(storm.ids(number)[0] & stored.keys())
        # A batch is one commit. Whoever made it may have been killed before it could answer; nobody else claims it.
        assert claimed == there or (storm.lost[number] and claimed == 0), number
        assert there in {0, GOOD}


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
