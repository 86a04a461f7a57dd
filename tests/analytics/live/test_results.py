"""Results of a running experiment come from the numbers that are kept, and say what the raw events say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from analytics.live.reader import Reader
from analytics.models import LiveCheckpoint, LiveRun, LiveSum
from analytics.results import compute
from experiments.public import get_run_design, record
from experiments.running import lifecycle
from tests.analytics.live.conftest import read_all
from tests.analytics.live.test_moments import DAY, launch, parts_of
from tests.analytics.results.test_metric_types import METRICS, crowd


@pytest.fixture
def followed(reader, draft, analyst, team):
    """A run with a metric of each type and its visitors, all of it read."""
    run = launch(draft, analyst, team, tuple(METRICS), 16 * DAY)
    for events, exposures in parts_of(run, crowd(run.started_at, each={"control": 60, "discount": 60}), parts=3):
        record(events=events, exposures=exposures)
    read_all(reader)
    return run


def without_times(report):
    """Return a report without what differs from one computation to the next."""
    progress = replace(report.progress, daily_rate=None, days_left=None)
    return replace(report, computed_at=None, milliseconds=0.0, fingerprint="", progress=progress)


def statements(act):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        act()
    return [query["sql"] for query in captured.captured_queries]


def test_report_is_that_of_the_raw_events_and_reads_none(followed):
    reports = []
    asked = statements(lambda: reports.append(compute(followed)))
    raw = ("experiments_exposure", "experiments_event")
    assert not [text for text in asked if any(table in text for table in raw)]
    cache.clear()
    LiveRun.objects.all().delete()
    asked = statements(lambda: reports.append(compute(followed)))
    assert all(any(table in text for text in asked) for table in raw)
    assert reports[0].fingerprint.startswith("live|")
    assert without_times(reports[0]) == without_times(reports[1])


def test_reader_that_is_behind_is_not_believed(followed):
    before = compute(followed).fingerprint
    LiveCheckpoint.objects.update(complete_at=LiveCheckpoint.objects.get().complete_at - timedelta(minutes=1))
    assert before.startswith("live|")
    assert not compute(followed).fingerprint.startswith("live|")


def test_stopped_run_and_reads_within_a_transaction_are_computed_from_events(followed, draft, analyst):
    with transaction.atomic():
        assert not compute(followed).fingerprint.startswith("live|")
    draft.refresh_from_db()
    lifecycle.stop(draft, actor=analyst)
    assert not compute(get_run_design(draft.key)).fingerprint.startswith("live|")


def test_verifying_finds_what_differs_and_mends_it(followed, capsys):
    call_command("verify_moments")
    assert "equal" in capsys.readouterr().out
    spoiled = LiveSum.objects.filter(x__gt=0).first()
    LiveSum.objects.filter(pk=spoiled.pk).update(x=spoiled.x + 1)
    with pytest.raises(CommandError, match="1 runs differ"):
        call_command("verify_moments")
    with pytest.raises(CommandError, match="afresh"):
        call_command("verify_moments", "--mend")
    Reader().step()
    call_command("verify_moments")
