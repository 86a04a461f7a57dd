"""The cart: it adds up, it is bounded, and bad input changes nothing."""

from __future__ import annotations

import pytest
from django.core import signing
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from storefront import cart as carts
from storefront.catalogue import loading
from storefront.models import Dish, Order

DISH = "hangang-kitchen-01"


def lines(visitor) -> dict[str | None, int]:
    """Return the dishes that the cart's page shows, with their numbers."""
    page = HTMLParser(visitor.get("cart/").content.decode())
    return {
        item.attributes["data-line"]: int(item.css_first(".stepper span").text()) for item in page.css("[data-line]")
    }


def total(visitor) -> str | None:
    form = HTMLParser(visitor.get("cart/").content.decode()).css_first("form[data-checkout]")
    return form.attributes["data-total"]


def test_it_adds_up(visitor):
    visitor.add(DISH, 2)
    visitor.add("hangang-kitchen-03")
    visitor.add(DISH)
    assert lines(visitor) == {DISH: 3, "hangang-kitchen-03": 1}
    assert total(visitor) == str(3 * 11900 + 9500 + 2000)


def test_adding_goes_back_to_the_menu_and_notes_the_event(visitor):
    assert visitor.add(DISH, 2)["Location"] == f"/shop/restaurants/hangang-kitchen/?added={DISH}"
    (event,) = visitor.events("add_to_cart")
    assert event.properties == {"dish": DISH, "restaurant": "hangang-kitchen", "quantity": 2, "price": 11900}


def test_the_menu_says_what_was_added_and_keeps_the_cart_in_sight(visitor):
    visitor.add(DISH, 2)
    response = visitor.get(f"restaurants/hangang-kitchen/?added={DISH}", **{"Accept-Language": "en"})
    page = HTMLParser(response.content.decode())
    assert "Stone-pot bibimbap" in page.css_first("[role=status]").text()
    assert "₩25,800" in page.css_first(".panel").text()


def test_one_visitors_cart_is_not_on_anothers_page(visitor, another):
    visitor.add(DISH)
    visitor.get("restaurants/hangang-kitchen/")
    assert not HTMLParser(another.get("restaurants/hangang-kitchen/").content.decode()).css(".panel, .badge")


def test_the_price_is_todays_and_not_the_cookies(visitor):
    visitor.add(DISH, 2)
    dish = Dish.objects.get(code=DISH)
    dish.price = 13000
    dish.save()
    loading.forget()
    assert total(visitor) == "28000"


@pytest.mark.parametrize("quantity", ["0", "-1", "21", "1e3", "1.5", "abc", "", "٣", "9" * 400, "\x00"])
def test_an_absurd_quantity_is_refused_and_changes_nothing(visitor, quantity):
    assert visitor.add(DISH, quantity).status_code == 422
    assert lines(visitor) == {}
    assert not visitor.events("add_to_cart")


@pytest.mark.parametrize("dish", ["", "nope", "hangang-kitchen-99", "' or 1=1 --", "\x00", "x" * 4000])
def test_an_unknown_dish_is_refused_in_the_shops_style(visitor, dish):
    response = visitor.add(dish)
    assert response.status_code == 422
    assert "shop/base.css" in response.content.decode()
    assert lines(visitor) == {}


def test_more_than_the_bound_of_one_dish_is_refused_and_keeps_the_cart(visitor):
    visitor.add(DISH, 19)
    assert visitor.add(DISH, 2).status_code == 422
    assert lines(visitor) == {DISH: 19}


def test_a_dish_of_a_closed_restaurant_cannot_be_added(visitor, close):
    close("hangang-kitchen")
    assert visitor.add(DISH).status_code == 422
    assert lines(visitor) == {}


def test_a_dish_of_another_restaurant_asks_before_it_starts_a_new_cart(visitor):
    visitor.add(DISH)
    response = visitor.add("luna-pizza-01")
    assert response.status_code == 409
    assert HTMLParser(response.content.decode()).css_first('form input[name="anew"]')
    assert lines(visitor) == {DISH: 1}
    visitor.add("luna-pizza-01", anew="1")
    assert lines(visitor) == {"luna-pizza-01": 1}


def test_a_line_can_be_changed_and_taken_out(visitor):
    visitor.add(DISH)
    visitor.add("hangang-kitchen-02")
    visitor.post("cart/change/", {"dish": DISH, "quantity": "4"})
    assert lines(visitor) == {DISH: 4, "hangang-kitchen-02": 1}
    visitor.post("cart/change/", {"dish": DISH, "quantity": "0"})
    assert lines(visitor) == {"hangang-kitchen-02": 1}
    visitor.post("cart/empty/")
    assert lines(visitor) == {}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"dish": "luna-pizza-01", "quantity": "1"},
        {"dish": DISH},
        {"dish": DISH, "quantity": "-3"},
        {"dish": DISH, "quantity": "21"},
    ],
)
def test_a_wrong_change_is_refused_and_changes_nothing(visitor, data):
    visitor.add(DISH)
    assert visitor.post("cart/change/", data).status_code == 422
    assert lines(visitor) == {DISH: 1}


@pytest.mark.parametrize(
    "value",
    [
        "x",
        "W10:forged",
        signing.dumps(["t", [[DISH, 5]]], salt="another"),
        signing.dumps(["t", [[DISH, 5]]], key="another", salt=carts.SALT),
    ],
    ids=["nonsense", "forged", "other salt", "other key"],
)
def test_a_forged_cart_is_an_empty_cart(visitor, value):
    visitor.client.cookies[carts.COOKIE] = value
    assert lines(visitor) == {}
    assert visitor.post("checkout/").status_code == 422
    assert not Order.objects.exists()


def test_an_empty_cart_shows_no_order_button_and_exposes_nobody(visitor):
    assert not HTMLParser(visitor.get("cart/").content.decode()).css("form[data-checkout]")
    assert not visitor.events("impression")


@pytest.mark.parametrize("path", ["cart/add/", "cart/change/", "cart/empty/", "language/"])
def test_a_change_needs_a_post_with_the_forms_token(make_visitor, path):
    careful = make_visitor(enforce_csrf_checks=True)
    assert careful.get(path).status_code == 405
    response = careful.post(path, {"dish": DISH, "quantity": "1", "language": "ko"})
    assert response.status_code == 403
    assert "shop/base.css" in response.content.decode()


def test_the_forms_of_a_kept_page_carry_each_visitors_own_token(make_visitor):
    for _visitor in range(2):
        careful = make_visitor(enforce_csrf_checks=True)
        page = HTMLParser(careful.get("restaurants/hangang-kitchen/").content.decode())
        field = page.css_first(f'form[data-dish="{DISH}"] input[name=csrfmiddlewaretoken]')
        assert careful.add(DISH, csrfmiddlewaretoken=field.attributes["value"]).status_code == 302


def test_a_huge_body_is_refused(visitor):
    assert visitor.add(DISH, more="x" * 2_000_000).status_code == 400
    assert lines(visitor) == {}
