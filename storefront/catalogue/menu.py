"""The catalogue as the pages use it: frozen, complete, and free of the database. Pure."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from storefront.hours import is_open

Language = str


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the shop's two languages."""

    ko: str
    en: str

    def in_(self, language: Language) -> str:
        """Return the text for the reader."""
        return self.ko if language == "ko" else self.en


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of food."""

    slug: str
    name: Text
    art: str


@dataclass(frozen=True, slots=True)
class Dish:
    """Something to order; prices in won."""

    code: str
    restaurant: str
    name: Text
    description: Text
    art: str
    price: int
    original_price: int | None
    available: bool


@dataclass(frozen=True, slots=True)
class Restaurant:
    """A kitchen with its menu; money in won, ``opens`` and ``closes`` in minutes of the day."""

    slug: str
    category: str
    name: Text
    description: Text
    art: str
    rating: float
    reviews: int
    delivery_fee: int
    minimum_order: int
    minutes_low: int
    minutes_high: int
    opens: int
    closes: int
    dishes: tuple[Dish, ...]

    def open_at(self, moment: datetime) -> bool:
        """Whether it takes orders at that (local) moment."""
        return is_open(self.opens, self.closes, moment)

    @property
    def minutes(self) -> int:
        """The expected minutes to the door."""
        return (self.minutes_low + self.minutes_high) // 2


@dataclass(frozen=True)
class Catalogue:
    """Everything the shop sells; ``version`` changes with any change to it."""

    version: str
    categories: tuple[Category, ...]
    restaurants: tuple[Restaurant, ...]

    @cached_property
    def by_slug(self) -> dict[str, Restaurant]:
        """Restaurants by key."""
        return {restaurant.slug: restaurant for restaurant in self.restaurants}

    @cached_property
    def dishes(self) -> dict[str, Dish]:
        """All dishes by key."""
        return {dish.code: dish for restaurant in self.restaurants for dish in restaurant.dishes}

    @cached_property
    def category_names(self) -> dict[str, Text]:
        """Category names by key."""
        return {category.slug: category.name for category in self.categories}

    @cached_property
    def _turns(self) -> list[int]:
        """The minutes of the day at which any restaurant opens or closes."""
        return sorted({minute for item in self.restaurants for minute in (item.opens, item.closes)})

    def period(self, moment: datetime) -> int:
        """Return a number that stays the same while no restaurant opens or closes."""
        return bisect_right(self._turns, moment.hour * 60 + moment.minute)

    @cached_property
    def search_texts(self) -> dict[str, str]:
        """What a search looks through, by restaurant: names of the kitchen, its kind and its dishes."""
        return {
            restaurant.slug: "\n".join(
                text.casefold()
                for name in (
                    restaurant.name,
                    self.category_names[restaurant.category],
                    *(dish.name for dish in restaurant.dishes),
                )
                for text in (name.ko, name.en)
            )
            for restaurant in self.restaurants
        }
