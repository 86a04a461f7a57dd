"""Who is visiting: a random id in a signed cookie, and nothing else."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse

COOKIE = "visitor"
SALT = "storefront.visitor"
MAX_AGE = 60 * 60 * 24 * 365
_UNIT = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Visitor:
    """A visitor's unit id; ``is_new`` where the request brought no cookie of ours."""

    unit_id: str
    is_new: bool


@cache
def _signer() -> Signer:
    return Signer(salt=SALT)


def sign(unit_id: str) -> str:
    """Return the cookie's value for a unit id."""
    return _signer().sign(unit_id)


def identify(request: HttpRequest) -> Visitor:
    """Return the cookie's visitor, or a new one where there is no cookie or it is not one of ours."""
    try:
        unit_id = _signer().unsign(request.COOKIES.get(COOKIE, ""))
    except BadSignature:
        return Visitor(uuid.uuid4().hex, is_new=True)
    if not _UNIT.fullmatch(unit_id):
        return Visitor(uuid.uuid4().hex, is_new=True)
    return Visitor(unit_id, is_new=False)


def remember(response: HttpResponse, visitor: Visitor) -> None:
    """Give the visitor the cookie."""
    set_shop_cookie(response, COOKIE, sign(visitor.unit_id), max_age=MAX_AGE)


def set_shop_cookie(response: HttpResponse, name: str, value: str, *, max_age: int) -> None:
    """Set a cookie that only the shop's pages get and scripts cannot read."""
    response.set_cookie(
        name, value, max_age=max_age, path="/shop/", secure=settings.HTTPS, httponly=True, samesite="Lax"
    )
