"""The visitor's cookie."""

from __future__ import annotations

import uuid

import pytest
from django.core.signing import Signer
from django.test import Client

from experiments.models import Event
from storefront import visitors

UNIT = uuid.uuid4().hex


def test_a_first_visit_gets_a_cookie_and_keeps_its_unit(shop):
    browser = Client()
    cookie = browser.get("/shop/").cookies[visitors.COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    browser.get("/shop/cart/")
    unit_id = cookie.value.split(":")[0]
    assert Event.objects.filter(unit_id=unit_id, name="page_view").count() == 2


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        UNIT,
        f"{UNIT}:forged",
        Signer(salt="another").sign(UNIT),
        Signer(key="another key", salt=visitors.SALT).sign(UNIT),
        Signer(salt=visitors.SALT).sign("not a unit"),
        Signer(salt=visitors.SALT).sign(UNIT + "0"),
        "a" * 3000,
    ],
    ids=[
        "empty",
        "nonsense",
        "unsigned",
        "forged",
        "other salt",
        "other key",
        "no unit",
        "too long a unit",
        "huge",
    ],
)
def test_a_cookie_that_is_not_ours_makes_a_new_visitor(shop, value):
    browser = Client()
    browser.cookies[visitors.COOKIE] = value
    response = browser.get("/shop/?from=hero")
    assert response.status_code == 200
    fresh = response.cookies[visitors.COOKIE].value.split(":")[0]
    assert fresh != UNIT
    assert not Event.objects.filter(unit_id=UNIT).exists()
    assert not Event.objects.filter(unit_id=fresh, name="click").exists()


def test_a_cookie_signed_with_our_key_is_taken(visitor):
    assert visitor.get("").cookies[visitors.COOKIE].value.split(":")[0] == visitor.unit_id
    assert visitors.COOKIE not in visitor.get("").cookies
    assert len(visitor.events("page_view")) == 2
