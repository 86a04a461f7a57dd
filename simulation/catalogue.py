"""What the shop offered when it was looked at: the lists a visitor can come across, and the menus."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Menu:
    """A restaurant as far as an order's amount is concerned; money in won.

    Attributes:
        restaurant: The restaurant's key.
        dishes: The key of each dish, in the menu's order.
        prices: The price of each dish, in the menu's order.
        minimum: The least subtotal that the restaurant delivers.
        fee: The delivery fee, added to every order.
    """

    restaurant: str
    dishes: tuple[str, ...]
    prices: tuple[int, ...]
    minimum: int
    fee: int

    def __post_init__(self) -> None:
        if not self.prices or min(self.prices) <= 0 or len(self.prices) != len(self.dishes):
            raise ValueError("Every menu needs dishes with prices above 0.")


@dataclass(frozen=True, slots=True)
class Listing:
    """A category's list, or what a search finds: ``members`` are indices into ``Catalogue.menus``."""

    key: str
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The restaurants that can be ordered from, and the lists that show them.

    Attributes:
        menus: Every restaurant.
        home: The home page's list.
        hero: The list that the hero leads to.
        categories: Each category's list.
        searches: What each of the words finds that visitors search for.
    """

    menus: tuple[Menu, ...]
    home: tuple[int, ...]
    hero: tuple[int, ...]
    categories: tuple[Listing, ...]
    searches: tuple[Listing, ...]

    def __post_init__(self) -> None:
        if not self.categories or not self.searches or not all(self.lists()):
            raise ValueError("Every list of the catalogue needs at least one restaurant.")
        if any(not 0 <= index < len(self.menus) for listed in self.lists() for index in listed):
            raise ValueError("A list names a restaurant without a menu.")

    def lists(self) -> tuple[tuple[int, ...], ...]:
        """Return all lists: the home page's, the hero's, each category's, each search word's."""
        return (self.home, self.hero, *(listing.members for listing in (*self.categories, *self.searches)))


def to_json(catalogue: Catalogue) -> dict[str, Any]:
    """Return the catalogue as JSON values."""
    return asdict(catalogue)


def from_json(plain: dict[str, Any]) -> Catalogue:
    """Return the catalogue that ``to_json`` described."""
    return Catalogue(
        menus=tuple(
            Menu(**{**menu, "dishes": tuple(menu["dishes"]), "prices": tuple(menu["prices"])})
            for menu in plain["menus"]
        ),
        home=tuple(plain["home"]),
        hero=tuple(plain["hero"]),
        categories=_listings(plain["categories"]),
        searches=_listings(plain["searches"]),
    )


def _listings(plain: list[dict[str, Any]]) -> tuple[Listing, ...]:
    return tuple(Listing(item["key"], tuple(item["members"])) for item in plain)
