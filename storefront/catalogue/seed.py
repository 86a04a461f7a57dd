"""Read the menu files that an installation starts with, and install them.

A menu file has one line per restaurant, starting with ``@``, followed by a line per dish; fields are split by ``|``:

    @ slug | Korean | English | about, Korean | about, English | art | rating | reviews | fee | minimum | minutes |
        hours
    price | original price or - | art | Korean | English | about, Korean | about, English
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Model

from storefront.hours import minute_of
from storefront.models import Category, Dish, Restaurant

DATA = Path(__file__).parent / "data"


def _lines(name: str) -> list[str]:
    text = (DATA / f"{name}.menu").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _fields(line: str) -> list[str]:
    return [field.strip() for field in line.split("|")]


def categories() -> list[Category]:
    """Return the categories of the files, unsaved."""
    return [
        Category(slug=slug, name_ko=korean, name_en=english, art=art, position=position)
        for position, (slug, korean, english, art) in enumerate(map(_fields, _lines("categories")))
    ]


def menus(category: str) -> tuple[list[Restaurant], list[Dish]]:
    """Return the category's restaurants and dishes, unsaved."""
    restaurants: list[Restaurant] = []
    dishes: list[Dish] = []
    for line in _lines(category):
        if line.startswith("@"):
            restaurants.append(_restaurant(category, _fields(line[1:]), len(restaurants)))
            number = 0
        else:
            number += 1
            dishes.append(_dish(restaurants[-1].slug, _fields(line), number))
    return restaurants, dishes


def _restaurant(category: str, fields: list[str], position: int) -> Restaurant:
    slug, korean, english, about_ko, about_en, art, rating, reviews, fee, minimum, minutes, hours = fields
    low, high = minutes.split("-")
    opens, closes = hours.split("-")
    return Restaurant(
        slug=slug,
        category_id=category,
        name_ko=korean,
        name_en=english,
        description_ko=about_ko,
        description_en=about_en,
        art=art,
        rating=rating,
        review_count=int(reviews),
        delivery_fee=int(fee),
        minimum_order=int(minimum),
        minutes_low=int(low),
        minutes_high=int(high),
        opens_at=minute_of(opens),
        closes_at=minute_of(closes),
        position=position,
    )


def _dish(restaurant: str, fields: list[str], number: int) -> Dish:
    price, original, art, korean, english, about_ko, about_en = fields
    return Dish(
        code=f"{restaurant}-{number:02d}",
        restaurant_id=restaurant,
        name_ko=korean,
        name_en=english,
        description_ko=about_ko,
        description_en=about_en,
        art=art,
        price=int(price),
        original_price=None if original == "-" else int(original),
        position=number,
    )


def install(*, using: str = "default") -> tuple[int, int]:
    """Add what is missing of the files' catalogue and return the numbers of restaurants and dishes it has.

    Rows that are already there stay as they are, so an edit in the admin survives the next start.
    """
    kinds = categories()
    restaurants: list[Restaurant] = []
    dishes: list[Dish] = []
    for category in kinds:
        more_restaurants, more_dishes = menus(category.slug)
        restaurants += more_restaurants
        dishes += more_dishes
    with transaction.atomic(using=using):
        batches: tuple[tuple[type[Model], list[Any]], ...] = (
            (Category, kinds),
            (Restaurant, restaurants),
            (Dish, dishes),
        )
        for model, rows in batches:
            model._default_manager.using(using).bulk_create(rows, ignore_conflicts=True)
    return len(restaurants), len(dishes)
