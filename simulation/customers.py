"""A thousand made-up customers and what they ordered in their first ninety days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db import transaction
from django.utils import timezone
from faker import Faker
from numpy.typing import NDArray

from novarium.kernel import sql
from simulation.arrivals import Rhythm
from simulation.behaviour import cumulated
from simulation.calendar import midnight
from simulation.copying import copy_rows, escaped, timestamps
from simulation.draws import Step, draws, unit_ids
from simulation.files import write_csv
from simulation.personas import DEFAULT_MIX, PERSONAS, shares

CUSTOMERS = 1_000
ORDERS = 10_000
DAYS = 90
CATEGORIES = ("korean", "chicken", "pizza", "burger", "japanese", "chinese", "cafe", "healthy")
_POPULARITY = (0.22, 0.2, 0.12, 0.12, 0.1, 0.09, 0.09, 0.06)
# Orders of a customer of each persona, relative to the others.
_APPETITE = (0.4, 1.6, 1.1, 1.9, 0.5)
CUSTOMER_COLUMNS = ("number", "unit_id", "name", "email", "locale", "persona", "joined_at")
ORDER_COLUMNS = ("number", "customer_id", "placed_at", "category", "items", "amount", "refunded")

Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows were written."""

    customers: int
    orders: int


def make(*, seed: int, end: date) -> Written:
    """Replace the made-up customers and orders, in the warehouse and in users.csv and orders.csv.

    Args:
        seed: The same seed and end give the same rows, byte for byte.
        end: The day after the last; everything happened in the ninety days before it.
    """
    rhythm = Rhythm(start=midnight(end - timedelta(days=DAYS)), end=midnight(end), zone=timezone.get_default_timezone())
    generator = np.random.Generator(np.random.Philox(key=np.array([seed, 0x43757374], dtype=np.uint64)))
    numbers = draws(seed=seed, first=0, count=CUSTOMERS)
    edges = cumulated(shares(DEFAULT_MIX))
    persona = np.minimum(np.searchsorted(edges, numbers[:, Step.PERSONA], side="right"), len(PERSONAS) - 1)
    joined = np.sort(rhythm.moments(generator.random(CUSTOMERS)))
    customers = _customers(seed, persona, joined)
    orders = _orders(generator, rhythm, persona, joined)
    _store(customers, orders)
    write_csv("users.csv", CUSTOMER_COLUMNS, customers)
    write_csv("orders.csv", ORDER_COLUMNS, orders)
    return Written(len(customers), len(orders))


def _customers(seed: int, persona: NDArray[np.int64], joined: NDArray[np.int64]) -> Rows:
    names = {locale: Faker(locale) for locale in ("ko_KR", "en_US")}
    for place, fake in enumerate(names.values()):
        fake.seed_instance(seed * 2 + place)
    rows: Rows = []
    units = unit_ids(seed=seed, first=0, count=CUSTOMERS)
    for index, (unit, at) in enumerate(zip(units, timestamps(joined), strict=True)):
        locale = "en_US" if index % 10 < 3 else "ko_KR"  # three in ten write in English
        number = f"C{index + 1:05d}"
        name = names[locale].name()
        rows.append((number, unit, name, f"{number.lower()}@example.com", locale, PERSONAS[persona[index]].key, at))
    return rows


def _orders(
    generator: np.random.Generator, rhythm: Rhythm, persona: NDArray[np.int64], joined: NDArray[np.int64]
) -> Rows:
    """Return orders in the order of time; a customer orders by appetite, loyalty and time since joining."""
    before = rhythm.shares(joined)
    rate = np.array(_APPETITE)[persona] * generator.lognormal(0.0, 0.6, CUSTOMERS) * (1 - before)
    owner = np.repeat(np.arange(CUSTOMERS), generator.poisson(ORDERS * rate / rate.sum()))
    at = rhythm.moments(before[owner] + generator.random(len(owner)) * (1 - before[owner]))
    at = np.maximum(at, joined[owner])
    order = np.argsort(at, kind="stable")
    owner, at = owner[order], at[order]
    items = 1 + generator.poisson(0.9, len(owner))
    amount = np.round(generator.lognormal(9.45, 0.35, len(owner)) * items**0.8 / 100).astype(np.int64) * 100
    category = generator.choice(len(CATEGORIES), len(owner), p=_POPULARITY)
    refunded = generator.random(len(owner)) < np.array([item.refund for item in PERSONAS])[persona[owner]]
    return [
        (f"O{n + 1:07d}", f"C{who + 1:05d}", moment, CATEGORIES[kind], str(count), str(total), "t" if back else "f")
        for n, (who, moment, kind, count, total, back) in enumerate(
            zip(
                owner.tolist(), timestamps(at), category.tolist(), items.tolist(), amount.tolist(), refunded.tolist(),
                strict=True,
            )
        )
    ]  # fmt: skip


def _store(customers: Rows, orders: Rows) -> None:
    with transaction.atomic():
        sql.execute("simulation/sql/clear_customers.sql")
        for table, columns, rows in (
            ("warehouse.simulation_customer", CUSTOMER_COLUMNS, customers),
            ("warehouse.simulation_customerorder", ORDER_COLUMNS, orders),
        ):
            copy_rows(table=table, columns=columns, lines=("\t".join(map(escaped, row)) for row in rows))
