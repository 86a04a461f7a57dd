"""A visitor's orders: the list, the tracking of one, and its refund."""

from __future__ import annotations

from datetime import timedelta

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
from storefront.models import Order, Refund
from storefront.tracking import Step, progress
from storefront.visit import Visit, start

MOST_ORDERS = 30


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
    return _show(request, visit, ordering.order_of(number=number, unit_id=visit.unit_id), notice=notice)


@login_not_required
@require_safe
def sample(request: HttpRequest) -> HttpResponse:
    """Show the tracking of an order that does not exist, for previews only."""
    visit = start(request)
    first = next(iter(loading.current().restaurants), None)
    if visit.preview is None or first is None:
        raise NotFound(_("There is no such order. An order can be seen only on the device that placed it."))
    return _show(
        request,
        visit,
        Order(
            number="NE-00000-00000",
            restaurant_id=first.slug,
            placed_at=visit.at - timedelta(minutes=20),
            promised_at=visit.at + timedelta(minutes=10),
            items=0,
            subtotal=0,
            delivery_fee=first.delivery_fee,
            total=first.delivery_fee,
            place="home",
            payment="card",
        ),
    )


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
        return _show(request, visit, found, error=error.message, status=error.status)
    return visit.finish(redirect(f"{reverse('shop:order', args=[number])}?refunded"))


def _show(
    request: HttpRequest, visit: Visit, found: Order, *, notice: str = "", error: str = "", status: int = 200
) -> HttpResponse:
    catalogue = loading.current()
    where = progress(placed_at=found.placed_at, promised_at=found.promised_at, now=visit.at)
    lines = [] if found._state.adding else list(found.lines.all())
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
            "step": where.step,
            "steps": _steps(),
            "refund": None if found._state.adding else getattr(found, "refund", None),
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
