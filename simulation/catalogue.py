"""What the shop offered when it was looked at: the lists a visitor can come across, and the menus."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Menu:
    """A restaurant as far as an order's amount is concerned; money in won.

    Attributes:
        restaurant: The restaurant's key.
        prices: The price of each dish, in the menu's order.
        minimum: The least subtotal that the restaurant delivers.
        fee: The delivery fee, added to every order.
    """

    restaurant: str
    prices: tuple[int, ...]
    minimum: int
    fee: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The shop's lists; a restaurant is an index into ``menus``.

    Attributes:
        menus: Every restaurant that can be ordered from.
        home: The restaurants linked from the home page's list.
        hero: The restaurants on the list that the hero leads to.
        categories: The restaurants on each category's list.
        searches: The restaurants found by each of the words that visitors search for.
    """

    menus: tuple[Menu, ...]
    home: tuple[int, ...]
    hero: tuple[int, ...]
    categories: tuple[tuple[int, ...], ...]
    searches: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        lists = (self.home, self.hero, *self.categories, *self.searches)
        if not self.menus or not self.categories or not self.searches or not all(lists):
            raise ValueError("Every list of the catalogue needs at least one restaurant.")
        if any(index < 0 or index >= len(self.menus) for listed in lists for index in listed):
            raise ValueError("A list names a restaurant without a menu.")
        if any(not menu.prices or min(menu.prices) <= 0 for menu in self.menus):
            raise ValueError("Every menu needs dishes with prices above 0.")
