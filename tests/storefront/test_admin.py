"""The shop's tables in the Django admin."""

from __future__ import annotations

import pytest
from django.test import Client

from storefront.models import Order

MODELS = ["category", "restaurant", "dish", "order", "refund"]


@pytest.fixture
def browser(admin, visitor):
    """The admin's browser, after somebody ordered and was refunded."""
    visitor.post(f"{visitor.order()}refund/", {"reason": "late"})
    client = Client()
    client.force_login(admin)
    return client


@pytest.mark.parametrize("model", MODELS)
def test_every_list_opens_and_can_be_searched(browser, model):
    response = browser.get(f"/admin/storefront/{model}/", {"q": "a"})
    assert response.status_code == 200


@pytest.mark.parametrize("path", ["restaurant/luna-pizza", "dish/luna-pizza-01", "category/pizza"])
def test_the_catalogue_can_be_edited_but_not_deleted(browser, path):
    assert 'name="_save"' in browser.get(f"/admin/storefront/{path}/change/").content.decode()
    assert browser.post(f"/admin/storefront/{path}/delete/").status_code == 403


def test_an_order_can_only_be_looked_at(browser):
    path = f"/admin/storefront/order/{Order.objects.get().number}/"
    page = browser.get(f"{path}change/")
    assert page.status_code == 200
    assert 'name="_save"' not in page.content.decode()
    assert browser.post(f"{path}change/", {"total": "1"}).status_code == 403
    assert browser.get("/admin/storefront/order/add/").status_code == 403


def test_a_price_below_one_or_above_the_original_is_refused(browser):
    form = {"restaurant": "luna-pizza", "name_ko": "가", "name_en": "a", "art": "pizza/red", "position": "1"}
    for price, original in (("0", ""), ("9999999", ""), ("9000", "8000")):
        data = {**form, "code": "luna-pizza-01", "price": price, "original_price": original}
        response = browser.post("/admin/storefront/dish/luna-pizza-01/change/", data)
        assert response.status_code == 200
        assert "errornote" in response.content.decode()
