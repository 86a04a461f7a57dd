"""What the shop's templates say often: pictures, prices, texts in the reader's language, a feature's mark."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from storefront import hours, money
from storefront.catalogue.menu import Text
from storefront.features import shown_text
from storefront.visit import reader_language

register = template.Library()


@register.simple_tag
def art(spec: str, extra: str = "") -> SafeString:
    """Draw a picture of the sprite, such as ``bowl/red``; decoration only, so hidden from screen readers."""
    name, _, palette = spec.partition("/")
    return format_html(
        '<svg class="art{} {}" aria-hidden="true"><use href="{}#{}"/></svg>',
        f" p-{palette}" if palette else "",
        extra,
        static("shop/art.svg"),
        name,
    )


@register.simple_tag
def feature(key: str, value: Mapping[str, Any]) -> SafeString:
    """Mark an element as the root of a feature's component, with the value that it shows."""
    return format_html(
        'data-feature="{}" data-params="{}"', key, json.dumps(dict(value), ensure_ascii=False, separators=(",", ":"))
    )


@register.simple_tag
def price(amount: int, style: str) -> str:
    """Write a price in one of the price tag's formats."""
    return money.price(amount, style)


@register.simple_tag
def arrival(text: str, minutes: int) -> str:
    """Write an arrival time; ``{minutes}`` in the text becomes the number."""
    return shown_text(text).replace("{minutes}", str(minutes))


@register.filter
def won(amount: int) -> str:
    """Write won as the reader's language does."""
    return money.won(amount, reader_language())


@register.filter
def said(text: Text) -> str:
    """Write a text of the catalogue in the reader's language."""
    return text.in_(reader_language())


@register.filter
def shown(text: str) -> str:
    """Write a parameter's text: a message id translated, an analyst's words as typed."""
    return shown_text(text)


@register.filter
def clock(minute: int) -> str:
    """Write a minute of the day as hh:mm."""
    return hours.clock(minute)
