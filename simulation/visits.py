"""The visits of many people at once: `behaviour` written for arrays, with the same numbers and the same outcomes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from simulation.behaviour import MOST_DISHES, MOST_PORTIONS, MOST_RESTAURANTS, Chances
from simulation.catalogue import Catalogue
from simulation.draws import Step

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

HERO, CATEGORY, LIST, SEARCH = range(4)
_COLUMN = {name: index for index, name in enumerate(Chances._fields)}


@dataclass(frozen=True, slots=True)
class Visits:
    """What N visitors did, one array each.

    Attributes:
        searched: Used the search box.
        clicked: Clicked at least once.
        route: HERO, CATEGORY, LIST or SEARCH: what was clicked first (also set where nothing was clicked).
        led: Came to a list of restaurants by the hero or a category.
        offered: Which list the restaurants were chosen from (see ``Lists``).
        opened: How many restaurants were opened, 0 to 3.
        restaurants: The restaurants opened, shape (N, 3); only the first ``opened`` count.
        carted: Put something in the cart (of the last restaurant).
        dishes: The places on the menu, shape (N, 3), -1 where there is none.
        portions: The portions of each, shape (N, 3).
        ordered: Ordered.
        amount: The order's total in won, 0 without an order.
        tracked: How many times the tracking page was seen, 0 to 2.
        refunded: Asked for a refund.
    """

    searched: Flags
    clicked: Flags
    route: Integers
    led: Flags
    offered: Integers
    opened: Integers
    restaurants: Integers
    carted: Flags
    dishes: Integers
    portions: Integers
    ordered: Flags
    amount: Integers
    tracked: Integers
    refunded: Flags


@dataclass(frozen=True, slots=True)
class Lists:
    """A catalogue's lists and menus laid end to end, to be indexed by arrays.

    The lists are numbered: the home page, the hero's, each category's, each search word's.
    """

    members: Integers
    starts: Integers
    sizes: Integers
    prices: Integers
    menu_starts: Integers
    menu_sizes: Integers
    minimums: Integers
    fees: Integers


@lru_cache(maxsize=8)
def lay_out(catalogue: Catalogue) -> Lists:
    """Return the catalogue's lists and menus laid end to end."""
    lists = catalogue.lists()
    menus = catalogue.menus
    return Lists(
        members=_join(lists),
        starts=_starts([len(listed) for listed in lists]),
        sizes=np.array([len(listed) for listed in lists], dtype=np.int64),
        prices=_join([menu.prices for menu in menus]),
        menu_starts=_starts([len(menu.prices) for menu in menus]),
        menu_sizes=np.array([len(menu.prices) for menu in menus], dtype=np.int64),
        minimums=np.array([menu.minimum for menu in menus], dtype=np.int64),
        fees=np.array([menu.fee for menu in menus], dtype=np.int64),
    )


def visits(*, numbers: Floats, odds: Floats, catalogue: Catalogue) -> Visits:
    """Return what the visitors do.

    Args:
        numbers: Each visitor's numbers by ``Step``, shape (N, WIDTH).
        odds: Each visitor's probabilities by ``Chances``, shape (N, len(Chances._fields)).
        catalogue: What the shop offers.
    """
    lists = lay_out(catalogue)

    def happens(step: Step, name: str) -> Flags:
        return numbers[:, step] < odds[:, _COLUMN[name]]

    searched = happens(Step.SEARCHES, "search")
    route = _route(numbers, odds, searched)
    clicked: Flags = np.where(searched, happens(Step.CLICK, "result"), happens(Step.CLICK, "click"))
    led = clicked & (route <= CATEGORY)
    reached = clicked & (~led | happens(Step.LISTING, "listing"))
    offered = _offered(numbers, route, catalogue)
    more = happens(Step.MORE_1, "more")
    opened = np.where(reached, 1 + more + (more & happens(Step.MORE_2, "more")), 0)
    restaurants = _restaurants(numbers, offered, lists)
    last = np.take_along_axis(restaurants, np.maximum(opened - 1, 0)[:, None], axis=1)[:, 0]
    carted = reached & happens(Step.CART, "cart")
    dishes, portions, subtotal = _baskets(numbers, odds, last, carted, lists)
    ordered = carted & happens(Step.CHECKOUT, "checkout")
    return Visits(
        searched=searched,
        clicked=clicked,
        route=route,
        led=led,
        offered=offered,
        opened=opened,
        restaurants=restaurants,
        carted=carted,
        dishes=dishes,
        portions=portions,
        ordered=ordered,
        amount=np.where(ordered, subtotal + lists.fees[last], 0),
        tracked=np.where(ordered, 1 + happens(Step.AGAIN, "again"), 0),
        refunded=ordered & happens(Step.REFUND, "refund"),
    )


