"""A restaurant with its menu."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from novarium.kernel.errors import NotFound
from storefront import cart as carts
from storefront import page
from storefront.catalogue import loading
from storefront.catalogue.menu import Catalogue, Restaurant
from storefront.features import ADD_TO_CART, PRICE
from storefront.visit import Value, Visit, start


@login_not_required
@require_safe
def restaurant(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the restaurant's menu; dishes can be added while it is open."""
    visit = start(request)
    catalogue = loading.current()
    found = catalogue.by_slug.get(slug)
    if found is None:
        raise NotFound(_("There is no such restaurant."))
    is_open = found.open_at(visit.local_time) or visit.preview is not None
    visit.note_page("restaurant", target=slug)
    orderable = is_open and any(dish.available for dish in found.dishes)
    shown = visit.values(PRICE, ADD_TO_CART) if orderable else visit.values(PRICE)
    key = ("restaurant", catalogue.version, slug, is_open, *(page.frozen(value) for value in shown.values()))
    html = page.kept(visit, key, lambda: _render(visit, catalogue, found, is_open=is_open, shown=shown))
    added = catalogue.dishes.get(request.GET.get("added", ""))
    notice = _("%(dish)s is in your cart.") % {"dish": added.name.in_(visit.language)} if added else ""
    return page.respond(request, visit, html, cart=carts.priced(carts.read(request), catalogue), notice=notice)


def _render(visit: Visit, catalogue: Catalogue, found: Restaurant, *, is_open: bool, shown: dict[str, Value]) -> str:
    return page.render(
        visit,
        "storefront/restaurant.html",
        {
            "restaurant": found,
            "category_name": catalogue.category_names[found.category],
            "is_open": is_open,
            "price_tag": shown[PRICE],
            "button": shown.get(ADD_TO_CART),
        },
    )
