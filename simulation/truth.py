"""What is really so: the expected value of every metric for a design and a mix of people, without simulating.

A visit is a small tree (see `behaviour`), so the expected counts are products of its probabilities. The expected
amount of an order is an exact enumeration: all ordered choices of one to three dishes of a menu, times all portions,
with the restaurant's minimum order applied, averaged over the restaurants of the list from which people choose.

A metric is taken over the units exposed to a feature: those who come to its page, counting what they do from that
page on (the click that led to the page came before).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from functools import lru_cache
from itertools import permutations, product

import numpy as np

from simulation.behaviour import MOST_DISHES, MOST_PORTIONS, Chances, Shown, chances
from simulation.catalogue import Catalogue, Menu
from simulation.personas import PERSONAS, Persona, shares

SURFACES: dict[str, str] = {
    "home-hero-banner": "home",
    "category-navigation": "home",
    "search-result-item": "search",
    "arrival-time": "search",
    "add-to-cart-button": "restaurant",
    "price-tag": "restaurant",
    "checkout-button": "cart",
    "driver-marker": "tracking",
}


class UnknownMetricError(ValueError):
    """A metric whose true value is not known."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Expected numbers for each visitor of the shop, counted from the exposure on.

    Attributes:
        exposed: Comes to the page.
        clicked: Clicks at least once.
        carted: Puts something in the cart at least once.
        orders: Orders.
        refunds: Refunds.
        clicks: Clicks.
        pages: Pages seen, the one of the exposure included.
        revenue: Order amounts in won.
    """

    exposed: float = 0.0
    clicked: float = 0.0
    carted: float = 0.0
    orders: float = 0.0
    refunds: float = 0.0
    clicks: float = 0.0
    pages: float = 0.0
    revenue: float = 0.0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    def __mul__(self, weight: float) -> Tally:
        return Tally(*(weight * getattr(self, field.name) for field in fields(self)))


METRICS: dict[str, tuple[str, str]] = {
    "ctr": ("clicked", "exposed"),
    "cvr": ("orders", "exposed"),
    "cart-rate": ("carted", "exposed"),
    "arpu": ("revenue", "exposed"),
    "orders": ("orders", "exposed"),
    "session-depth": ("pages", "exposed"),
    "aov": ("revenue", "orders"),
    "clicks-per-view": ("clicks", "pages"),
    "refund-rate": ("refunds", "orders"),
}


def expected(
    *, metric: str, feature: str, shown: Shown, mix: Mapping[str, float], catalogue: Catalogue
) -> float | None:
    """Return a metric's expected value over the units exposed to a feature.

    Args:
        metric: A key of ``METRICS``.
        feature: The feature whose page exposes; see ``SURFACES``.
        shown: The value of every feature that differs from its default, by feature key.
        mix: The personas' shares in per cent.
        catalogue: What the shop offers.

    Returns:
        The value (a ratio of expected sums for ratio metrics), or None where its denominator is 0.

    Raises:
        UnknownMetricError: For a metric or feature that is not listed.
    """
    if metric not in METRICS or feature not in SURFACES:
        raise UnknownMetricError(f"The truth of {metric} on {feature} is not known.")
    total = tally(feature=feature, shown=shown, mix=mix, catalogue=catalogue)
    above, below = METRICS[metric]
    divisor: float = getattr(total, below)
    return float(getattr(total, above)) / divisor if divisor else None


def lift(
    *,
    metric: str,
    feature: str,
    control: Mapping[str, object],
    treatment: Mapping[str, object],
    mix: Mapping[str, float],
    catalogue: Catalogue,
    live: Shown | None = None,
) -> float | None:
    """Return the true relative difference of the treatment's metric from the control's, or None (see `expected`).

    Args:
        metric: A key of ``METRICS``.
        feature: The feature under test.
        control: The feature's value in the control.
        treatment: The feature's value in the treatment.
        mix: The personas' shares in per cent.
        catalogue: What the shop offers.
        live: The values of the other features, where they differ from their defaults.
    """
    before, after = (
        expected(metric=metric, feature=feature, shown={**(live or {}), feature: value}, mix=mix, catalogue=catalogue)
        for value in (control, treatment)
    )
    return after / before - 1 if before and after is not None else None


def tally(*, feature: str, shown: Shown, mix: Mapping[str, float], catalogue: Catalogue) -> Tally:
    """Return the expected numbers for each visitor of the shop, over the mix of people."""
    total = Tally()
    for persona, share in zip(PERSONAS, shares(mix), strict=True):
        if share:
            total += persona_tally(persona=persona, feature=feature, shown=shown, catalogue=catalogue) * share
    return total


def persona_tally(*, persona: Persona, feature: str, shown: Shown, catalogue: Catalogue) -> Tally:
    """Return the expected numbers for each visitor of one persona."""
    odds = chances(persona, shown)
    browse, led = 1 - odds.search, odds.hero + odds.category
    routes = _Routes(
        listed=odds.search + browse * odds.click * led,
        home=browse * odds.click * (1 - led),
        hero=browse * odds.click * odds.hero * odds.listing,
        category=browse * odds.click * odds.category * odds.listing,
        search=odds.search * odds.result,
    )
    worth = _order_worth(odds, routes, catalogue)
    return _FROM[SURFACES[feature]](odds, routes, worth)


@dataclass(frozen=True, slots=True)
class _Routes:
    """P(comes to a list of results), and P(opens a restaurant) by each route."""

    listed: float
    home: float
    hero: float
    category: float
    search: float

    @property
    def reached(self) -> float:
        return self.home + self.hero + self.category + self.search

    @property
    def from_list(self) -> float:
        return self.hero + self.category + self.search


def _from_tracking(odds: Chances, routes: _Routes, worth: float) -> Tally:
    orders = routes.reached * odds.cart * odds.checkout
    return Tally(exposed=orders, refunds=orders * odds.refund, pages=orders * (1 + odds.again))


def _from_cart(odds: Chances, routes: _Routes, worth: float) -> Tally:
    after = _from_tracking(odds, routes, worth)
    carted = routes.reached * odds.cart
    return Tally(
        exposed=carted,
        orders=after.exposed,
        refunds=after.refunds,
        pages=carted + after.pages,
        revenue=after.exposed * worth,
    )


def _from_restaurant(odds: Chances, routes: _Routes, worth: float) -> Tally:
    after = _from_cart(odds, routes, worth)
    further = odds.more + odds.more**2
    reached = routes.reached
    return after + Tally(
        exposed=reached - after.exposed,
        clicked=reached * odds.more,
        carted=after.exposed,
        clicks=reached * further,
        pages=reached * (1 + further),
    )


def _from_search(odds: Chances, routes: _Routes, worth: float) -> Tally:
    share = routes.from_list / routes.reached
    after = _from_restaurant(odds, routes, worth) * share
    return after + Tally(
        exposed=routes.listed - after.exposed,
        clicked=routes.from_list - after.clicked,
        clicks=routes.from_list,
        pages=routes.listed,
    )


def _from_home(odds: Chances, routes: _Routes, worth: float) -> Tally:
    after = _from_restaurant(odds, routes, worth)
    browse = 1 - odds.search
    clicked = browse * odds.click + odds.search * odds.result
    return after + Tally(
        exposed=1 - after.exposed,
        clicked=clicked - after.clicked,
        clicks=clicked + routes.hero + routes.category,
        pages=1 + routes.listed,
    )


_FROM = {
    "home": _from_home,
    "search": _from_search,
    "restaurant": _from_restaurant,
    "cart": _from_cart,
    "tracking": _from_tracking,
}


def _order_worth(odds: Chances, routes: _Routes, catalogue: Catalogue) -> float:
    """Return the expected amount of an order, over the routes by which people came to the restaurant."""
    worth = [menu_worth(menu, odds.dish, odds.portion) for menu in catalogue.menus]

    def mean(lists: Sequence[tuple[int, ...]]) -> float:
        return float(np.mean([np.mean([worth[index] for index in listed]) for listed in lists]))

    total = (
        routes.home * mean([catalogue.home])
        + routes.hero * mean([catalogue.hero])
        + routes.category * mean([listing.members for listing in catalogue.categories])
        + routes.search * mean([listing.members for listing in catalogue.searches])
    )
    return total / routes.reached


@lru_cache(maxsize=4096)
def menu_worth(menu: Menu, dish: float, portion: float) -> float:
    """Return the expected amount of an order from a menu, the delivery fee included.

    >>> menu_worth(Menu("r", ("r-1",), (10_000,), minimum=0, fee=3_000), dish=0.0, portion=0.5)
    20500.0
    """
    dishes = _lengths(dish, min(MOST_DISHES, len(menu.prices)))
    each = _lengths(portion, MOST_PORTIONS)
    total = 0.0
    for (count, portions), amount in _amounts(menu).items():
        if count <= len(dishes):
            total += dishes[count - 1] * float(np.prod([each[k - 1] for k in portions])) * amount
    return total + menu.fee


def _lengths(probability: float, most: int) -> list[float]:
    """Return P(1), P(2) … P(most) of `behaviour.chain`."""
    above = [probability**k for k in range(most)] + [0.0]
    return [above[k] - above[k + 1] for k in range(most)]


@lru_cache(maxsize=512)
def _amounts(menu: Menu) -> dict[tuple[int, tuple[int, ...]], float]:
    """Return the mean subtotal over all ordered choices of dishes, by number of dishes and portions of each."""
    prices = np.array(menu.prices, dtype=np.int64)
    result: dict[tuple[int, tuple[int, ...]], float] = {}
    for count in range(1, min(MOST_DISHES, len(prices)) + 1):
        chosen = prices[np.array(list(permutations(range(len(prices)), count)), dtype=np.int64)]
        for portions in product(range(1, MOST_PORTIONS + 1), repeat=count):
            subtotal = chosen @ np.array(portions, dtype=np.int64)
            missing = np.maximum(menu.minimum - subtotal, 0)
            subtotal = subtotal + -(-missing // chosen[:, -1]) * chosen[:, -1]
            result[count, portions] = float(subtotal.mean())
    return result