def _route(numbers: Floats, odds: Floats, searched: Flags) -> Integers:
    hero = odds[:, _COLUMN["hero"]]
    target = numbers[:, Step.TARGET]
    browsing = np.where(target < hero, HERO, np.where(target < hero + odds[:, _COLUMN["category"]], CATEGORY, LIST))
    return np.where(searched, SEARCH, browsing)


def _offered(numbers: Floats, route: Integers, catalogue: Catalogue) -> Integers:
    """Return the number of the list from which the visitor chooses."""
    kinds = len(catalogue.categories)
    category = 2 + _pick(numbers[:, Step.CATEGORY], kinds)
    word = 2 + kinds + _pick(numbers[:, Step.QUERY], len(catalogue.searches))
    offered: Integers = np.choose(route, [np.full(len(route), 1), category, np.zeros(len(route), np.int64), word])
    return offered


def _restaurants(numbers: Floats, offered: Integers, lists: Lists) -> Integers:
    columns = numbers[:, Step.RESTAURANT_1 : Step.RESTAURANT_1 + MOST_RESTAURANTS]
    places = _pick(columns, lists.sizes[offered][:, None])
    found: Integers = lists.members[lists.starts[offered][:, None] + places]
    return found


def _baskets(
    numbers: Floats, odds: Floats, last: Integers, carted: Flags, lists: Lists
) -> tuple[Integers, Integers, Integers]:
    """Return dishes and portions, shape (N, 3), and the subtotal; all empty where nothing was put in the cart."""
    dishes = np.full((len(last), MOST_DISHES), -1, dtype=np.int64)
    portions = np.zeros((len(last), MOST_DISHES), dtype=np.int64)
    subtotal = np.zeros(len(last), dtype=np.int64)
    who = np.flatnonzero(carted)
    if len(who) == 0:
        return dishes, portions, subtotal
    row, menu = numbers[who], last[who]
    size = lists.menu_sizes[menu]
    count = np.minimum(_chain(row[:, Step.DISHES], odds[who, _COLUMN["dish"]], MOST_DISHES), size)
    chosen = choose_dishes(row[:, Step.DISH_1 : Step.DISH_1 + MOST_DISHES], size)
    wanted = [
        _chain(row[:, Step.PORTIONS_1 + k], odds[who, _COLUMN["portion"]], MOST_PORTIONS) for k in range(MOST_DISHES)
    ]
    inside = np.arange(MOST_DISHES) < count[:, None]
    amount = np.where(inside, np.column_stack(wanted), 0)
    price = np.where(inside, lists.prices[lists.menu_starts[menu][:, None] + np.minimum(chosen, size[:, None] - 1)], 0)
    missing = np.maximum(lists.minimums[menu] - (amount * price).sum(axis=1), 0)
    rows, dearest = np.arange(len(who)), price.argmax(axis=1)
    amount[rows, dearest] += -(-missing // price[rows, dearest])
    dishes[who], portions[who] = np.where(inside, chosen, -1), amount
    subtotal[who] = (amount * price).sum(axis=1)
    return dishes, portions, subtotal


def choose_dishes(numbers: Floats, size: Integers) -> Integers:
    """Return distinct places on menus of the given sizes, shape (N, 3); places beyond a short menu mean nothing."""
    chosen = np.empty((len(size), 0), dtype=np.int64)
    for k in range(MOST_DISHES):
        place = _pick(numbers[:, k], np.maximum(size - k, 1))
        for earlier in np.sort(chosen, axis=1).T:
            place = place + (place >= earlier)
        chosen = np.column_stack([chosen, place])
    return chosen


def _pick(numbers: Floats, count: Integers | int) -> Integers:
    places: Integers = np.minimum((numbers * count).astype(np.int64), np.asarray(count) - 1)
    return places


def _chain(numbers: Floats, probability: Floats, most: int) -> Integers:
    length = np.ones(len(numbers), dtype=np.int64)
    power = probability.copy()
    for _ in range(1, most):
        length += numbers < power
        power *= probability
    return length


def _join(parts: tuple[tuple[int, ...], ...] | list[tuple[int, ...]]) -> Integers:
    return np.array([item for part in parts for item in part], dtype=np.int64)


def _starts(sizes: list[int]) -> Integers:
    return np.concatenate([[0], np.cumsum(sizes)[:-1]]).astype(np.int64)
