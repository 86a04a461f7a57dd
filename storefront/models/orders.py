"""What was ordered and what was paid back."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from storefront.models.catalogue import Dish, Restaurant


class Order(models.Model):
    """A paid order. Grain: one row per order; key: number. Money in won: total = subtotal + delivery_fee.

    ``unit_id`` is the visitor of the events and exposures. The pair (unit, cart token) makes a repeated
    submission of one cart find the order that it already became.
    """

    number = models.CharField(_("number"), max_length=20, primary_key=True)
    unit_id = models.CharField(_("visitor"), max_length=64)
    restaurant = models.ForeignKey(
        Restaurant, on_delete=models.PROTECT, related_name="orders", verbose_name=_("restaurant")
    )
    placed_at = models.DateTimeField(_("placed at"))
    promised_at = models.DateTimeField(_("promised at"))
    items = models.PositiveIntegerField(_("items"))
    subtotal = models.PositiveIntegerField(_("dishes"))
    delivery_fee = models.PositiveIntegerField(_("delivery fee"))
    total = models.PositiveIntegerField(_("total"))
    place = models.CharField(_("delivered to"), max_length=20)
    payment = models.CharField(_("payment"), max_length=20)
    note = models.CharField(_("note to the restaurant"), max_length=200, blank=True)
    cart_token = models.CharField(_("cart"), max_length=32)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering: ClassVar = ["-placed_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["unit_id", "cart_token"], name="order_once_per_cart"),
            models.CheckConstraint(
                condition=Q(total=F("subtotal") + F("delivery_fee"), items__gte=1, subtotal__gte=1),
                name="order_adds_up",
            ),
            models.CheckConstraint(condition=Q(promised_at__gte=F("placed_at")), name="order_promised_after_placed"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["placed_at"], name="order_by_time"),
            models.Index(fields=["unit_id", "-placed_at"], name="order_by_visitor"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """A dish of an order at the price it was sold for. Grain: one row per order and dish; key: id."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", verbose_name=_("order"))
    dish = models.ForeignKey(Dish, on_delete=models.PROTECT, related_name="lines", verbose_name=_("dish"))
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_price = models.PositiveIntegerField(_("price of one"))

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering: ClassVar = ["order", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "dish"], name="order_line_dish_once"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="order_line_quantity_from_one"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} · {self.dish_id}"

    @property
    def amount(self) -> int:
        """The line's won."""
        return self.quantity * self.unit_price


class Refund(models.Model):
    """The whole total paid back. Grain and key: one row per order at most."""

    order = models.OneToOneField(
        Order, on_delete=models.CASCADE, primary_key=True, related_name="refund", verbose_name=_("order")
    )
    amount = models.PositiveIntegerField(_("amount"))
    reason = models.CharField(_("reason"), max_length=20)
    requested_at = models.DateTimeField(_("requested at"))

    class Meta:
        verbose_name = _("refund")
        verbose_name_plural = _("refunds")
        ordering: ClassVar = ["-requested_at"]

    def __str__(self) -> str:
        return f"{self.order_id} · {self.amount}"
