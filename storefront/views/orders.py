"""A visitor's orders: the list, the tracking of one, and its refund."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from novarium.kernel.errors import Conflict, Invalid, NotFound
from storefront import cart as carts
from storefront import ordering, page
from storefront.catalogue import loading
from storefront.features import DRIVER
from storefront.models import Order, OrderLine, Refund
from storefront.tracking import Step, progress
from storefront.views import cart as cart_pages
from storefront.visit import Visit, start

MOST_ORDERS = 30
SAMPLE_DELIVERY = ordering.Delivery(place="home", payment="card", note="")
# the tracking map, 640 by 360: its streets, and the driver's way along them
ROADS = "M-10 60h220l60 90M100-10v380M270 150l20 220M-10 300h660M400-10l30 150 40 230M560-10v380M210 60h440M446 230h204"
ROUTE = "M100 60H210L270 150L284 300H458L446 230H560"


@login_not_required
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """List the visitor's own orders, the newest first."""
    visit = start(request)
    catalogue = loading.current()
    visit.note_page("orders")
    found = Order.objects.filter(unit_id=visit.unit_id).select_related("refund")[:MOST_ORDERS]
    rows = [(order, catalogue.by_slug.get(order.restaurant_id), getattr(order, "refund", None)) for order in found]
    html = page.render(visit, "storefront/orders.html", {"rows": rows, "cart_panel": ""})
    return page.respond(request, visit, html, cart=carts.priced(carts.read(request), catalogue))


@login_not_required
@require_safe
def order(request: HttpRequest, number: str) -> HttpResponse:
    """Show where the visitor's order is, what it holds, and the way to a refund."""
    visit = start(request)
    visit.note_page("tracking")
    notice = _("The refund was requested.") if "refunded" in request.GET else ""
    return _show_own(request, visit, ordering.order_of(number=number, unit_id=visit.unit_id), notice=notice)


@login_not_required
@require_safe
def sample(request: HttpRequest) -> HttpResponse:
    """Show the tracking of an order that does not exist, for previews only."""
    visit = start(request)
    cart = cart_pages.sample(loading.current())
    if visit.preview is None or cart is None:
        raise NotFound(_("There is no such order. An order can be seen only on the device that placed it."))
    order = ordering.unsaved_order(
        cart, unit_id="", details=SAMPLE_DELIVERY, at=visit.at - timedelta(minutes=cart.restaurant.minutes * 0.7)
    )
    order.number = "NE-00000-00000"
    return _show(request, visit, order, lines=ordering.unsaved_lines(order, cart), refund=None)


@login_not_required
@require_POST
def request_refund(request: HttpRequest, number: str) -> HttpResponse:
    """Pay the order back in full, once."""
    visit = start(request)
    found = ordering.order_of(number=number, unit_id=visit.unit_id)

    def record(refund: Refund) -> None:
        visit.note("refund", amount=refund.amount, order=found.number, reason=refund.reason)
        visit.write()

    try:
        ordering.refund(found, reason=request.POST.get("reason", ""), at=visit.at, record=record)
    except (Invalid, Conflict) as error:
        visit.quiet = True
        return _show_own(request, visit, found, error=error.message, status=error.status)
    return visit.finish(redirect(f"{reverse('shop:order', args=[number])}?refunded"))


def _show_own(request: HttpRequest, visit: Visit, found: Order, **answer: Any) -> HttpResponse:
    return _show(request, visit, found, lines=list(found.lines.all()), refund=getattr(found, "refund", None), **answer)


def _show(
    request: HttpRequest,
    visit: Visit,
    found: Order,
    *,
    lines: list[OrderLine],
    refund: Refund | None,
    notice: str = "",
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    catalogue = loading.current()
    where = progress(placed_at=found.placed_at, promised_at=found.promised_at, now=visit.at)
    html = page.render(
        visit,
        "storefront/order.html",
        {
            "order": found,
            "restaurant": catalogue.by_slug.get(found.restaurant_id),
            "lines": [(line, catalogue.dishes.get(line.dish_id)) for line in lines],
            "place": ordering.PLACES.get(found.place, found.place),
            "payment": ordering.PAYMENTS.get(found.payment, found.payment),
            "where": where,
            "roads": ROADS,
            "route": ROUTE,
            "step": where.step,
            "steps": _steps(),
            "refund": refund,
            "reasons": ordering.REASONS.items(),
            "driver": visit.values(DRIVER)[DRIVER],
            "error": error,
            "cart_panel": "",
        },
    )
    return page.respond(
        request, visit, html, cart=carts.priced(carts.read(request), catalogue), notice=notice, status=status
    )


def _steps() -> list[tuple[Step, str]]:
    return [
        (Step.ACCEPTED, _("Accepted")),
        (Step.COOKING, _("Cooking")),
        (Step.ON_THE_WAY, _("On the way")),
        (Step.DELIVERED, _("Delivered")),
    ]
