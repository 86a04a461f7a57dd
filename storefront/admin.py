"""The shop in the Django admin: the catalogue can be edited, orders only looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from novarium.portal.audited_admin import AuditedAdmin
from novarium.portal.read_only_admin import ReadOnly, ReadOnlyAdmin
from storefront.models import Category, Dish, Order, OrderLine, Refund, Restaurant
from storefront.money import won
from storefront.visit import reader_language

if TYPE_CHECKING:  # Django's admin classes are generic for the type checker only
    DishInlineBase = admin.TabularInline[Dish, Restaurant]
    OrderLineInlineBase = admin.TabularInline[OrderLine, Order]
    RefundInlineBase = admin.StackedInline[Refund, Order]
else:
    DishInlineBase = OrderLineInlineBase = admin.TabularInline
    RefundInlineBase = admin.StackedInline


class LastingAdmin(AuditedAdmin):
    """Rows that orders point to are audited and never deleted; a dish is taken off the menu by ``available``."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes."""
        return False


@admin.register(Category)
class CategoryAdmin(LastingAdmin):
    """Kinds of food."""

    list_display = ("slug", "name_ko", "name_en", "position")
    search_fields = ("slug", "name_ko", "name_en")


class DishInline(DishInlineBase):
    """A restaurant's menu."""

    model = Dish
    fields = ("code", "name_ko", "name_en", "art", "price", "original_price", "is_available", "position")
    extra = 0
    can_delete = False


@admin.register(Restaurant)
class RestaurantAdmin(LastingAdmin):
    """Restaurants with their menus."""

    list_display = ("slug", "name_ko", "name_en", "category", "rating", "delivery_fee", "minimum_order", "position")
    list_filter = ("category",)
    search_fields = ("slug", "name_ko", "name_en")
    inlines: ClassVar = [DishInline]


@admin.register(Dish)
class DishAdmin(LastingAdmin):
    """Dishes of all restaurants."""

    list_display = ("code", "name_ko", "name_en", "restaurant", "price", "original_price", "is_available")
    list_filter = ("is_available", "restaurant__category")
    list_select_related = ("restaurant",)
    search_fields = ("code", "name_ko", "name_en")
    autocomplete_fields = ("restaurant",)


class OrderLineInline(ReadOnly, OrderLineInlineBase):
    """An order's dishes."""

    model = OrderLine
    fields = ("dish", "quantity", "unit_price")
    extra = 0


class RefundInline(ReadOnly, RefundInlineBase):
    """An order's refund."""

    model = Refund
    extra = 0


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    """Orders with their lines and refund."""

    list_display = ("number", "placed_at", "restaurant", "items", "money", "unit_id", "refunded")
    list_filter = (("refund", admin.EmptyFieldListFilter), "restaurant__category", "payment")
    list_select_related = ("restaurant", "refund")
    search_fields = ("number", "unit_id", "restaurant__name_ko", "restaurant__name_en")
    date_hierarchy = "placed_at"
    inlines: ClassVar = [OrderLineInline, RefundInline]

    @admin.display(description=_("total"), ordering="total")
    def money(self, order: Order) -> str:
        """The total in won."""
        return won(order.total, reader_language())

    @admin.display(description=_("refunded"), boolean=True)
    def refunded(self, order: Order) -> bool:
        """Whether the order was paid back."""
        return hasattr(order, "refund")


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    """Refunds."""

    list_display = ("order", "amount", "reason", "requested_at")
    list_filter = ("reason",)
    search_fields = ("order__number",)
    date_hierarchy = "requested_at"
