"""Which offsets of a zone a build compares its rows with: all that the rows need and no more."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from analytics.imports.datasets import open_dataset
from analytics.marts.scope import EARLIEST, LATEST, scope_of
from analytics.marts.zone import offsets
from analytics.models import Dataset
from simulation.models import HistoryEvent
from tests.analytics.marts.logs import add_events, add_item_categories, clock, retailrocket

pytestmark = pytest.mark.django_db

PARIS = "Europe/Paris"
HOUR = 3_600_000


def hours(rows):
    return [row.offset_ms // HOUR for row in rows]


def offset_at(rows, at_ms):
    return next(row.offset_ms for row in rows if row.from_ms <= at_ms < row.until_ms)


def test_a_full_build_knows_the_offsets_between_its_first_and_last_row_only():
    dataset = retailrocket("zone", zone=PARIS)
    add_events(dataset, [(clock(text, PARIS), 1, "view", 1, None) for text in ("2026-05-01 12:00", "2026-12-01 12:00")])
    add_item_categories(dataset, [(clock("2026-02-01 12:00", PARIS), 1, 7)])
    found = scope_of(dataset).zone_offsets
    assert hours(found) == [1, 2, 1]
    every = offsets(ZoneInfo(PARIS), first=EARLIEST, last=LATEST)
    first, last = clock("2026-02-01 12:00", PARIS), clock("2026-12-01 12:00", PARIS)
    for at_ms in range(first, last, 13 * HOUR):
        assert offset_at(found, at_ms) == offset_at(every, at_ms)


def test_a_zone_whose_offset_does_not_change_has_one():
    assert hours(scope_of(retailrocket("zone")).zone_offsets) == [9]


@pytest.mark.parametrize("form", [form for form in Dataset.Form if form != Dataset.Form.RECEIVED])
def test_a_log_without_rows_has_a_scope(form):
    dataset = open_dataset(key="empty", form=form)
    dataset.zone = PARIS
    dataset.save()
    assert len(scope_of(dataset).zone_offsets) == 1


def test_received_events_are_all_within(settings):
    settings.TIME_ZONE = PARIS
    dataset = Dataset.objects.get(form=Dataset.Form.RECEIVED)
    for number, day in enumerate(("2024-07-01", "2026-01-15")):
        HistoryEvent.objects.create(
            event_id=f"00000000-0000-4000-8000-00000000000{number}",
            unit_id="someone",
            name="page_view",
            occurred_at=f"{day}T12:00:00Z",
            received_at=f"{day}T12:00:01Z",
            properties={},
        )
    found = scope_of(dataset).zone_offsets
    assert hours(found)[:4] == [2, 1, 2, 1]
    assert len(found) < len(offsets(ZoneInfo(PARIS), first=date(2020, 1, 1), last=date(2030, 1, 1)))
