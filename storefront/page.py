"""Make the shop's pages: what is equal for many visitors is rendered once and kept in process memory.

A kept page holds marks where a visitor's own parts go: the token of its forms, the cart, a notice.
Marks are private-use characters, which no query or catalogue text can bring in.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import get_template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from experiments.public import CITIES
from storefront.cart import PricedCart
from storefront.visit import Value, Visit

TOKEN_MARK = mark_safe("\ue000token\ue001")
BADGE_MARK = mark_safe("\ue000badge\ue001")
CART_MARK = mark_safe("\ue000cart\ue001")
CITIES_MARK = mark_safe("\ue000cities\ue001")
NOTICE_MARK = mark_safe("\ue000notice\ue001")
MOST_PAGES = 300

_kept: dict[Hashable, str] = {}


def forget() -> None:
    """Drop all kept pages of this process."""
    _kept.clear()


def frozen(value: Value) -> tuple[tuple[str, Any], ...]:
    """Return a feature's value as a key."""
    return tuple(value.items())


def render(visit: Visit, template: str, context: dict[str, Any]) -> str:
    """Render a page with marks for the visitor's own parts."""
    return get_template(template).render(
        {
            "csrf_token": TOKEN_MARK,
            "badge": BADGE_MARK,
            "cart_panel": CART_MARK,
            "notice": NOTICE_MARK,
            "cities": CITIES_MARK,
            "preview": visit.preview.feature if visit.preview else "",
            "language": visit.language,
            **context,
        }
    )


def kept(visit: Visit, key: tuple[Hashable, ...], build: Callable[[], str]) -> str:
    """Return the page of this key and language, built where it is not kept yet; previews are never kept."""
    if visit.preview:
        return build()
    whole = (visit.language, *key)
    html = _kept.get(whole)
    if html is None:
        html = build()
        if len(_kept) >= MOST_PAGES:
            _kept.clear()
        _kept[whole] = html
    return html


def respond(
    request: HttpRequest,
    visit: Visit,
    html: str,
    *,
    cart: PricedCart | None,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    """Put the visitor's own parts into the page, write what the visit noted, and answer."""
    html = (
        html.replace(CART_MARK, _cart_panel(cart))
        .replace(BADGE_MARK, _badge(cart))
        .replace(CITIES_MARK, _cities(visit.visitor.city))
        .replace(NOTICE_MARK, format_html('<p class="notice" role="status">{}</p>', notice) if notice else "")
        .replace(TOKEN_MARK, get_token(request))
    )
    return visit.finish(HttpResponse(html, status=status))


def _cities(chosen: str) -> SafeString:
    options = [*([] if chosen else [("", _("Not said"))]), *CITIES.items()]
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((key, mark_safe(" selected") if key == chosen else "", name) for key, name in options),
    )


def _cart_panel(cart: PricedCart | None) -> str:
    return get_template("storefront/cart_panel.html").render({"cart": cart}) if cart else ""


def _badge(cart: PricedCart | None) -> SafeString | str:
    if cart is None:
        return ""
    words = ngettext("%(n)d dish", "%(n)d dishes", cart.items) % {"n": cart.items}
    return format_html(
        '<span class="badge" aria-hidden="true">{}</span><span class="visually-hidden">{}</span>', cart.items, words
    )
