"""Keep the catalogue in process memory: read once per version, and look for a new version every few seconds."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass

from novarium.kernel import sql
from storefront import models
from storefront.catalogue.menu import Catalogue, Category, Dish, Restaurant, Text

CHECK_SECONDS = 5.0


@dataclass(slots=True)
class _Held:
    catalogue: Catalogue | None = None
    checked: float = float("-inf")


_held = _Held()


def current() -> Catalogue:
    """Return the catalogue, at most a few seconds behind an edit in the admin."""
    now = time.monotonic()
    if _held.catalogue is None or now - _held.checked >= CHECK_SECONDS:
        _held.checked = now
        version = str(sql.rows("storefront/sql/catalogue_version.sql", using="shop")[0]["version"])
        if _held.catalogue is None or _held.catalogue.version != version:
            _held.catalogue = load(version)
    return _held.catalogue


def forget() -> None:
    """Read the catalogue anew at the next request of this process."""
    _held.catalogue, _held.checked = None, float("-inf")


def load(version: str) -> Catalogue:
    """Read the whole catalogue from the database."""
    dishes: defaultdict[str, list[Dish]] = defaultdict(list)
    for row in models.Dish.objects.order_by("position", "code"):
        dishes[row.restaurant_id].append(_dish(row))
    return Catalogue(
        version=version,
        categories=tuple(
            Category(row.slug, Text(row.name_ko, row.name_en), row.art)
            for row in models.Category.objects.order_by("position", "slug")
        ),
        restaurants=tuple(
            _restaurant(row, tuple(dishes[row.slug])) for row in models.Restaurant.objects.order_by("position", "slug")
        ),
    )


def _dish(row: models.Dish) -> Dish:
    return Dish(
        code=row.code,
        restaurant=row.restaurant_id,
        name=Text(row.name_ko, row.name_en),
        description=Text(row.description_ko, row.description_en),
        art=row.art,
        price=row.price,
        original_price=row.original_price,
        available=row.is_available,
    )


def _restaurant(row: models.Restaurant, dishes: tuple[Dish, ...]) -> Restaurant:
    return Restaurant(
        slug=row.slug,
        category=row.category_id,
        name=Text(row.name_ko, row.name_en),
        description=Text(row.description_ko, row.description_en),
        art=row.art,
        rating=float(row.rating),
        reviews=row.review_count,
        delivery_fee=row.delivery_fee,
        minimum_order=row.minimum_order,
        minutes_low=row.minutes_low,
        minutes_high=row.minutes_high,
        opens=row.opens_at,
        closes=row.closes_at,
        dishes=dishes,
    )
