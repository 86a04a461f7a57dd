"""The eight features of NovaEats and their declared parameters.

The texts are message ids: the shop shows them translated, and an analyst's own texts as they were typed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as _

COLORS = (
    ("blue", _("Blue")),
    ("navy", _("Navy")),
    ("green", _("Green")),
    ("orange", _("Orange")),
    ("red", _("Red")),
    ("grey", _("Grey")),
)
SIZES = (("small", _("Small")), ("medium", _("Medium")), ("large", _("Large")))


@dataclass(frozen=True, slots=True)
class FeatureSeed:
    """A feature as it is first installed; ``parameters`` are declarations (see ``experiments.features.parameters``)."""

    key: str
    name: str
    surface: str
    component: str
    description: str
    parameters: tuple[dict[str, Any], ...]
    value_type: str = "object"


def _text(name: str, label: str, default: str, *, longest: int) -> dict[str, Any]:
    return {"name": name, "type": "text", "label": label, "default": default, "max_length": longest}


def _choice(name: str, label: str, default: str, choices: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    return {"name": name, "type": "choice", "label": label, "default": default, "choices": [list(c) for c in choices]}


def _integer(name: str, label: str, default: int, *, low: int, high: int) -> dict[str, Any]:
    return {"name": name, "type": "integer", "label": label, "default": default, "min": low, "max": high}


def _boolean(name: str, label: str, *, default: bool) -> dict[str, Any]:
    return {"name": name, "type": "boolean", "label": label, "default": default}


FEATURES: tuple[FeatureSeed, ...] = (
    FeatureSeed(
        key="home-hero-banner",
        name=_("Hero banner"),
        surface="home",
        component="hero",
        description=_("The large banner at the top of the home page."),
        parameters=(
            _text("title", _("Title"), _("What are you hungry for?"), longest=60),
            _text("subtitle", _("Subtitle"), _("Fresh from the kitchens near you."), longest=120),
            _text("badge", _("Badge"), _("Free delivery today"), longest=24),
            _text("button_text", _("Button text"), _("See restaurants"), longest=24),
            _choice(
                "theme",
                _("Theme"),
                "blue",
                (("blue", _("Blue")), ("navy", _("Navy")), ("sunset", _("Sunset")), ("mint", _("Mint"))),
            ),
            _integer("discount_percent", _("Discount in per cent"), 0, low=0, high=50),
        ),
    ),
    FeatureSeed(
        key="category-navigation",
        name=_("Category navigation"),
        surface="home",
        component="categories",
        description=_("The round category tiles on the home page."),
        parameters=(
            _choice(
                "icon_style",
                _("Icon style"),
                "filled",
                (("filled", _("Filled")), ("outline", _("Outline")), ("photo", _("Large picture"))),
            ),
        ),
    ),
    FeatureSeed(
        key="search-result-item",
        name=_("Search result item"),
        surface="search",
        component="search_result",
        description=_("How each restaurant looks in a list of search results."),
        parameters=(
            _choice(
                "layout",
                _("Layout"),
                "list",
                (("list", _("List")), ("card", _("Cards")), ("compact", _("Compact"))),
            ),
        ),
    ),
    FeatureSeed(
        key="arrival-time",
        name=_("Arrival time"),
        surface="search",
        component="arrival_time",
        description=_("The expected arrival shown with each restaurant in search results."),
        parameters=(
            _text("text", _("Text ({minutes} becomes the number)"), _("{minutes} min"), longest=40),
            _choice("color", _("Colour"), "grey", COLORS),
            _choice("size", _("Size"), "small", SIZES),
        ),
    ),
    FeatureSeed(
        key="add-to-cart-button",
        name=_("Add-to-cart button"),
        surface="restaurant",
        component="add_to_cart",
        description=_("The button beside each dish of a menu."),
        parameters=(
            _text("text", _("Text"), _("Add"), longest=24),
            _choice("color", _("Colour"), "blue", COLORS),
        ),
    ),
    FeatureSeed(
        key="price-tag",
        name=_("Price tag"),
        surface="restaurant",
        component="price",
        description=_("How each dish's price is written."),
        parameters=(
            _choice(
                "format",
                _("Format"),
                "suffix",
                (("suffix", "12,000원"), ("symbol", "₩12,000"), ("compact", "1.2만원")),
            ),
            _choice("size", _("Size"), "medium", SIZES),
            _choice("color", _("Colour"), "navy", COLORS),
            _boolean("show_original", _("Struck-through original price"), default=False),
        ),
    ),
    FeatureSeed(
        key="checkout-button",
        name=_("Checkout button"),
        surface="cart",
        component="checkout",
        description=_("The button that leads from the cart to the order."),
        parameters=(
            _text("text", _("Text"), _("Order now"), longest=24),
            _choice("color", _("Colour"), "blue", COLORS),
        ),
    ),
    FeatureSeed(
        key="driver-marker",
        name=_("Driver marker"),
        surface="tracking",
        component="driver",
        description=_("The moving marker on the order-tracking page."),
        parameters=(
            _choice(
                "icon",
                _("Icon"),
                "scooter",
                (("scooter", _("Scooter")), ("bicycle", _("Bicycle")), ("car", _("Car")), ("robot", _("Robot"))),
            ),
        ),
    ),
)
