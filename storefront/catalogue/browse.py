"""Choose and order restaurants: by category, by sort, by search. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from storefront.catalogue.menu import Catalogue, Dish, Restaurant

LONGEST_QUERY = 60

SORTS: dict[str, Callable[[Restaurant], tuple[float, ...]]] = {
    "recommended": lambda restaurant: (-restaurant.rating * restaurant.reviews**0.25,),
    "rating": lambda restaurant: (-restaurant.rating, -restaurant.reviews),
    "fastest": lambda restaurant: (restaurant.minutes, -restaurant.rating),
    "fee": lambda restaurant: (restaurant.delivery_fee, -restaurant.rating),
    "minimum": lambda restaurant: (restaurant.minimum_order, -restaurant.rating),
}
DEFAULT_SORT = "recommended"


@dataclass(frozen=True, slots=True)
class Match:
    """A restaurant that a search found, with its dishes that match."""

    restaurant: Restaurant
    dishes: tuple[Dish, ...]


def listing(catalogue: Catalogue, *, category: str, sort: str, moment: datetime) -> list[Restaurant]:
    """Return the category's restaurants ("" for all), the open ones first, in the order of the sort."""
    chosen = [item for item in catalogue.restaurants if not category or item.category == category]
    order = SORTS[sort]
    return sorted(chosen, key=lambda item: (not item.open_at(moment), *order(item)))


def clean_query(text: str) -> str:
    """Return a query as it is searched: printable, single-spaced, bounded.

    >>> clean_query("  kimchi " + chr(0) + " stew ")
    'kimchi stew'
    """
    printable = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(printable.split())[:LONGEST_QUERY]


def search(catalogue: Catalogue, query: str, *, moment: datetime) -> list[Match]:
    """Return the restaurants that hold every word of the query, the open and well-rated first."""
    words = query.casefold().split()
    if not words:
        return []
    found = [
        Match(restaurant, tuple(dish for dish in restaurant.dishes if _names_any(dish, words)))
        for restaurant in catalogue.restaurants
        if all(word in catalogue.search_texts[restaurant.slug] for word in words)
    ]
    order = SORTS[DEFAULT_SORT]
    return sorted(found, key=lambda match: (not match.restaurant.open_at(moment), *order(match.restaurant)))


def _names_any(dish: Dish, words: list[str]) -> bool:
    names = f"{dish.name.ko}\n{dish.name.en}".casefold()
    return any(word in names for word in words)
