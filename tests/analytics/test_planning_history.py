"""Baseline, variance, CUPED correlation and arrivals: against pandas on the raw rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from django.utils import timezone

from analytics.planning import StatisticsPlanner
from experiments.designs.drafting import define
from experiments.models import Metric, Unit
from experiments.public import EventInput, new_event_id, record
from simulation.models import HistoryEvent

PLANNER = StatisticsPlanner()
DAYS = 30

pytestmark = pytest.mark.django_db


@pytest.fixture
def raw(catalogue):
    """Visits of 400 people over 30 days, some eager and some not; the last week in the live events, the rest before."""
    random = np.random.default_rng(3)
    now = timezone.now() - timedelta(minutes=1)
    rows = []
    for person in range(400):
        eager = random.random()
        for hours in np.sort(random.uniform(0, DAYS * 24, size=1 + random.poisson(3))):
            at = now - timedelta(hours=float(hours))
            rows.append((f"u{person}", "page_view", at, None, random.choice(["home", "search"])))
            if random.random() < eager:
                rows.append((f"u{person}", "click", at + timedelta(seconds=20), None, ""))
            if random.random() < eager / 2:
                amount = int(random.integers(8, 40)) * 1000
                rows.append((f"u{person}", "purchase", at + timedelta(seconds=50), amount, ""))
    frame = pd.DataFrame(rows, columns=["unit", "name", "at", "amount", "page"])
    store(frame, now - timedelta(days=7))
    return frame


def store(frame, border):
    live = []
    for row in frame.itertuples():
        at = row.at.to_pydatetime()
        amount = None if np.isnan(row.amount) else Decimal(int(row.amount))
        properties = {"page": row.page} if row.page else {}
        if at >= border:
            live.append(
                EventInput(
                    event_id=new_event_id(at),
                    name=row.name,
                    unit_id=row.unit,
                    occurred_at=at,
                    amount=amount,
                    properties=properties,
                )
            )
        else:
            HistoryEvent.objects.create(
                event_id=new_event_id(at),
                name=row.name,
                unit_id=row.unit,
                occurred_at=at,
                received_at=at,
                amount=amount,
                properties=properties,
            )
    record(events=live, using="default")


def per_unit(frame, units=None, within=timedelta(days=99)):
    """Return each unit's values after its first home view of the last fortnight, and in the fortnight before that."""
    now = timezone.now()
    views = frame[
        (frame["name"] == "page_view") & (frame["page"] == "home") & (frame["at"] >= now - timedelta(days=14))
    ]
    since = views.groupby("unit")["at"].min()
    joined = frame.join(since.rename("since"), on="unit", how="inner")
    if units is not None:
        joined = joined[joined["unit"].isin(units)]
    after = joined[(joined["at"] >= joined["since"]) & (joined["at"] < joined["since"] + within)]
    before = joined[(joined["at"] < joined["since"]) & (joined["at"] >= joined["since"] - timedelta(days=14))]

    def values(part):
        by = part.groupby("unit")
        return pd.DataFrame(
            {
                "clicked": by["name"].agg(lambda names: float((names == "click").any())),
                "amount": by.apply(lambda rows: rows.loc[rows["name"] == "purchase", "amount"].sum()),
                "orders": by["name"].agg(lambda names: float((names == "purchase").sum())),
            }
        )

    table = values(after).join(values(before).add_prefix("past_"))
    table["is_returning"] = table["past_orders"].notna()
    return table.fillna(0)


def baseline(key, **kwargs):
    return PLANNER.baseline(define(Metric.objects.get(key=key)), surface="home", **kwargs)


@pytest.mark.parametrize(("key", "column"), [("ctr", "clicked"), ("arpu", "amount"), ("orders", "orders")])
def test_value_deviation_and_correlations_are_those_of_pandas(raw, key, column):
    found, table = baseline(key), per_unit(raw)
    assert found.units == len(table) >= 150
    assert found.value == pytest.approx(table[column].mean())
    assert found.deviation == pytest.approx(table[column].std())
    assert found.returning == pytest.approx(table["is_returning"].mean())
    assert found.correlation == pytest.approx(table[column].corr(table[f"past_{column}"]))
    returning = table[table["is_returning"]]
    assert found.returning_correlation == pytest.approx(returning[column].corr(returning[f"past_{column}"]))


def test_ratio_is_correlated_by_its_linearised_values(raw):
    found, table = baseline("aov"), per_unit(raw)
    ratio = table["amount"].sum() / table["orders"].sum()
    past_ratio = table["past_amount"].sum() / table["past_orders"].sum()
    now = table["amount"] - ratio * table["orders"]
    past = table["past_amount"] - past_ratio * table["past_orders"]
    assert found.value == pytest.approx(ratio)
    assert found.deviation == pytest.approx((now / table["orders"].mean()).std())
    assert found.correlation == pytest.approx(now.corr(past))


def test_new_units_are_counted_on_the_day_of_their_first_view_in_four_weeks(raw):
    start = timezone.now() - timedelta(days=28)
    views = raw[(raw["name"] == "page_view") & (raw["page"] == "home") & (raw["at"] >= start)]
    days = (views.groupby("unit")["at"].min() - start).dt.days
    expected = days.value_counts().reindex(range(int(days.min()), 28), fill_value=0).sort_index()
    assert list(baseline("ctr").new_units) == expected.tolist()


@pytest.fixture
def phones():
    """Three of four people have a phone, the rest a desktop; return the former."""
    now = timezone.now()
    units = [f"u{person}" for person in range(400)]
    Unit.objects.bulk_create(
        Unit(unit_id=unit, attributes={"device": "phone" if n % 4 else "desktop"}, first_seen_at=now, updated_at=now)
        for n, unit in enumerate(units)
    )
    return [unit for n, unit in enumerate(units) if n % 4]


def test_audience_restricts_the_history_to_the_units_that_meet_it(raw, phones):
    found, table = baseline("arpu", condition={"device": "phone"}), per_unit(raw, phones)
    assert found.units == len(table) < len(per_unit(raw))
    assert found.value == pytest.approx(table["amount"].mean())
    assert sum(found.new_units) < sum(baseline("arpu").new_units)


def test_audience_of_nobody_has_no_history(raw):
    assert baseline("ctr", condition={"device": "fridge"}) is None


def test_window_of_the_definition_cuts_a_units_events(raw):
    """An hour after the entry: measured by the results' own statements, and against pandas."""
    hour = replace(define(Metric.objects.get(key="ctr")), window_hours=1.0)
    found = PLANNER.baseline(hour, surface="home")
    table = per_unit(raw, within=timedelta(hours=1))
    assert found.units == len(table)
    assert found.value == pytest.approx(table["clicked"].mean())
    assert found.deviation == pytest.approx(table["clicked"].std(), rel=1e-2)
    assert found.value < baseline("ctr").value


def test_audience_counts_with_a_window_too(raw, phones):
    hour = replace(define(Metric.objects.get(key="ctr")), window_hours=1.0)
    found = PLANNER.baseline(hour, surface="home", condition={"device": "phone"})
    table = per_unit(raw, phones, within=timedelta(hours=1))
    assert found.units == len(table)
    assert found.value == pytest.approx(table["clicked"].mean())
    assert found.new_units == baseline("ctr", condition={"device": "phone"}).new_units
