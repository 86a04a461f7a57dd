"""The shop's events, with which the event catalogue begins; and the form in which an event is declared. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from django.utils.translation import gettext_noop as _

MAX_AMOUNT = Decimal(10_000_000)  # won; a larger order is a fault, not an order

PropertyType = Literal["text", "integer", "number", "boolean", "time"]
PythonType: TypeAlias = type
_PYTHON_TYPES: Mapping[str, PythonType] = {"text": str, "integer": int, "number": float, "boolean": bool, "time": str}
PROPERTY_TYPES: tuple[PropertyType, ...] = ("text", "integer", "number", "boolean", "time")


@dataclass(frozen=True, slots=True)
class Property:
    """A declared property of an event; see ``experiments.events.validation`` for what each type takes."""

    name: str
    type: PropertyType = "text"
    required: bool = False
    description: str = ""

    @property
    def python_type(self) -> PythonType:
        """Return the type of its values as JSON is read."""
        return _PYTHON_TYPES[self.type]


@dataclass(frozen=True, slots=True)
class EventKind:
    """A known event in one version; ``amount`` says whether it carries money."""

    name: str
    amount: bool = False
    properties: tuple[Property, ...] = ()
    description: str = ""
    version: int = 1

    def property_named(self, name: str) -> Property | None:
        """Return the declared property, or None."""
        return next((found for found in self.properties if found.name == name), None)


def _needs(name: str, kind: PropertyType = "text") -> Property:
    return Property(name, kind, required=True)


EVENT_TYPES: Mapping[str, EventKind] = {
    event.name: event
    for event in (
        EventKind("page_view", properties=(_needs("page"), Property("path"), Property("referrer"))),
        EventKind(
            "impression",
            properties=(_needs("component"), Property("page"), Property("feature"), Property("item")),
        ),
        EventKind(
            "click",
            properties=(_needs("component"), Property("page"), Property("target"), Property("feature")),
        ),
        EventKind("search", properties=(_needs("query"), _needs("results", "integer"))),
        EventKind(
            "add_to_cart",
            properties=(
                _needs("dish"),
                _needs("restaurant"),
                _needs("quantity", "integer"),
                Property("price", "integer"),
            ),
        ),
        EventKind("checkout", properties=(_needs("items", "integer"), _needs("total", "integer"))),
        EventKind(
            "purchase",
            amount=True,
            properties=(_needs("order"), Property("restaurant"), Property("items", "integer")),
        ),
        EventKind("refund", amount=True, properties=(_needs("order"), Property("reason"))),
    )
}

DESCRIPTIONS: Mapping[str, str] = {
    "page_view": _("A page was opened."),
    "impression": _("A component was shown on a page."),
    "click": _("A component was clicked; recorded a millisecond before the page that it opens."),
    "search": _("A search was made, with how many results it had."),
    "add_to_cart": _("A dish was put into the cart."),
    "checkout": _("The checkout was opened with a cart."),
    "purchase": _("An order was paid; the amount is what was paid."),
    "refund": _("An order was paid back; the amount is what went back."),
}
