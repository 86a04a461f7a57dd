"""An open shop, and visitors with their cookies."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from experiments.models import Event, Exposure, Feature
from experiments.public import sign_preview
from storefront import visitors
from storefront.catalogue import loading
from storefront.catalogue.seed import install
from storefront.models import Restaurant


@dataclass
class Visitor:
    """A browser with the shop's cookie."""

    unit_id: str
    client: Client

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.client.get(f"/shop/{path}", headers=headers)

    def post(self, path: str, data: dict[str, Any] | None = None, **headers: str) -> HttpResponse:
        return self.client.post(f"/shop/{path}", data or {}, headers=headers)

    def add(self, dish: str, quantity: object = 1, **more: str) -> HttpResponse:
        return self.post("cart/add/", {"dish": dish, "quantity": quantity, **more})

    def order(self, dish: str = "hangang-kitchen-01", quantity: int = 2) -> str:
        """Order a dish and return the path of the order's page below the shop."""
        self.add(dish, quantity)
        response = self.post("checkout/", {"place": "home", "payment": "card"})
        assert response.status_code == 302
        return str(response["Location"]).removeprefix("/shop/")

    def events(self, name: str = "") -> list[Event]:
        found = Event.objects.filter(unit_id=self.unit_id).order_by("occurred_at", "event_id")
        return [event for event in found if not name or event.name == name]

    def exposures(self) -> list[Exposure]:
        return list(Exposure.objects.filter(unit_id=self.unit_id))


@pytest.fixture
def shop(catalogue):
    """The shop with its features and its menu."""
    install()


@pytest.fixture
def make_visitor(shop):
    """Return a function that makes visitors with our cookie and its notes; other arguments go to the browser."""

    def make(*, notes: dict[str, Any] | None = None, **client: Any) -> Visitor:
        unit_id = uuid.uuid4().hex
        browser = Client(**client)
        browser.cookies[visitors.COOKIE] = visitors.sign(visitors.Visitor(unit_id=unit_id, **(notes or {})))
        return Visitor(unit_id, browser)

    return make


@pytest.fixture
def visitor(make_visitor):
    return make_visitor()


@pytest.fixture
def another(make_visitor):
    return make_visitor()


@pytest.fixture
def close(shop):
    """Return a function that closes a restaurant until in two hours."""

    def change(slug: str) -> None:
        now = timezone.localtime()
        minute = now.hour * 60 + now.minute
        restaurant = Restaurant.objects.get(slug=slug)
        restaurant.opens_at, restaurant.closes_at = (minute + 120) % 1440, (minute + 180) % 1440
        restaurant.save()
        loading.forget()

    return change


@pytest.fixture
def preview(shop):
    """Return a function that makes the ``preview=…`` of a feature with changed parameters."""

    def make(key: str, **changed: Any) -> str:
        feature = Feature.objects.get(key=key)
        value = {item["name"]: item["default"] for item in feature.parameters} | changed
        return f"preview={sign_preview(feature, value)}"

    return make


@pytest.fixture
def copy_of(shop):
    """Return a function that makes another browser with the same cookies."""

    def make(visitor: Visitor) -> Visitor:
        browser = Client()
        for name, morsel in visitor.client.cookies.items():
            browser.cookies[name] = morsel.value
        return Visitor(visitor.unit_id, browser)

    return make
