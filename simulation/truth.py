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
    routes = _routes(odds, catalogue)
    surface = SURFACES[feature]
    taken = [routes["search"]] if surface == "search" else list(routes.values())
    return _FROM[surface](odds, _merge(taken, odds))


@dataclass(frozen=True, slots=True)
class _Visitors:
    """Those who open a restaurant: their share of all visitors, and what an order of theirs is worth.

    Attributes:
        share: P(opens a restaurant).
        worth: Expected amount of an order.
        dishes: Expected number of dishes put in the cart.
    """

    share: float
    worth: float
    dishes: float


@dataclass(frozen=True, slots=True)
class _Route:
    """A way to a restaurant: P(takes it), and the lists, each equally likely, from which the restaurant is chosen."""

    probability: float
    lists: tuple[tuple[Menu, ...], ...]


def _routes(odds: Chances, catalogue: Catalogue) -> dict[str, _Route]:
    """Return the ways to a restaurant."""
    clicks = (1 - odds.search) * odds.click

    def route(probability: float, *lists: tuple[int, ...]) -> _Route:
        return _Route(probability, tuple(tuple(catalogue.menus[index] for index in members) for members in lists))

    return {
        "home": route(clicks * (1 - odds.hero - odds.category), catalogue.home),
        "hero": route(clicks * odds.hero * odds.listing, catalogue.hero),
        "category": route(clicks * odds.category * odds.listing, *(item.members for item in catalogue.categories)),
        "search": route(odds.search * odds.result, *(item.members for item in catalogue.searches)),
    }


def _merge(routes: Sequence[_Route], odds: Chances) -> _Visitors:
    """Return the visitors of several routes together."""
    share = worth = dishes = 0.0
    for route in routes:
        share += route.probability
        for menus in route.lists:
            weight = route.probability / len(route.lists) / len(menus)
            worth += weight * sum(menu_worth(menu, odds.dish, odds.portion) for menu in menus)
            dishes += weight * sum(menu_dishes(menu, odds.dish) for menu in menus)
    return _Visitors(share, worth / share, dishes / share)


def _from_tracking(odds: Chances, visitors: _Visitors) -> Tally:
    orders = visitors.share * odds.cart * odds.checkout
    return Tally(exposed=orders, refunds=orders * odds.refund, pages=orders * (1 + odds.again + odds.refund))


def _from_cart(odds: Chances, visitors: _Visitors) -> Tally:
    after = _from_tracking(odds, visitors)
    carted = visitors.share * odds.cart
    return Tally(
        exposed=carted,
        orders=after.exposed,
        refunds=after.refunds,
        pages=carted + after.pages,
        revenue=after.exposed * visitors.worth,
    )


def _from_restaurant(odds: Chances, visitors: _Visitors) -> Tally:
    after = _from_cart(odds, visitors)
    further = odds.more + odds.more**2
    return after + Tally(
        exposed=visitors.share - after.exposed,
        clicked=visitors.share * odds.more,
        carted=after.exposed,
        clicks=visitors.share * further,
        # Adding a dish shows the restaurant's page again.
        pages=visitors.share * (1 + further) + after.exposed * visitors.dishes,
    )


def _from_search(odds: Chances, visitors: _Visitors) -> Tally:
    after = _from_restaurant(odds, visitors)
    return after + Tally(
        exposed=odds.search - after.exposed,
        clicked=visitors.share - after.clicked,
        clicks=visitors.share,
        pages=odds.search,
    )


def _from_home(odds: Chances, visitors: _Visitors) -> Tally:
    after = _from_restaurant(odds, visitors)
    browse = (1 - odds.search) * odds.click
    led = browse * (odds.hero + odds.category)
    clicked = browse + odds.search * odds.result
    return after + Tally(
        exposed=1 - after.exposed,
        clicked=clicked - after.clicked,
        clicks=clicked + led * odds.listing,
        pages=1 + led + odds.search,
    )


_FROM = {
    "home": _from_home,
    "search": _from_search,
    "restaurant": _from_restaurant,
    "cart": _from_cart,
    "tracking": _from_tracking,
}


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


@lru_cache(maxsize=4096)
def menu_dishes(menu: Menu, dish: float) -> float:
    """Return the expected number of different dishes put in the cart from a menu."""
    return sum(k * p for k, p in enumerate(_lengths(dish, min(MOST_DISHES, len(menu.prices))), start=1))


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
        dearest = chosen.max(axis=1)
        for portions in product(range(1, MOST_PORTIONS + 1), repeat=count):
            subtotal = chosen @ np.array(portions, dtype=np.int64)
            missing = np.maximum(menu.minimum - subtotal, 0)
            subtotal = subtotal + -(-missing // dearest) * dearest
            result[count, portions] = float(subtotal.mean())
    return result
