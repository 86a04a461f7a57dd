"""Checkout, tracking and refund."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from storefront.models import Order, OrderLine, Refund

DISH = "hangang-kitchen-01"
ENGLISH = {"Accept-Language": "en"}


def test_an_order_keeps_its_lines_and_its_money(visitor):
    visitor.add(DISH, 2)
    visitor.add("hangang-kitchen-07")
    response = visitor.post("checkout/", {"place": "office", "payment": "pay", "note": " No chilli, please "})
    order = Order.objects.get()
    assert response["Location"] == f"/shop/orders/{order.number}/"
    assert re.fullmatch(r"NE-[0-9A-Z]{5}-[0-9A-Z]{5}", order.number)
    assert (order.unit_id, order.restaurant_id, order.items) == (visitor.unit_id, "hangang-kitchen", 3)
    assert (order.subtotal, order.delivery_fee, order.total) == (26300, 2000, 28300)
    assert (order.place, order.payment, order.note) == ("office", "pay", "No chilli, please")
    assert {(line.dish_id, line.quantity, line.unit_price) for line in order.lines.all()} == {
        (DISH, 2, 11900),
        ("hangang-kitchen-07", 1, 2500),
    }


def test_an_order_is_noted_with_its_amount_and_empties_the_cart(visitor):
    visitor.order()
    order = Order.objects.get()
    (purchase,) = visitor.events("purchase")
    assert purchase.amount == order.total
    assert purchase.properties == {"order": order.number, "restaurant": "hangang-kitchen", "items": 2}
    (checkout,) = visitor.events("checkout")
    assert checkout.properties == {"items": 2, "total": order.total}
    assert "data-line" not in visitor.get("cart/").content.decode()


def test_a_cart_sent_twice_is_one_order(visitor):
    visitor.add(DISH, 2)
    cart = visitor.client.cookies["cart"].value
    first = visitor.post("checkout/")["Location"]
    visitor.client.cookies["cart"] = cart
    assert visitor.post("checkout/")["Location"] == first
    assert Order.objects.count() == 1
    assert OrderLine.objects.count() == 1
    assert len(visitor.events("purchase")) == 1


def test_another_visitor_with_the_same_cart_gets_an_order_of_their_own(visitor, another):
    visitor.add(DISH, 2)
    another.client.cookies["cart"] = visitor.client.cookies["cart"].value
    assert visitor.post("checkout/")["Location"] != another.post("checkout/")["Location"]
    assert Order.objects.count() == 2


def refused(visitor, response) -> str:
    """Check that nothing was ordered and return what the page says."""
    assert response.status_code == 422
    assert not Order.objects.exists()
    assert not {event.name for event in visitor.events()} & {"purchase", "checkout"}
    return HTMLParser(response.content.decode()).css_first("[role=alert]").text()


def test_an_empty_cart_cannot_be_ordered(visitor):
    assert "empty" in refused(visitor, visitor.post("checkout/", **ENGLISH))


def test_below_the_minimum_is_refused_with_the_missing_amount(visitor):
    visitor.add(DISH, 1)
    message = refused(visitor, visitor.post("checkout/", **ENGLISH))
    assert "₩100" in message
    assert "₩12,000" in message


def test_a_closed_restaurant_is_refused(visitor, close):
    visitor.add(DISH, 2)
    close("hangang-kitchen")
    assert "closed" in refused(visitor, visitor.post("checkout/", **ENGLISH))


@pytest.mark.parametrize(
    ("field", "value"),
    [("place", "moon"), ("payment", "shells"), ("note", "x" * 201), ("note", "a\x00b"), ("place", "")],
)
def test_wrong_details_are_refused_at_their_field_and_keep_the_cart(visitor, field, value):
    visitor.add(DISH, 2)
    response = visitor.post("checkout/", {"place": "home", "payment": "card", "note": "", field: value})
    refused(visitor, response)
    page = HTMLParser(response.content.decode())
    assert page.css_first(f"#{field}").attributes["aria-invalid"] == "true"
    assert page.css_first(f"#{field}-error").text()
    assert page.css("[data-line]")


def test_checkout_by_get_goes_to_the_cart(visitor):
    assert visitor.get("checkout/")["Location"] == "/shop/cart/"


def test_tracking_shows_the_order_and_its_driver(visitor):
    page = HTMLParser(visitor.get(visitor.order()).content.decode())
    assert page.css_first('[data-feature="driver-marker"]')
    assert page.css_first('[aria-current="step"]')


@pytest.mark.parametrize(
    ("minutes_ago", "step"), [(0, "Accepted"), (10, "Cooking"), (20, "On the way"), (300, "Delivered")]
)
def test_tracking_follows_the_clock(visitor, minutes_ago, step):
    path = visitor.order()
    order = Order.objects.get()
    order.placed_at -= timedelta(minutes=minutes_ago)
    order.promised_at -= timedelta(minutes=minutes_ago)
    order.save()
    page = HTMLParser(visitor.get(path, **ENGLISH).content.decode())
    assert page.css_first('[aria-current="step"]').text().strip().endswith(step)


def test_another_visitors_order_is_not_there(visitor, another):
    path = visitor.order()
    assert another.get(path).status_code == 404
    assert another.post(f"{path}refund/", {"reason": "late"}).status_code == 404
    assert not Refund.objects.exists()
    assert "NE-" not in another.get("orders/").content.decode()
    assert Order.objects.get().number in visitor.get("orders/").content.decode()


def test_a_refund_pays_the_whole_order_back_once(visitor):
    path = visitor.order()
    order = Order.objects.get()
    assert visitor.post(f"{path}refund/", {"reason": "late"})["Location"] == f"/shop/{path}?refunded"
    assert visitor.post(f"{path}refund/", {"reason": "late"}).status_code == 409
    assert Refund.objects.get().amount == order.total
    (event,) = visitor.events("refund")
    assert event.amount == order.total
    assert event.properties == {"order": order.number, "reason": "late"}
    assert "data-refund" not in visitor.get(path).content.decode()


@pytest.mark.parametrize("reason", ["", "nope", "\x00", "x" * 500])
def test_a_refund_needs_a_known_reason(visitor, reason):
    path = visitor.order()
    assert visitor.post(f"{path}refund/", {"reason": reason}).status_code == 422
    assert not Refund.objects.exists()
    assert not visitor.events("refund")


def test_a_preview_link_hides_no_order_from_the_events(visitor, preview):
    visitor.add("hangang-kitchen-01", 2)
    assert visitor.post(f"checkout/?{preview('checkout-button')}").status_code == 302
    assert len(visitor.events("purchase")) == 1
