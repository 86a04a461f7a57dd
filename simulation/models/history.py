"""The made-up past: customers, their orders, and the shop's events before the first experiment."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Customer(models.Model):
    """A registered customer. Grain: one row per customer; key: number. ``unit_id`` links to the history's events."""

    number = models.CharField(_("number"), max_length=12, primary_key=True)
    unit_id = models.CharField(_("visitor"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=80)
    email = models.EmailField(_("email"))
    locale = models.CharField(_("language"), max_length=8)
    persona = models.CharField(_("persona"), max_length=20)
    joined_at = models.DateTimeField(_("joined at"))

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return self.name


class CustomerOrder(models.Model):
    """An order of a customer. Grain: one row per order; key: number; never before the customer joined."""

    number = models.CharField(_("number"), max_length=20, primary_key=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="orders", verbose_name=_("customer"))
    placed_at = models.DateTimeField(_("placed at"), db_index=True)
    category = models.CharField(_("category"), max_length=40)
    items = models.PositiveIntegerField(_("items"))
    amount = models.PositiveIntegerField(_("amount"), help_text=_("In won."))
    refunded = models.BooleanField(_("refunded"), default=False)

    class Meta:
        verbose_name = _("customer order")
        verbose_name_plural = _("customer orders")
        ordering: ClassVar = ["-placed_at"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gte=1, items__gte=1), name="customer_order_has_something")
        ]

    def __str__(self) -> str:
        return self.number


class HistoryEvent(models.Model):
    """Something a visitor did before the first experiment; the columns of ``experiments_event``."""

    event_id = models.UUIDField(_("event id"), primary_key=True)
    occurred_at = models.DateTimeField(_("occurred at"), db_index=True)
    received_at = models.DateTimeField(_("received at"))
    name = models.CharField(_("name"), max_length=40)
    unit_id = models.CharField(_("visitor"), max_length=64)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, null=True)
    properties = models.JSONField(_("properties"), default=dict)

    class Meta:
        verbose_name = _("history event")
        verbose_name_plural = _("history events")
        ordering: ClassVar = ["-occurred_at"]

    def __str__(self) -> str:
        return f"{self.name} {self.occurred_at:%Y-%m-%d %H:%M:%S}"
