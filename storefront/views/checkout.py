"""Order what is in the cart."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from novarium.kernel.errors import Invalid
from storefront import cart as carts
from storefront import ordering
from storefront.cart import Cart, PricedCart
from storefront.catalogue import loading
from storefront.models import Order
from storefront.views.cart import show
from storefront.visit import Visit, start


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """Place the order and go to its tracking; a repeated submission goes to the same order."""
    if request.method != "POST":
        return redirect("shop:cart")
    visit = start(request)
    held = carts.read(request)
    existing = ordering.find_by_cart(unit_id=visit.unit_id, token=held.token) if held.token else None
    if existing is not None:
        return _to_order(visit, existing)
    priced = carts.priced(held, loading.current())
    try:
        order = _place(request, visit, priced)
    except Invalid as error:
        visit.quiet = True
        return show(request, visit, priced, error=error, status=422)
    return _to_order(visit, order)


def _place(request: HttpRequest, visit: Visit, priced: PricedCart | None) -> Order:
    if priced is None:
        raise Invalid(_("Your cart is empty."))
    details = ordering.delivery(
        place=request.POST.get("place", next(iter(ordering.PLACES))),
        payment=request.POST.get("payment", next(iter(ordering.PAYMENTS))),
        note=request.POST.get("note", "").strip(),
    )
    ordering.refuse_unorderable(priced, local_time=visit.local_time, language=visit.language)

    def record(order: Order) -> None:
        visit.note("checkout", items=order.items, total=order.total)
        visit.note(
            "purchase", amount=order.total, order=order.number, restaurant=order.restaurant_id, items=order.items
        )
        visit.visitor = visit.visitor.after_order(visit.today)
        visit.write()

    return ordering.place_order(priced, unit_id=visit.unit_id, details=details, at=visit.at, record=record)


def _to_order(visit: Visit, order: Order) -> HttpResponse:
    response = redirect("shop:order", number=order.number)
    carts.write(response, Cart())
    return visit.finish(response)
