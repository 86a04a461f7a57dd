"""The shop's tables, all in the warehouse: what it sells and what was ordered."""

from storefront.models.catalogue import Category, Dish, Restaurant
from storefront.models.orders import Order, OrderLine, Refund

__all__ = ["Category", "Dish", "Order", "OrderLine", "Refund", "Restaurant"]
