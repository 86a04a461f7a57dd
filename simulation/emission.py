"""The events of many visits, as the shop would have recorded them, in columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulation.catalogue import Catalogue
from simulation.draws import Step
from simulation.visits import CATEGORY, HERO, Flags, Floats, Integers, Visits

SECOND = 1_000_000  # microseconds
MILLISECOND = 1_000  # a click comes before the page to which it leads, and so before the exposure there
NO_AMOUNT = -1

_PAGE_FEATURES = {
    "home": (("hero", "home-hero-banner"), ("categories", "category-navigation")),
    "search": (("search_result", "search-result-item"), ("arrival_time", "arrival-time")),
    "restaurant": (("price", "price-tag"), ("add_to_cart", "add-to-cart-button")),
    "cart": (("checkout", "checkout-button"),),
    "tracking": (("driver", "driver-marker"),),
}


_FROM_LIST = {"component": "list", "page": "restaurant"}
_FROM_SEARCH = {"component": "search", "page": "restaurant", "feature": "search-result-item"}


@dataclass(frozen=True, slots=True)
class Timeline:
    """When each visitor comes to each step, in microseconds since 1970; meaningless for steps not taken."""

    home: Integers
    results: Integers
    restaurants: Integers
    cart: Integers
    checkout: Integers
    tracking: Integers
    again: Integers

    def of(self, surface: str) -> Integers:
        """Return when the first page of a surface is seen."""
        return {
            "home": self.home,
            "search": self.results,
            "restaurant": self.restaurants[:, 0],
            "cart": self.cart,
            "tracking": self.tracking,
        }[surface]


def timeline(numbers: Floats, arrived: Integers) -> Timeline:
    """Return the visitors' times: pauses of 2 to 60 seconds between the steps."""
    pauses = np.minimum(2 - 9 * np.log1p(-numbers[:, Step.PAUSE_1 : Step.PAUSE_8 + 1]), 60)
    times = arrived[:, None] + np.cumsum(pauses * SECOND, axis=1).astype(np.int64)
    return Timeline(
        home=arrived,
        results=times[:, 0],
        restaurants=times[:, 1:4],
        cart=times[:, 4] + 5 * SECOND,
        checkout=times[:, 5] + 5 * SECOND,
        tracking=times[:, 5] + 6 * SECOND,
        again=times[:, 6] + 6 * SECOND,
    )


def exposed(seen: Visits, surface: str) -> Flags:
    """Return who came to a page of the surface."""
    return {
        "home": np.ones(len(seen.clicked), dtype=np.bool_),
        "search": seen.searched,
        "restaurant": seen.opened > 0,
        "cart": seen.carted,
        "tracking": seen.ordered,
    }[surface]


@dataclass(slots=True)
class Events:
    """Event columns; a row's name and properties are ``kinds[kind]``.

    Attributes:
        visitor: Index of the visitor.
        at: Microseconds since 1970.
        kind: Index into ``kinds``.
        amount: Won, or ``NO_AMOUNT``.
        kinds: (name, properties as JSON).
    """

    visitor: Integers
    at: Integers
    kind: Integers
    amount: Integers
    kinds: list[tuple[str, str]]

    def __len__(self) -> int:
        return len(self.at)


@dataclass(slots=True)
class _Collector:
    parts: list[tuple[Integers, Integers, Integers, Integers]] = field(default_factory=list)
    kinds: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, who: Flags, at: Integers, name: str, **properties: object) -> None:
        """Add the same event for everybody in ``who``."""
        visitor = np.flatnonzero(who)
        kind = np.full(len(visitor), self.kind(name, properties), dtype=np.int64)
        self.parts.append((visitor, at[visitor], kind, np.full(len(visitor), NO_AMOUNT, dtype=np.int64)))

    def add_each(
        self, visitor: Integers, at: Integers, name: str, properties: Iterator[dict[str, object]], amount: Integers
    ) -> None:
        """Add an event with properties of its own for each of the visitors."""
        kind = np.array([self.kind(name, item) for item in properties], dtype=np.int64)
        self.parts.append((visitor, at[visitor], kind, amount))

    def kind(self, name: str, properties: dict[str, object]) -> int:
        key = (name, json.dumps(properties, separators=(",", ":")))
        return self.kinds.setdefault(key, len(self.kinds))

    def page(self, who: Flags, at: Integers, page: str) -> None:
        """Add a page with the components that it shows."""
        self.add(who, at, "page_view", page=page)
        for component, feature in _PAGE_FEATURES[page]:
            self.add(who, at, "impression", component=component, feature=feature)

    def finish(self) -> Events:
        """Return everything in the order of time."""
        visitor, at, kind, amount = (np.concatenate(columns) for columns in zip(*self.parts, strict=True))
        order = np.argsort(at, kind="stable")
        return Events(visitor[order], at[order], kind[order], amount[order], list(self.kinds))


