"""The cart: look, add, change, empty."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from novarium.kernel.errors import Conflict, Invalid
from storefront import cart as carts
from storefront import ordering, page
from storefront.cart import Cart, PricedCart
from storefront.catalogue import loading
from storefront.catalogue.menu import Catalogue, Dish
from storefront.features import CHECKOUT
from storefront.visit import Visit, start


@login_not_required
@require_safe
def cart(request: HttpRequest) -> HttpResponse:
    """Show what is in the cart, what it costs, and where it shall go."""
    visit = start(request)
    catalogue = loading.current()
    held = carts.priced(carts.read(request), catalogue)
    if held is None and visit.preview:
        held = sample(catalogue)
    visit.note_page("cart")
    return show(request, visit, held)


def show(
    request: HttpRequest, visit: Visit, held: PricedCart | None, *, error: Invalid | None = None, status: int = 200
) -> HttpResponse:
    """Answer with the cart's page; the order button is there only where there is something to order."""
    context: dict[str, Any] = {
        "cart": held,
        "error": error,
        "entered": request.POST,
        "places": ordering.PLACES.items(),
        "payments": ordering.PAYMENTS.items(),
        "longest_note": ordering.LONGEST_NOTE,
        "most": carts.MAX_QUANTITY,
    }
    if held is not None:
        context["is_open"] = held.restaurant.open_at(visit.local_time) or visit.preview is not None
        context["button"] = visit.values(CHECKOUT)[CHECKOUT]
    html = page.render(visit, "storefront/cart.html", {**context, "cart_panel": "", "bare": True})
    return page.respond(request, visit, html, cart=held, status=status)


@login_not_required
@require_POST
def add(request: HttpRequest) -> HttpResponse:
    """Put a dish into the cart, then show its restaurant again."""
    visit = start(request)
    catalogue = loading.current()
    dish = _dish(request, catalogue)
    quantity = _quantity(request, default="1")
    restaurant = catalogue.by_slug[dish.restaurant]
    if not restaurant.open_at(visit.local_time):
        raise Invalid(_("%(name)s is closed now.") % {"name": restaurant.name.in_(visit.language)})
    held = carts.read(request)
    try:
        changed = carts.add(held, catalogue, dish=dish, quantity=quantity, start_anew="anew" in request.POST)
    except Conflict:
        return _ask_to_start_anew(request, visit, carts.priced(held, catalogue), dish, quantity)
    visit.note("add_to_cart", dish=dish.code, restaurant=dish.restaurant, quantity=quantity, price=dish.price)
    response = redirect(f"{reverse('shop:restaurant', args=[dish.restaurant])}?added={dish.code}")
    carts.write(response, changed)
    return visit.finish(response)


@login_not_required
@require_POST
def change(request: HttpRequest) -> HttpResponse:
    """Set how many of a dish are in the cart; none takes it out."""
    visit = start(request)
    held = carts.read(request)
    code = request.POST.get("dish", "")
    if not held.quantity_of(code):
        raise Invalid(_("This dish is not in your cart."))
    response = redirect("shop:cart")
    carts.write(response, held.with_quantity(code, _quantity(request, default="")))
    return visit.finish(response)


@login_not_required
@require_POST
def empty(request: HttpRequest) -> HttpResponse:
    """Take everything out of the cart."""
    visit = start(request)
    response = redirect("shop:cart")
    carts.write(response, Cart())
    return visit.finish(response)


def _dish(request: HttpRequest, catalogue: Catalogue) -> Dish:
    dish = catalogue.dishes.get(request.POST.get("dish", ""))
    if dish is None:
        raise Invalid(_("There is no such dish."), fields={"dish": [_("There is no such dish.")]})
    if not dish.available:
        raise Invalid(_("This dish is sold out."), fields={"dish": [_("This dish is sold out.")]})
    return dish


def _quantity(request: HttpRequest, *, default: str) -> int:
    text = request.POST.get("quantity", default)
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise Invalid(_("The number of dishes is not right."), fields={"quantity": [_("Write a whole number.")]})
    return int(text)


def _ask_to_start_anew(
    request: HttpRequest, visit: Visit, held: PricedCart | None, dish: Dish, quantity: int
) -> HttpResponse:
    html = page.render(
        visit,
        "storefront/start_anew.html",
        {
            "held": held,
            "dish": dish,
            "quantity": quantity,
            "other": loading.current().by_slug[dish.restaurant],
            "cart_panel": "",
        },
    )
    return page.respond(request, visit, html, cart=held, status=409)


def sample(catalogue: Catalogue) -> PricedCart | None:
    """Return a cart for previews."""
    first = next((item for item in catalogue.restaurants if len(item.dishes) > 1), None)
    if first is None:
        return None
    return carts.priced(Cart("preview", tuple((dish.code, 1) for dish in first.dishes[:2])), catalogue)
