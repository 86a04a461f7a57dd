"""Who is visiting: a random id in a signed cookie, with the few notes that its attributes are made of."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse

COOKIE = "visitor"
SALT = "storefront.visitor"
MAX_AGE = 60 * 60 * 24 * 365
MOST_ORDERS = 9_999
# A cookie that only holds the id is one from before the notes; days are counted from the year 1.
_COOKIE = re.compile(r"([0-9a-f]{32})(?::([1-9]\d{5})?:([a-z]{0,20}):(\d{1,4}):([1-9]\d{5})?:([0-9a-f]{8})?)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A visitor's unit id, and what the cookie notes.

    Attributes:
        is_new: The request brought no cookie of ours.
        first_day: Day of the first visit, None where the cookie is older than this note.
        city: Where the food shall go; empty until it is chosen.
        orders: Orders so far, at most ``MOST_ORDERS``.
        last_order: Day of the last of them.
        stored: Mark of the attributes that were stored last (see ``attributes.mark_of``), empty for none.
    """

    unit_id: str
    is_new: bool = False
    first_day: date | None = None
    city: str = ""
    orders: int = 0
    last_order: date | None = None
    stored: str = ""

    def after_order(self, day: date) -> Visitor:
        """Return the visitor with one order more."""
        return replace(self, orders=min(self.orders + 1, MOST_ORDERS), last_order=day)


@cache
def _signer() -> Signer:
    return Signer(salt=SALT)


def sign(visitor: Visitor) -> str:
    """Return the visitor's cookie."""
    days = [day.toordinal() if day else "" for day in (visitor.first_day, visitor.last_order)]
    return _signer().sign(f"{visitor.unit_id}:{days[0]}:{visitor.city}:{visitor.orders}:{days[1]}:{visitor.stored}")


def identify(request: HttpRequest, *, today: date) -> Visitor:
    """Return the cookie's visitor, or a new one where there is no cookie or it is not one of ours."""
    try:
        found = _COOKIE.fullmatch(_signer().unsign(request.COOKIES.get(COOKIE, "")))
    except BadSignature:
        found = None
    if found is None:
        return Visitor(unit_id=uuid.uuid4().hex, is_new=True, first_day=today)
    unit_id, first_day, city, orders, last_order, stored = found.groups()
    return Visitor(
        unit_id=unit_id,
        first_day=_day(first_day),
        city=city or "",
        orders=int(orders or 0),
        last_order=_day(last_order),
        stored=stored or "",
    )


def _day(text: str | None) -> date | None:
    return date.fromordinal(int(text)) if text else None


def remember(response: HttpResponse, visitor: Visitor) -> None:
    """Give the visitor the cookie."""
    set_shop_cookie(response, COOKIE, sign(visitor), max_age=MAX_AGE)


def set_shop_cookie(response: HttpResponse, name: str, value: str, *, max_age: int) -> None:
    """Set a cookie that only the shop's pages get and scripts cannot read."""
    response.set_cookie(
        name, value, max_age=max_age, path="/shop/", secure=settings.HTTPS, httponly=True, samesite="Lax"
    )
