"""The cart: dish keys and quantities in a signed cookie; every price comes from the catalogue."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from novarium.kernel.errors import Conflict, Invalid
from storefront import visitors
from storefront.catalogue.menu import Catalogue, Dish, Restaurant

COOKIE = "cart"
SALT = "storefront.cart"
MAX_AGE = 60 * 60 * 24 * 7
MAX_QUANTITY = 20
MAX_LINES = 20


@dataclass(frozen=True, slots=True)
class Cart:
    """Dish keys with quantities of one restaurant; the token names the cart until it becomes an order."""

    token: str = ""
    quantities: tuple[tuple[str, int], ...] = ()

    def quantity_of(self, code: str) -> int:
        """Return how many of the dish are in the cart."""
        return dict(self.quantities).get(code, 0)

    def with_quantity(self, code: str, quantity: int) -> Cart:
        """Return the cart with that many of the dish; none removes it.

        Raises:
            Invalid: too many of one dish, or too many dishes.
        """
        if not 0 <= quantity <= MAX_QUANTITY:
            raise Invalid(
                _("You can order up to %(most)d of one dish.") % {"most": MAX_QUANTITY},
                fields={"quantity": [_("Choose a number from 0 to %(most)d.") % {"most": MAX_QUANTITY}]},
            )
        changed = {**dict(self.quantities), code: quantity}
        kept = tuple((key, count) for key, count in changed.items() if count)
        if len(kept) > MAX_LINES:
            raise Invalid(_("A cart holds up to %(most)d different dishes.") % {"most": MAX_LINES})
        return replace(self, token=self.token or secrets.token_hex(16), quantities=kept)


@dataclass(frozen=True, slots=True)
class Line:
    """A dish in the cart."""

    dish: Dish
    quantity: int

    @property
    def amount(self) -> int:
        """The line's won."""
        return self.dish.price * self.quantity


@dataclass(frozen=True, slots=True)
class PricedCart:
    """The cart with today's prices; money in won."""

    token: str
    restaurant: Restaurant
    lines: tuple[Line, ...]

    @property
    def items(self) -> int:
        """How many dishes, counting each piece."""
        return sum(line.quantity for line in self.lines)

    @property
    def subtotal(self) -> int:
        """The dishes' won."""
        return sum(line.amount for line in self.lines)

    @property
    def total(self) -> int:
        """What the visitor pays: dishes and delivery."""
        return self.subtotal + self.restaurant.delivery_fee

    @property
    def missing(self) -> int:
        """Won that are missing to the restaurant's minimum order."""
        return max(self.restaurant.minimum_order - self.subtotal, 0)


def read(request: HttpRequest) -> Cart:
    """Return the cookie's cart, or an empty one where there is none or it is not one of ours."""
    text = request.COOKIES.get(COOKIE)
    if not text:
        return Cart()
    try:
        token, quantities = signing.loads(text, salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        return Cart()
    return Cart(token, tuple((code, count) for code, count in quantities))


def write(response: HttpResponse, cart: Cart) -> None:
    """Keep the cart in its cookie, or drop the cookie of an empty cart."""
    if cart.quantities:
        text = signing.dumps([cart.token, cart.quantities], salt=SALT, compress=True)
        visitors.set_shop_cookie(response, COOKIE, text, max_age=MAX_AGE)
    else:
        response.delete_cookie(COOKIE, path="/shop/", samesite="Lax")


def priced(cart: Cart, catalogue: Catalogue) -> PricedCart | None:
    """Return the cart with prices, or None for an empty one; dishes that are no longer sold fall out."""
    lines = tuple(
        Line(catalogue.dishes[code], count)
        for code, count in cart.quantities
        if code in catalogue.dishes and catalogue.dishes[code].available
    )
    if not lines:
        return None
    return PricedCart(cart.token, catalogue.by_slug[lines[0].dish.restaurant], lines)


def add(cart: Cart, catalogue: Catalogue, *, dish: Dish, quantity: int, start_anew: bool) -> Cart:
    """Return the cart with more of the dish.

    Raises:
        Invalid: a quantity out of bounds.
        Conflict: the cart holds dishes of another restaurant and ``start_anew`` is not said.
    """
    held = priced(cart, catalogue)
    if held is not None and held.restaurant.slug != dish.restaurant:
        if not start_anew:
            raise Conflict(_("Your cart holds dishes of another restaurant."))
        cart = Cart()
    if quantity < 1:
        raise Invalid(_("Choose at least one."), fields={"quantity": [_("Choose at least one.")]})
    return cart.with_quantity(dish.code, cart.quantity_of(dish.code) + quantity)
