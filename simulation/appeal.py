"""How a design moves people: from a feature's shown parameters to shifts of the log-odds of a visit's steps.

Everything is relative to the feature's default value, at which all shifts are zero. A feature that is not listed, or
a parameter that is not understood, moves nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from simulation.personas import Taste

Value = Mapping[str, Any]

DEFAULTS: dict[str, Value] = {
    "home-hero-banner": {
        "title": "What are you hungry for?",
        "subtitle": "Fresh from the kitchens near you.",
        "badge": "Free delivery today",
        "button_text": "See restaurants",
        "theme": "blue",
        "discount_percent": 0,
    },
    "category-navigation": {"icon_style": "filled"},
    "search-result-item": {"layout": "list"},
    "arrival-time": {"text": "{minutes} min", "color": "grey", "size": "small"},
    "add-to-cart-button": {"text": "Add", "color": "blue"},
    "price-tag": {"format": "suffix", "size": "medium", "color": "navy", "show_original": False},
    "checkout-button": {"text": "Order now", "color": "blue"},
    "driver-marker": {"icon": "scooter"},
}

_URGENT = re.compile(
    r"today only|last chance|hurry|ends (?:soon|tonight|today)|only \d+ left|limited time|don'?t miss|final hours?"
    r"|오늘만|마감|마지막|서두르|놓치지|한정|곧 종료",
    re.IGNORECASE,
)
_FREE = re.compile(r"\bfree\b|무료|공짜", re.IGNORECASE)
_ACTION = re.compile(r"\bnow\b|\border\b|\bget\b|지금|바로|주문", re.IGNORECASE)
_SAFE = re.compile(r"secure|safe|refund|guarantee|cancel any ?time|안전|환불|보장|안심", re.IGNORECASE)
_PRECISE = re.compile(r"\bby\b|arriv|at your door|도착", re.IGNORECASE)
_CAPITALS = re.compile(r"\b[A-Z]{4,}\b")

_LOUD_COLOR = {"red": 2.0, "orange": 1.0, "green": 0.3}
_LOUD_THEME = {"sunset": 1.0}
_FAINT = {"grey": 1.0}
_SIZE = {"small": 0.0, "medium": 0.5, "large": 1.0}


@dataclass(frozen=True, slots=True)
class Shifts:
    """Shifts in log-odds of the steps of a visit; they add over features."""

    click: float = 0.0
    result: float = 0.0
    cart: float = 0.0
    dish: float = 0.0
    checkout: float = 0.0
    refund: float = 0.0
    again: float = 0.0

    def __add__(self, other: Shifts) -> Shifts:
        return Shifts(*(getattr(self, name) + getattr(other, name) for name in _NAMES))

    def __sub__(self, other: Shifts) -> Shifts:
        return Shifts(*(getattr(self, name) - getattr(other, name) for name in _NAMES))


_NAMES = tuple(field.name for field in fields(Shifts))


def shifts(feature: str, value: Value, taste: Taste) -> Shifts:
    """Return how the feature's value moves a persona with this taste, relative to the default value.

    >>> from simulation.personas import BY_KEY
    >>> shifts("driver-marker", {"icon": "robot"}, BY_KEY["cautious"].taste).checkout
    0.0
    """
    appeal = _APPEALS.get(feature)
    if appeal is None:
        return Shifts()
    default = DEFAULTS[feature]
    return appeal({**default, **value}, taste) - appeal(default, taste)


def _words(text: str, taste: Taste) -> float:
    """Return the appeal of a text's urgency, gifts, reassurance and loudness."""
    urgent = len(_URGENT.findall(text))
    loud = min(len(_CAPITALS.findall(text)) + text.count("!"), 4)
    return (
        taste.urgency * min(urgent, 2)
        - taste.pressure * max(urgent - 2, 0)
        + taste.free * bool(_FREE.search(text))
        + taste.safety * bool(_SAFE.search(text))
        + taste.loud * loud
    )


def _hero(value: Value, taste: Taste) -> Shifts:
    text = " · ".join(str(value[name]) for name in ("title", "subtitle", "badge", "button_text"))
    discount = _number(value["discount_percent"], high=100.0)
    click = (
        _words(text, taste)
        + taste.discount * min(discount, 30) / 10
        - taste.doubt * max(discount - 30, 0) / 10
        + taste.action * bool(_ACTION.search(str(value["button_text"])))
        + taste.loud * _LOUD_THEME.get(str(value["theme"]), 0.0)
    )
    return Shifts(
        click=click,
        dish=-taste.thrift * max(discount - 10, 0) / 10,
        refund=taste.regret * len(_URGENT.findall(text)),
    )


def _categories(value: Value, taste: Taste) -> Shifts:
    return Shifts(click={"photo": taste.picture, "outline": -0.5 * taste.picture}.get(str(value["icon_style"]), 0.0))


def _search_result(value: Value, taste: Taste) -> Shifts:
    return Shifts(result={"card": taste.picture, "compact": taste.dense}.get(str(value["layout"]), 0.0))


def _arrival_time(value: Value, taste: Taste) -> Shifts:
    text = str(value["text"])
    plain = "{minutes}" in text
    color = str(value["color"])
    prominence = _SIZE.get(str(value["size"]), 0.0) - 0.5 * _FAINT.get(color, 0.0)
    result = taste.speed * (prominence + bool(_PRECISE.search(text)) - (0 if plain else 1))
    return Shifts(result=result + _words(text, taste) + taste.loud * _LOUD_COLOR.get(color, 0.0))


def _button(value: Value, taste: Taste) -> float:
    """Return the appeal of a button's text and colour."""
    text, color = str(value["text"]), str(value["color"])
    seen = taste.loud * _LOUD_COLOR.get(color, 0.0) - 0.15 * _FAINT.get(color, 0.0)
    return seen + _words(text, taste) + taste.action * bool(_ACTION.search(text))


def _add_to_cart(value: Value, taste: Taste) -> Shifts:
    urgent = len(_URGENT.findall(str(value["text"])))
    return Shifts(cart=_button(value, taste), refund=taste.regret * urgent)


def _price_tag(value: Value, taste: Taste) -> Shifts:
    bargain = taste.bargain * bool(value["show_original"])
    size = -0.4 * taste.discount * (_SIZE.get(str(value["size"]), 0.5) - 0.5)
    compact = taste.dense * (value["format"] == "compact")
    cart = bargain + size + compact + taste.loud * _LOUD_COLOR.get(str(value["color"]), 0.0)
    return Shifts(cart=cart, dish=0.5 * bargain)


def _checkout(value: Value, taste: Taste) -> Shifts:
    urgent = len(_URGENT.findall(str(value["text"])))
    return Shifts(checkout=_button(value, taste), refund=taste.regret * urgent)


def _driver(value: Value, taste: Taste) -> Shifts:
    return Shifts(again=taste.picture * (value["icon"] == "robot"))


def _number(value: object, *, high: float) -> float:
    """Return a shown number within 0..high; what is not a number counts as none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0.0
    return min(max(float(value), 0.0), high)


_APPEALS: dict[str, Callable[[Value, Taste], Shifts]] = {
    "home-hero-banner": _hero,
    "category-navigation": _categories,
    "search-result-item": _search_result,
    "arrival-time": _arrival_time,
    "add-to-cart-button": _add_to_cart,
    "price-tag": _price_tag,
    "checkout-button": _checkout,
    "driver-marker": _driver,
}
