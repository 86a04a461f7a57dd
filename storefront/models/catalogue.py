"""What the shop sells: categories, restaurants and dishes, each known by a readable key."""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

MAX_PRICE = 1_000_000  # won
MINUTES_A_DAY = 24 * 60

_art = RegexValidator(r"^[a-z-]+/[a-z]+$", _("Write a picture and a palette, such as bowl/red."))
_minute_of_day = [MinValueValidator(0), MaxValueValidator(MINUTES_A_DAY - 1)]


class Category(models.Model):
    """A kind of food. Grain: one row per category; key: slug."""

    slug = models.SlugField(_("key"), max_length=40, primary_key=True)
    name_ko = models.CharField(_("Korean name"), max_length=40)
    name_en = models.CharField(_("English name"), max_length=40)
    art = models.CharField(_("picture"), max_length=40, validators=[_art])
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering: ClassVar = ["position", "slug"]

    def __str__(self) -> str:
        return self.name_en


class Restaurant(models.Model):
    """A kitchen that delivers. Grain: one row per restaurant; key: slug. Money in won, hours in minutes of the day.

    ``opens_at == closes_at`` means open around the clock; ``closes_at < opens_at`` means past midnight.
    """

    slug = models.SlugField(_("key"), max_length=60, primary_key=True)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="restaurants", verbose_name=_("category")
    )
    name_ko = models.CharField(_("Korean name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80)
    description_ko = models.CharField(_("Korean description"), max_length=200)
    description_en = models.CharField(_("English description"), max_length=200)
    art = models.CharField(_("picture"), max_length=40, validators=[_art])
    rating = models.DecimalField(
        _("rating"), max_digits=2, decimal_places=1, validators=[MinValueValidator(1), MaxValueValidator(5)]
    )
    review_count = models.PositiveIntegerField(_("reviews"), default=0)
    delivery_fee = models.PositiveIntegerField(_("delivery fee"), validators=[MaxValueValidator(MAX_PRICE)])
    minimum_order = models.PositiveIntegerField(_("minimum order"), validators=[MaxValueValidator(MAX_PRICE)])
    minutes_low = models.PositiveSmallIntegerField(_("delivery minutes from"))
    minutes_high = models.PositiveSmallIntegerField(_("delivery minutes to"))
    opens_at = models.PositiveSmallIntegerField(_("opens at"), validators=_minute_of_day)
    closes_at = models.PositiveSmallIntegerField(_("closes at"), validators=_minute_of_day)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("restaurant")
        verbose_name_plural = _("restaurants")
        ordering: ClassVar = ["position", "slug"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(rating__gte=1, rating__lte=5), name="restaurant_rating_in_range"),
            models.CheckConstraint(
                condition=Q(minutes_low__gte=1, minutes_high__gte=F("minutes_low"), minutes_high__lte=240),
                name="restaurant_minutes_in_order",
            ),
            models.CheckConstraint(
                condition=Q(opens_at__lt=MINUTES_A_DAY, closes_at__lt=MINUTES_A_DAY), name="restaurant_hours_in_a_day"
            ),
            models.CheckConstraint(
                condition=Q(delivery_fee__lte=MAX_PRICE, minimum_order__lte=MAX_PRICE),
                name="restaurant_money_in_range",
            ),
        ]

    def __str__(self) -> str:
        return self.name_en


class Dish(models.Model):
    """Something on a restaurant's menu. Grain: one row per dish; key: code. Prices in won."""

    code = models.SlugField(_("key"), max_length=70, primary_key=True)
    restaurant = models.ForeignKey(
        Restaurant, on_delete=models.CASCADE, related_name="dishes", verbose_name=_("restaurant")
    )
    name_ko = models.CharField(_("Korean name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=80)
    description_ko = models.CharField(_("Korean description"), max_length=200, blank=True)
    description_en = models.CharField(_("English description"), max_length=200, blank=True)
    art = models.CharField(_("picture"), max_length=40, validators=[_art])
    price = models.PositiveIntegerField(_("price"), validators=[MinValueValidator(1), MaxValueValidator(MAX_PRICE)])
    original_price = models.PositiveIntegerField(
        _("original price"), null=True, blank=True, help_text=_("Before a discount; empty where there is none.")
    )
    is_available = models.BooleanField(_("available"), default=True, help_text=_("Off while it is sold out."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("dish")
        verbose_name_plural = _("dishes")
        ordering: ClassVar = ["restaurant", "position", "code"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(price__gte=1, price__lte=MAX_PRICE), name="dish_price_in_range"),
            models.CheckConstraint(
                condition=Q(original_price__isnull=True) | Q(original_price__gt=F("price")),
                name="dish_original_price_is_higher",
            ),
        ]

    def __str__(self) -> str:
        return self.name_en
