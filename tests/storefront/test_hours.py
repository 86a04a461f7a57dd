"""Opening hours, and when kept pages turn old."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from storefront.catalogue import loading
from storefront.hours import is_open

NOON = datetime(2026, 1, 1, 12)  # noqa: DTZ001 - a local time of day


@pytest.mark.parametrize(
    ("opens", "closes", "expected"),
    [(0, 0, True), (720, 721, True), (719, 720, False), (600, 900, True), (1020, 360, False), (700, 360, True)],
)
def test_noon(opens, closes, expected):
    assert is_open(opens, closes, NOON) is expected


def test_the_period_changes_exactly_when_a_restaurant_opens_or_closes(shop):
    catalogue = loading.current()
    before = [item.open_at(NOON - timedelta(hours=12)) for item in catalogue.restaurants]
    period = catalogue.period(NOON - timedelta(hours=12))
    for minute in range(1, 24 * 60):
        moment = NOON - timedelta(hours=12) + timedelta(minutes=minute)
        now = [item.open_at(moment) for item in catalogue.restaurants]
        assert (now == before) or catalogue.period(moment) != period
        before, period = now, catalogue.period(moment)
