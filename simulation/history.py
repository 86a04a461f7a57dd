"""Thirty days of visits before the first experiment, with a crisis in the last three.

The people and their visits are those of `visits`; only their readiness to click and to buy is moved, by the same
log-odds for all, to the levels that the shop is said to have had.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from django.db import transaction
from django.utils import timezone
from numpy.typing import NDArray

from novarium.kernel import sql
from simulation import behaviour, traits
from simulation.arrivals import Rhythm
from simulation.behaviour import Chances, chances, cumulated, shifted
from simulation.calendar import midnight
from simulation.catalogue import Catalogue
from simulation.copying import EVENT_COLUMNS, copy_rows, event_ids, event_lines
from simulation.draws import Step, draws, unit_ids
from simulation.emission import Events, events, timeline
from simulation.files import write_csv
from simulation.past_menus import whole_catalogue
from simulation.personas import DEFAULT_MIX, PERSONAS, shares
from simulation.visits import visits

DAYS = 30
CRISIS_DAYS = 3
VISITS_A_DAY = 500
CTR, CRISIS_CTR, BUY = 0.15, 0.04, 0.20
PEOPLE = 6_000  # who visited at all; the first thousand are the registered customers of the same seed
_WEEK = (0.92, 0.94, 0.96, 1.0, 1.12, 1.1, 0.96)  # Monday first
_PAST_VISIT = 1 << 40  # visits of the past take numbers that no visitor of a run has


@dataclass(frozen=True, slots=True)
class Written:
    """How much was written."""

    visits: int
    events: int


def make(*, seed: int, end: date) -> Written:
    """Replace the history, in the warehouse and in ab_test_logs.csv.

    Args:
        seed: The same seed, end and menus give the same rows, byte for byte.
        end: The day after the last.

    Raises:
        Conflict: The shop sells nothing yet.
    """
    at, crisis = _arrivals(seed, end)
    people = _people(seed, len(at))
    units = unit_ids(seed=seed, first=0, count=PEOPLE)
    rows = _events(seed, at, crisis, people, whole_catalogue())
    lines = event_lines(
        rows,
        units=[units[person] for person in people.tolist()],
        ids=event_ids(rows.at, seed=seed, first=_PAST_VISIT),
    )
    cells = [line.split("\t") for line in lines]
    with transaction.atomic():
        sql.execute("simulation/sql/clear_history.sql")
        copy_rows(
            table="warehouse.simulation_historyevent",
            columns=(*EVENT_COLUMNS, "received_at"),
            lines=(f"{line}\t{row[1]}" for line, row in zip(lines, cells, strict=True)),
        )
        _keep_units(seed, units)
    write_csv("ab_test_logs.csv", EVENT_COLUMNS, (["" if cell == r"\N" else cell for cell in row] for row in cells))
    return Written(len(at), len(rows))


def _arrivals(seed: int, end: date) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return when each visit begins, in the order of days, and whether it falls into the crisis."""
    generator = np.random.Generator(np.random.Philox(key=np.array([seed, 0x48697374], dtype=np.uint64)))
    moments, crisis = [], []
    for back in range(DAYS, 0, -1):
        day = end - timedelta(days=back)
        count = generator.poisson(VISITS_A_DAY * _WEEK[day.weekday()])
        rhythm = Rhythm(
            start=midnight(day), end=midnight(day + timedelta(days=1)), zone=timezone.get_default_timezone()
        )
        moments.append(rhythm.moments(generator.random(count)))
        crisis.append(np.full(count, back <= CRISIS_DAYS))
    return np.concatenate(moments), np.concatenate(crisis)


def _people(seed: int, count: int) -> NDArray[np.int64]:
    """Return who makes each visit: some come often, most once or twice."""
    numbers = draws(seed=seed, first=_PAST_VISIT, count=count)[:, Step.ARRIVAL]
    return (numbers**1.6 * PEOPLE).astype(np.int64)


def _personas(numbers: NDArray[np.float64]) -> NDArray[np.int64]:
    edges = cumulated(shares(DEFAULT_MIX))
    return np.minimum(np.searchsorted(edges, numbers[:, Step.PERSONA], side="right"), len(PERSONAS) - 1)


def _keep_units(seed: int, units: list[str]) -> None:
    """Keep the visitors' attributes; their past is that of the history itself and of the customers."""
    numbers = draws(seed=seed, first=0, count=PEOPLE)
    told = [traits.COMBINATIONS[number] for number in traits.combinations(numbers, _personas(numbers)).tolist()]
    devices, languages, cities, _pasts = zip(*told, strict=True)
    columns = {"units": units, "devices": list(devices), "languages": list(languages), "cities": list(cities)}
    zone = timezone.get_default_timezone_name()
    sql.execute("simulation/sql/keep_history_units.sql", {**columns, "zone": zone})


def _events(
    seed: int, at: NDArray[np.int64], crisis: NDArray[np.bool_], people: NDArray[np.int64], catalogue: Catalogue
) -> Events:
    numbers = draws(seed=seed, first=_PAST_VISIT, count=len(at))
    persona = _personas(draws(seed=seed, first=0, count=PEOPLE))[people]
    usual, low = past_chances(ctr=CTR, buy=BUY), past_chances(ctr=CRISIS_CTR, buy=BUY)
    odds = np.where(crisis[:, None], behaviour.table(low)[persona], behaviour.table(usual)[persona])
    orders = [f"H{seed}-{visit:06d}" for visit in range(len(at))]
    seen = visits(numbers=numbers, odds=odds, catalogue=catalogue)
    return events(seen=seen, times=timeline(numbers, at), orders=orders, catalogue=catalogue)


def past_chances(*, ctr: float, buy: float) -> list[Chances]:
    """Return each persona's probabilities in a shop with this CTR, and this share of orders among those who click.

    The log-odds of a click, and of filling and of ordering a cart, move by the same for all personas.
    """
    mix = shares(DEFAULT_MIX)

    def clicking(move: float) -> list[Chances]:
        rows = [chances(persona, {}) for persona in PERSONAS]
        return [row._replace(click=shifted(row.click, move), result=shifted(row.result, move)) for row in rows]

    def buying(rows: list[Chances], move: float) -> list[Chances]:
        return [row._replace(cart=shifted(row.cart, move), checkout=shifted(row.checkout, move)) for row in rows]

    def click_rate(move: float) -> float:
        return sum(share * row.click for share, row in zip(mix, clicking(move), strict=True))

    clicked = clicking(_solve(click_rate, ctr))

    def order_rate(move: float) -> float:
        return sum(
            share * row.click * persona.reach * row.cart * row.checkout
            for share, row, persona in zip(mix, buying(clicked, move), PERSONAS, strict=True)
        )

    return buying(clicked, _solve(order_rate, ctr * buy))


def _solve(rate: Callable[[float], float], wanted: float) -> float:
    """Return where a rising function of log-odds takes the wanted value, by bisection."""
    low, high = -20.0, 20.0
    for _step in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rate(middle) < wanted else (low, middle)
    return (low + high) / 2
