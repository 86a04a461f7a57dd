"""What a metric measured lately agrees with the events, whoever recorded them."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone

from analytics.metric_preview import measure
from experiments.designs.drafting import define
from experiments.models import Metric
from experiments.public import MetricDefinition, record
from simulation.models import HistoryEvent
from tests.analytics.traffic import event

pytestmark = pytest.mark.django_db


@pytest.fixture
def lately(catalogue):
    """Forty people who saw a page, some ordered; half of them are in the simulated history."""
    rng = np.random.default_rng(2)
    start = timezone.now() - timedelta(days=10)
    spent = []
    live, past = [], []
    for n in range(40):
        at = start + timedelta(hours=4 * n)
        orders = [int(rng.integers(5, 40)) * 1000 for _ in range(int(rng.integers(0, 3)))]
        own = [event("page_view", f"u{n}", at, page="home")]
        own += [
            event("purchase", f"u{n}", at + timedelta(hours=1 + k), amount, order="x")
            for k, amount in enumerate(orders)
        ]
        own.append(event("purchase", f"u{n}", at - timedelta(hours=2), 99000, order="before the first view"))
        (live if n % 2 else past).extend(own)
        spent.append(orders)
    record(events=live)
    HistoryEvent.objects.bulk_create(
        HistoryEvent(
            event_id=item.event_id,
            occurred_at=item.occurred_at,
            received_at=item.occurred_at,
            name=item.name,
            unit_id=item.unit_id,
            amount=item.amount,
            properties=item.properties,
        )
        for item in past
    )
    return spent


def test_mean_and_deviation_are_those_of_the_units_from_live_events_and_history(lately):
    found = measure(define(Metric.objects.get(key="arpu")), until=timezone.now())
    totals = np.array([sum(orders) for orders in lately], dtype=float)
    assert found.units == 40
    assert found.value == pytest.approx(totals.mean())
    assert found.deviation == pytest.approx(totals.std(ddof=1))
    assert sum(day.units for day in found.daily) == 40
    weighted = sum(day.units * day.value for day in found.daily)
    assert weighted == pytest.approx(totals.sum())


def test_ratio_and_quantile_and_filter_are_measured_too(lately):
    aov = measure(define(Metric.objects.get(key="aov")), until=timezone.now())
    flat = [amount for orders in lately for amount in orders]
    assert aov.value == pytest.approx(sum(flat) / len(flat))
    hours = measure(define(Metric.objects.get(key="time-to-order")), until=timezone.now())
    assert (hours.value, hours.units) == (pytest.approx(1.0), sum(bool(orders) for orders in lately))
    dear = MetricDefinition(
        key="dear",
        name="",
        type="proportion",
        numerator_event="purchase",
        numerator_aggregation="exists",
        numerator_filters=({"property": "amount", "operator": ">", "value": 20000},),
    )
    share = sum(any(amount > 20000 for amount in orders) for orders in lately) / 40
    assert measure(dear, until=timezone.now()).value == pytest.approx(share)


def test_look_back_shows_how_much_it_explains(lately):
    found = measure(define(Metric.objects.get(key="revenue")), until=timezone.now())
    assert found.correlation == pytest.approx(0, abs=1e-9)  # everybody spent the same before


def test_no_events_are_no_value_and_no_error(catalogue):
    found = measure(define(Metric.objects.get(key="aov")), until=timezone.now())
    assert (found.units, found.value, found.daily) == (0, None, ())
