"""The home page: banner, categories, restaurants."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from storefront import cart as carts
from storefront import page
from storefront.catalogue import browse, loading
from storefront.features import CATEGORIES, HERO
from storefront.visit import Value, Visit, start

FIRST_RESTAURANTS = 18
SORT_NAMES = {
    "recommended": _("Recommended"),
    "rating": _("Best rated"),
    "fastest": _("Fastest"),
    "fee": _("Lowest fee"),
    "minimum": _("Lowest minimum"),
}


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show the banner, the category tiles and the restaurants of a category in a sort."""
    visit = start(request)
    catalogue = loading.current()
    category = request.GET.get("category", "")
    category = category if category in catalogue.category_names else ""
    sort = request.GET.get("sort", "")
    sort = sort if sort in browse.SORTS else browse.DEFAULT_SORT
    every = bool(category) or "all" in request.GET
    visit.note_page("home", target=category)
    shown = visit.values(HERO, CATEGORIES)
    hero, tiles = shown[HERO], shown[CATEGORIES]
    html = page.kept(
        visit,
        (
            "home",
            catalogue.version,
            catalogue.period(visit.local_time),
            category,
            sort,
            every,
            page.frozen(hero),
            page.frozen(tiles),
        ),
        lambda: _render(visit, category=category, sort=sort, every=every, hero=hero, tiles=tiles),
    )
    return page.respond(request, visit, html, cart=carts.priced(carts.read(request), catalogue))


def _render(visit: Visit, *, category: str, sort: str, every: bool, hero: Value, tiles: Value) -> str:
    catalogue = loading.current()
    moment = visit.local_time
    found = browse.listing(catalogue, category=category, sort=sort, moment=moment)
    favourites = browse.listing(catalogue, category="", sort="rating", moment=moment)
    return page.render(
        visit,
        "storefront/home.html",
        {
            "hero": hero,
            "tiles": tiles,
            "categories": catalogue.categories,
            "category": category,
            "category_name": catalogue.category_names.get(category),
            "sort": sort,
            "sorts": SORT_NAMES.items(),
            "pick": next(iter(favourites), None),
            "cards": [(item, item.open_at(moment)) for item in (found if every else found[:FIRST_RESTAURANTS])],
            "count": len(found),
            "hidden_count": 0 if every else max(len(found) - FIRST_RESTAURANTS, 0),
        },
    )
