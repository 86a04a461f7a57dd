"""What a visitor sees on a page of the shop: components with their parameters, links and forms."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, cast

from selectolax.lexbor import LexborHTMLParser, LexborNode

Document = LexborHTMLParser


class UnexpectedPageError(Exception):
    """A page lacks something that a visitor needs to go on."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form with the fields it would send as it stands."""

    action: str
    fields: dict[str, str]


@dataclass(frozen=True, slots=True)
class DishForm:
    """A dish that can be added."""

    dish: str
    price: int
    form: Form


def shown(document: Document) -> dict[str, str]:
    """Return the components shown and their parameters as JSON text, by feature key; the first of each counts."""
    found: dict[str, str] = {}
    for node in document.css("[data-feature]"):
        attributes = node.attributes
        found.setdefault(attributes["data-feature"] or "", attributes.get("data-params") or "{}")
    return found


@lru_cache(maxsize=512)
def parameters(text: str) -> dict[str, Any]:
    """Return parameters from their JSON text; callers only read them."""
    value = json.loads(text)
    if not isinstance(value, dict):
        raise UnexpectedPageError("data-params must be a JSON object.")
    return cast(dict[str, Any], value)


def restaurants(document: Document, source: str) -> list[str]:
    """Return links to open restaurants from a list (source ``list``) or a search (``search``), in order."""
    return [
        href
        for node in document.css("a[data-restaurant]:not(.is-closed)")
        if (href := node.attributes.get("href") or "").endswith(f"from={source}")
    ]


def hero(document: Document) -> str:
    """Return where the hero's button leads."""
    return _href(document, '[data-feature="home-hero-banner"] a[href*="from=hero"]:not([data-restaurant])')


def categories(document: Document) -> list[str]:
    """Return where the category tiles lead, in order."""
    found = [node.attributes.get("href") or "" for node in document.css('a[href*="from=categories"]')]
    if not found:
        raise UnexpectedPageError("There are no categories.")
    return found


def search_form(document: Document) -> str:
    """Return the address of a search, up to the words."""
    form = document.css_first("form[role=search]")
    field = form and form.css_first("input[type=search]")
    if not form or not field:
        raise UnexpectedPageError("There is no search box.")
    return f"{form.attributes.get('action') or ''}?{field.attributes['name']}="


def cart(document: Document) -> str:
    """Return where the cart is."""
    return _href(document, 'a[href$="/cart/"]')


def dishes(document: Document) -> list[DishForm]:
    """Return the dishes that can be added, in the menu's order."""
    return [
        DishForm(
            dish=node.attributes["data-dish"] or "",
            price=int(node.attributes["data-price"] or 0),
            form=_form(node),
        )
        for node in document.css("form[data-dish]")
    ]


def terms(document: Document) -> tuple[int, int]:
    """Return a restaurant's minimum order and delivery fee in won."""
    node = document.css_first("[data-minimum][data-fee]")
    if node is None:
        raise UnexpectedPageError("The restaurant does not say its minimum order and delivery fee.")
    return int(node.attributes["data-minimum"] or 0), int(node.attributes["data-fee"] or 0)


def checkout(document: Document) -> Form | None:
    """Return the form that orders, or None where nothing can be ordered."""
    node = document.css_first("form[data-checkout]")
    return _form(node) if node else None


def refund(document: Document) -> Form | None:
    """Return the form that asks for the money back, or None."""
    node = document.css_first("form[data-refund]")
    return _form(node) if node else None


def _href(document: Document, selector: str) -> str:
    node = document.css_first(selector)
    if node is None:
        raise UnexpectedPageError(f"There is no {selector}.")
    return node.attributes.get("href") or ""


def _form(node: LexborNode) -> Form:
    fields = {
        name: field.attributes.get("value") or ""
        for field in node.css("input[name]")
        if (name := field.attributes["name"] or "")
    }
    for choice in node.css("select[name]"):
        option = choice.css_first("option[selected]") or choice.css_first("option")
        if option is not None:
            fields[choice.attributes["name"] or ""] = option.attributes.get("value") or ""
    return Form(action=node.attributes.get("action") or "", fields=fields)
