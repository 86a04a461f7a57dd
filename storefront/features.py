"""The features that each page of the shop shows, and which of them a click came from."""

from __future__ import annotations

from django.utils.translation import gettext

HERO = "home-hero-banner"
CATEGORIES = "category-navigation"
SEARCH_RESULT = "search-result-item"
ARRIVAL = "arrival-time"
ADD_TO_CART = "add-to-cart-button"
PRICE = "price-tag"
CHECKOUT = "checkout-button"
DRIVER = "driver-marker"

COMPONENTS = {
    HERO: "hero",
    CATEGORIES: "categories",
    SEARCH_RESULT: "search_result",
    ARRIVAL: "arrival_time",
    ADD_TO_CART: "add_to_cart",
    PRICE: "price",
    CHECKOUT: "checkout",
    DRIVER: "driver",
}
# what ``?from=`` may say, and the feature whose component was clicked
CLICK_SOURCES = {"hero": HERO, "categories": CATEGORIES, "list": "", "search": SEARCH_RESULT}


def shown_text(text: object) -> str:
    """Return a parameter's text as readers see it: message ids translated, an analyst's own words as typed."""
    return gettext(str(text)) if text else ""