def events(*, seen: Visits, times: Timeline, orders: list[str], catalogue: Catalogue) -> Events:
    """Return what the shop records of the visits.

    Args:
        seen: The visits.
        times: When each step happens.
        orders: The number that each visitor's order would get, shape (N,).
        catalogue: What the shop offers.
    """
    out = _Collector()
    everybody = np.ones(len(times.home), dtype=np.bool_)
    out.page(everybody, times.home, "home")
    _searches(out, seen, times, catalogue)
    _restaurants(out, seen, times, catalogue)
    _carts(out, seen, times, catalogue)
    _orders(out, seen, times, orders, catalogue)
    return out.finish()


def _searches(out: _Collector, seen: Visits, times: Timeline, catalogue: Catalogue) -> None:
    hero, category = (seen.led & (seen.route == route) for route in (HERO, CATEGORY))
    clicked = times.results - MILLISECOND
    out.add(hero, clicked, "click", component="hero", page="home", target="", feature="home-hero-banner")
    for place, listing in enumerate(catalogue.categories):
        who = category & (seen.offered == 2 + place)
        out.add(
            who, clicked, "click",
            component="categories", page="home", target=listing.key, feature="category-navigation",
        )  # fmt: skip
    out.page(seen.led, times.results, "home")
    first = 2 + len(catalogue.categories)
    for place, listing in enumerate(catalogue.searches):
        who = seen.searched & (seen.offered == first + place)
        out.add(who, times.results, "search", query=listing.key, results=len(listing.members))
    out.page(seen.searched, times.results, "search")


def _restaurants(out: _Collector, seen: Visits, times: Timeline, catalogue: Catalogue) -> None:
    for place in range(times.restaurants.shape[1]):
        opened, at = seen.opened > place, times.restaurants[:, place]
        for who, link in ((opened & ~seen.searched, _FROM_LIST), (opened & seen.searched, _FROM_SEARCH)):
            visitor = np.flatnonzero(who)
            found = (catalogue.menus[index].restaurant for index in seen.restaurants[visitor, place])
            targets: Iterator[dict[str, object]] = ({**link, "target": key} for key in found)
            out.add_each(visitor, at - MILLISECOND, "click", targets, np.full(len(visitor), NO_AMOUNT, dtype=np.int64))
        out.page(opened, at, "restaurant")


def _carts(out: _Collector, seen: Visits, times: Timeline, catalogue: Catalogue) -> None:
    last = _last(seen)
    for place in range(seen.dishes.shape[1]):
        visitor = np.flatnonzero(seen.dishes[:, place] >= 0)
        at = times.cart - (4 - place) * SECOND
        added: Iterator[dict[str, object]] = (
            {
                "dish": menu.dishes[dish],
                "restaurant": menu.restaurant,
                "quantity": int(portions),
                "price": menu.prices[dish],
            }
            for menu, dish, portions in zip(
                (catalogue.menus[index] for index in last[visitor]),
                seen.dishes[visitor, place],
                seen.portions[visitor, place],
                strict=True,
            )
        )
        out.add_each(visitor, at, "add_to_cart", added, np.full(len(visitor), NO_AMOUNT, dtype=np.int64))
        out.page(seen.dishes[:, place] >= 0, at, "restaurant")
    out.page(seen.carted, times.cart, "cart")


def _orders(out: _Collector, seen: Visits, times: Timeline, orders: list[str], catalogue: Catalogue) -> None:
    visitor = np.flatnonzero(seen.ordered)
    items, amount, last = seen.portions.sum(axis=1)[visitor], seen.amount[visitor], _last(seen)[visitor]
    none = np.full(len(visitor), NO_AMOUNT, dtype=np.int64)
    sums: Iterator[dict[str, object]] = (
        {"items": int(count), "total": int(total)} for count, total in zip(items, amount, strict=True)
    )
    out.add_each(visitor, times.checkout, "checkout", sums, none)
    bought: Iterator[dict[str, object]] = (
        {"order": orders[n], "restaurant": catalogue.menus[menu].restaurant, "items": int(count)}
        for n, menu, count in zip(visitor, last, items, strict=True)
    )
    out.add_each(visitor, times.checkout, "purchase", bought, amount)
    out.page(seen.ordered, times.tracking, "tracking")
    out.page(seen.tracked > 1, times.again, "tracking")
    back = np.flatnonzero(seen.refunded)
    refunds: Iterator[dict[str, object]] = ({"order": orders[n], "reason": "quality"} for n in back)
    out.add_each(back, times.again + 30 * SECOND, "refund", refunds, seen.amount[back])
    out.page(seen.refunded, times.again + 30 * SECOND, "tracking")


def _last(seen: Visits) -> NDArray[np.int64]:
    """Return the restaurant that was opened last."""
    return np.take_along_axis(seen.restaurants, np.maximum(seen.opened - 1, 0)[:, None], axis=1)[:, 0]
