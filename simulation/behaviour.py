"""What a visitor does: the probability of each step from what is shown, and the choices from the visitor's numbers.

A visit, step by step (in brackets the probability, and the page whose design moves it):

1. The visitor opens the home page and, by habit, searches or browses (`search`).
2. Browsing: clicks the hero, a category or a restaurant of the list (`click`, home). Hero and category show another
   list, from which the visitor opens a restaurant (`listing`). Searching: opens a result (`result`, search).
3. Looks at up to two more restaurants of the same list (`more`).
4. Puts one to three dishes of the last restaurant, one to three portions each, in the cart (`cart` and `dish`,
   restaurant); the dearest dish's portions are raised until the restaurant's minimum order is met. Opens the cart.
5. Orders (`checkout`, cart) and watches the order's tracking page, perhaps once again (`again`, tracking).
6. Perhaps asks for a refund (`refund`).

Only restaurants that are open take part, as nobody can order from a closed one.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import add
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulation.appeal import Shifts, shifts
from simulation.draws import Step
from simulation.personas import Persona

Shown = Mapping[str, Mapping[str, Any]]

MOST_RESTAURANTS = 3
MOST_DISHES = 3
MOST_PORTIONS = 3


class Chances(NamedTuple):
    """The probability of each step of a persona's visit, given what the shop shows."""

    search: float
    click: float
    hero: float
    category: float
    result: float
    listing: float
    more: float
    cart: float
    dish: float
    portion: float
    checkout: float
    again: float
    refund: float


class Picked(NamedTuple):
    """A dish that goes into the cart: its place on the menu and the portions."""

    dish: int
    portions: int


def chances(persona: Persona, shown: Shown) -> Chances:
    """Return the persona's probabilities for the feature values shown.

    Args:
        persona: Who.
        shown: The value of each feature that differs from its default, by feature key.

    >>> from simulation.personas import BY_KEY
    >>> chances(BY_KEY["mission"], {}).click
    0.15
    """
    moved = reduce(add, (shifts(key, value, persona.taste) for key, value in shown.items()), Shifts())
    return Chances(
        search=persona.search,
        click=shifted(persona.click, moved.click),
        hero=persona.hero,
        category=persona.category,
        result=shifted(persona.click, moved.result),
        listing=persona.listing,
        more=persona.more,
        cart=shifted(persona.cart, moved.cart),
        dish=shifted(persona.dish, moved.dish),
        portion=persona.portion,
        checkout=shifted(persona.checkout, moved.checkout),
        again=shifted(persona.again, moved.again),
        refund=shifted(persona.refund, moved.refund),
    )


def shifted(probability: float, log_odds: float) -> float:
    """Return the probability after its log-odds moved.

    >>> shifted(0.5, math.log(3))
    0.75
    """
    if log_odds == 0:
        return probability
    return 1 / (1 + (1 - probability) / probability * math.exp(-log_odds))


def pick(number: float, count: int) -> int:
    """Return one of ``count`` places, each equally likely."""
    return min(int(number * count), count - 1)


def persona_of(number: float, edges: Sequence[float]) -> int:
    """Return the index of the persona whose stretch of the cumulated shares holds the number."""
    return min(bisect_right(edges, number), len(edges) - 1)


def chain(number: float, probability: float, most: int) -> int:
    """Return 1 plus the successes in a row of a repeated yes-or-no, at most ``most``, from a single number.

    P(result > k) = probability ** k, so the number is compared with powers of the probability.

    >>> [chain(number, 0.5, 3) for number in (0.6, 0.4, 0.2)]
    [1, 2, 3]
    """
    length, power = 1, probability
    while length < most and number < power:
        length, power = length + 1, power * probability
    return length


def basket(row: Sequence[float], odds: Chances, prices: Sequence[int], minimum: int) -> list[Picked]:
    """Return what a visitor puts in the cart.

    Args:
        row: The visitor's numbers by ``Step``.
        odds: The visitor's probabilities.
        prices: The dishes' prices in the menu's order.
        minimum: The least subtotal that the restaurant delivers.
    """
    count = min(chain(row[Step.DISHES], odds.dish, MOST_DISHES), len(prices))
    dishes: list[int] = []
    for k in range(count):
        place = pick(row[Step.DISH_1 + k], len(prices) - k)
        for earlier in sorted(dishes):
            place += place >= earlier
        dishes.append(place)
    portions = [chain(row[Step.PORTIONS_1 + k], odds.portion, MOST_PORTIONS) for k in range(count)]
    subtotal = sum(prices[dish] * portion for dish, portion in zip(dishes, portions, strict=True))
    dearest = max(range(count), key=lambda k: prices[dishes[k]])
    portions[dearest] += -(-max(minimum - subtotal, 0) // prices[dishes[dearest]])
    return [Picked(dish, portion) for dish, portion in zip(dishes, portions, strict=True)]


def cumulated(shares: Sequence[float]) -> tuple[float, ...]:
    """Return the upper edges of the personas' stretches of [0, 1)."""
    return tuple(float(edge) for edge in np.cumsum(np.asarray(shares, dtype=np.float64)))


def table(rows: Sequence[Chances]) -> NDArray[np.float64]:
    """Return probabilities as a matrix, one row for each of ``rows``, columns in the order of ``Chances``."""
    return np.array([tuple(row) for row in rows], dtype=np.float64)
