"""People who visit during an experiment, with known choices, recorded through the real intake."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

import numpy as np

from experiments.models import Run
from experiments.public import EventInput, ExposureInput, new_event_id, record


@dataclass
class Unit:
    """One visitor as the test knows them: what they did after their first exposure."""

    unit_id: str
    variant: str
    exposed_at: datetime
    clicks: int = 0
    orders: list[int] = field(default_factory=list)


def visitors(run, *, per_variant, click_rate, order_rate, spend, seed=1, start=None, step=timedelta(seconds=30)):
    """Return visitors with random choices; rates and spend map variant keys to true values."""
    rng = np.random.default_rng(seed)
    units = []
    for variant, count in per_variant.items():
        for number in range(count):
            clicks = int(rng.random() < click_rate[variant]) * int(rng.integers(1, 4))
            orders = [int(rng.gamma(4, spend[variant] / 4)) + 1000 for _ in range(rng.binomial(2, order_rate[variant]))]
            exposed = (start or run.started_at + timedelta(minutes=1)) + number * step
            units.append(Unit(f"{variant}-{number}", variant, exposed, clicks, orders))
    return units


def store(run: Run, units: list[Unit]) -> None:
    """Record the visitors' exposures and events."""
    ids = {variant["key"]: variant["id"] for variant in run.snapshot["variants"]}
    exposures = [
        ExposureInput(run_id=run.pk, variant_id=ids[u.variant], unit_id=u.unit_id, exposed_at=u.exposed_at)
        for u in units
    ]
    events = []
    for unit in units:
        at = unit.exposed_at
        events.append(event("page_view", unit, at, page="home"))
        events += [
            event("click", unit, at + timedelta(seconds=1 + n), component="home-hero-banner")
            for n in range(unit.clicks)
        ]
        events += [
            event("purchase", unit, at + timedelta(seconds=10 + n), amount, order=f"{unit.unit_id}-{n}")
            for n, amount in enumerate(unit.orders)
        ]
    record(events=events, exposures=exposures)


def event(name: str, unit: Unit | str, at: datetime, amount: int | None = None, **properties: object) -> EventInput:
    """Return one event of a visitor."""
    return EventInput(
        event_id=new_event_id(at),
        name=name,
        unit_id=unit if isinstance(unit, str) else unit.unit_id,
        occurred_at=at,
        amount=None if amount is None else Decimal(amount),
        properties=properties,
    )
