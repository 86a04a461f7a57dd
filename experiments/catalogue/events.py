"""The events that a product may send: names, and the properties each must and may have."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal

MAX_AMOUNT = Decimal(10_000_000)  # won; a larger order is a fault, not an order


@dataclass(frozen=True, slots=True)
class EventType:
    """A known event; ``amount`` says whether it carries money, ``properties`` maps names to their types."""

    name: str
    amount: bool = False
    required: dict[str, type] = field(default_factory=dict)
    optional: dict[str, type] = field(default_factory=dict)


EVENT_TYPES: dict[str, EventType] = {
    event.name: event
    for event in (
        EventType("page_view", required={"page": str}, optional={"path": str, "referrer": str}),
        EventType("impression", required={"component": str}, optional={"page": str, "feature": str, "item": str}),
        EventType("click", required={"component": str}, optional={"page": str, "target": str, "feature": str}),
        EventType("search", required={"query": str, "results": int}),
        EventType("add_to_cart", required={"dish": str, "restaurant": str, "quantity": int}, optional={"price": int}),
        EventType("checkout", required={"items": int, "total": int}),
        EventType("purchase", amount=True, required={"order": str}, optional={"restaurant": str, "items": int}),
        EventType("refund", amount=True, required={"order": str}, optional={"reason": str}),
    )
}
