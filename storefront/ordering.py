"""Turn a cart into an order, and pay an order back: each once, however often it is asked for."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from novarium.kernel.errors import Conflict, Invalid, NotFound
from storefront.cart import PricedCart
from storefront.models import Order, OrderLine, Refund
from storefront.money import won

PLACES = {
    "home": gettext_lazy("Home, 12 Yeonnam-ro, Mapo-gu"),
    "office": gettext_lazy("Office, 8 Teheran-ro, Gangnam-gu"),
    "campus": gettext_lazy("Campus, 1 Gwanak-ro, Gwanak-gu"),
}
PAYMENTS = {
    "card": gettext_lazy("Card"),
    "pay": gettext_lazy("NovaPay"),
    "cash": gettext_lazy("Cash at the door"),
}
REASONS = {
    "late": gettext_lazy("It came too late"),
    "wrong": gettext_lazy("Something was wrong or missing"),
    "quality": gettext_lazy("The food was not good"),
    "changed": gettext_lazy("I changed my mind"),
}
LONGEST_NOTE = 200
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without signs that look alike


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Where the order goes and how it is paid."""

    place: str
    payment: str
    note: str


def delivery(*, place: str, payment: str, note: str) -> Delivery:
    """Return checked delivery details.

    Raises:
        Invalid: an unknown place or payment, or a note that is too long.
    """
    errors: dict[str, list[str]] = {}
    if place not in PLACES:
        errors["place"] = [_("Choose one of the places.")]
    if payment not in PAYMENTS:
        errors["payment"] = [_("Choose one of the ways to pay.")]
    if len(note) > LONGEST_NOTE or "\0" in note:
        errors["note"] = [_("Write at most %(most)d characters.") % {"most": LONGEST_NOTE}]
    if errors:
        raise Invalid(_("Some details of the delivery are not right."), fields=errors)
    return Delivery(place=place, payment=payment, note=note)


def refuse_unorderable(cart: PricedCart, *, local_time: datetime, language: str) -> None:
    """Raise Invalid where the restaurant is closed or the minimum order is not reached."""
    if not cart.restaurant.open_at(local_time):
        raise Invalid(_("%(name)s is closed now.") % {"name": cart.restaurant.name.in_(language)})
    if cart.missing:
        raise Invalid(
            _("Add dishes for %(amount)s more to reach the minimum order of %(minimum)s.")
            % {"amount": won(cart.missing, language), "minimum": won(cart.restaurant.minimum_order, language)}
        )


def find_by_cart(*, unit_id: str, token: str) -> Order | None:
    """Return the order that the visitor's cart already became."""
    return Order.objects.filter(unit_id=unit_id, cart_token=token).first()


def unsaved_order(cart: PricedCart, *, unit_id: str, details: Delivery, at: datetime) -> Order:
    """Return the cart as an order that is not stored yet."""
    return Order(
        number=new_number(),
        unit_id=unit_id,
        restaurant_id=cart.restaurant.slug,
        placed_at=at,
        promised_at=at + timedelta(minutes=cart.restaurant.minutes),
        items=cart.items,
        subtotal=cart.subtotal,
        delivery_fee=cart.restaurant.delivery_fee,
        total=cart.total,
        place=details.place,
        payment=details.payment,
        note=details.note,
        cart_token=cart.token,
    )


def unsaved_lines(order: Order, cart: PricedCart) -> list[OrderLine]:
    """Return the cart's dishes as lines of the order that are not stored yet."""
    return [
        OrderLine(order_id=order.number, dish_id=line.dish.code, quantity=line.quantity, unit_price=line.dish.price)
        for line in cart.lines
    ]


def place_order(
    cart: PricedCart, *, unit_id: str, details: Delivery, at: datetime, record: Callable[[Order], None]
) -> Order:
    """Store the order with its lines, and what ``record`` writes, in one transaction.

    The same cart sent twice, even at the same moment, gives the same order and is recorded once.
    """
    order = unsaved_order(cart, unit_id=unit_id, details=details, at=at)
    with transaction.atomic(using="shop"):
        Order.objects.bulk_create([order], ignore_conflicts=True)
        stored = Order.objects.get(unit_id=unit_id, cart_token=cart.token)
        if stored.number != order.number:
            return stored
        OrderLine.objects.bulk_create(unsaved_lines(order, cart))
        record(order)
    return order


def new_number() -> str:
    """Return a number that can be read out and not be guessed (49 bits), such as ``NE-7K3F9-QXM2B``."""
    signs = "".join(secrets.choice(_ALPHABET) for _place in range(10))
    return f"NE-{signs[:5]}-{signs[5:]}"


def order_of(*, number: str, unit_id: str) -> Order:
    """Return the visitor's own order with restaurant, lines and refund.

    Raises:
        NotFound: there is no such order of this visitor.
    """
    order = (
        Order.objects.select_related("refund").prefetch_related("lines").filter(number=number, unit_id=unit_id).first()
    )
    if order is None:
        raise NotFound(_("There is no such order. An order can be seen only on the device that placed it."))
    return order


def refund(order: Order, *, reason: str, at: datetime, record: Callable[[Refund], None]) -> Refund:
    """Pay the whole order back, in one transaction with what ``record`` writes.

    Raises:
        Invalid: an unknown reason.
        Conflict: the order was already paid back.
    """
    if reason not in REASONS:
        raise Invalid(_("Choose a reason for the refund."), fields={"reason": [_("Choose one of the reasons.")]})
    with transaction.atomic(using="shop"):
        # the row lock makes a second request wait until the first is committed
        Order.objects.select_for_update().get(pk=order.pk)
        made, created = Refund.objects.get_or_create(
            order_id=order.pk, defaults={"amount": order.total, "reason": reason, "requested_at": at}
        )
        if not created:
            raise Conflict(_("This order was already refunded."))
        record(made)
    return made
