"""The catalogue that an installation starts with."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from storefront.catalogue import loading, seed
from storefront.models import Category, Dish, Restaurant

SPRITE = Path(seed.__file__).parents[1] / "static/shop/art.svg"


def pictures() -> set[str]:
    return set(re.findall(r'<symbol id="([a-z-]+)"', SPRITE.read_text()))


def test_it_is_large_enough(shop):
    assert Category.objects.count() == 8
    assert Restaurant.objects.count() >= 40
    assert Dish.objects.count() >= 300


def test_installing_again_changes_nothing_and_keeps_an_edit(shop):
    Dish.objects.filter(code="hangang-kitchen-01").update(price=9900)
    before = list(Dish.objects.order_by("code").values())
    seed.install()
    assert list(Dish.objects.order_by("code").values()) == before


def test_every_row_passes_the_models_own_checks(shop):
    for model in (Category, Restaurant, Dish):
        for row in model.objects.all():
            row.full_clean(validate_unique=False)


def test_every_picture_and_palette_exists(shop):
    palettes = set(re.findall(r"\.p-([a-z]+) {", (SPRITE.parent / "components.css").read_text()))
    for model in (Category, Restaurant, Dish):
        for spec in model.objects.values_list("art", flat=True):
            name, palette = spec.split("/")
            assert name in pictures()
            assert palette in palettes


def test_every_category_has_an_outline_icon(shop):
    assert {f"line-{slug}" for slug in Category.objects.values_list("slug", flat=True)} <= pictures()


def test_three_quarters_are_open_at_any_time_of_day(shop):
    restaurants = loading.current().restaurants
    for half_hour in range(48):
        moment = datetime(2026, 1, 1) + timedelta(minutes=30 * half_hour)  # noqa: DTZ001 - a local time of day
        share = sum(restaurant.open_at(moment) for restaurant in restaurants) / len(restaurants)
        assert share >= 0.75, moment


def test_some_dishes_have_a_higher_original_price(shop):
    reduced = Dish.objects.exclude(original_price=None)
    assert reduced.count() >= 40
    assert all(dish.original_price > dish.price for dish in reduced)


@pytest.mark.parametrize("column", ["name_ko", "name_en", "description_ko", "description_en"])
def test_every_dish_is_described_in_both_languages(shop, column):
    assert not Dish.objects.filter(**{column: ""}).exists()


def test_an_edit_is_seen_when_the_version_is_looked_at_again(shop, monkeypatch):
    monkeypatch.setattr(loading, "CHECK_SECONDS", 0.0)
    assert loading.current().dishes["hangang-kitchen-01"].price == 11900
    dish = Dish.objects.get(code="hangang-kitchen-01")
    dish.price = 10100
    dish.save()
    assert loading.current().dishes["hangang-kitchen-01"].price == 10100
