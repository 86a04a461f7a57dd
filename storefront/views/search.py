"""Search in the names of restaurants, kinds of food and dishes."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from storefront import cart as carts
from storefront import page
from storefront.catalogue import browse, loading
from storefront.catalogue.browse import Match
from storefront.features import ARRIVAL, SEARCH_RESULT
from storefront.visit import Value, Visit, start

MOST_RESULTS = 24
PREVIEW_QUERY = "김치"
SUGGESTIONS = (
    ("치킨", "chicken"),
    ("마라", "mala"),
    ("라멘", "ramen"),
    ("피자", "pizza"),
    ("샐러드", "salad"),
    ("커피", "coffee"),
    ("김치", "kimchi"),
    ("초밥", "sushi"),
)


@login_not_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Show the restaurants that hold every word of the query."""
    visit = start(request)
    catalogue = loading.current()
    query = browse.clean_query(request.GET.get("q", "")) or (PREVIEW_QUERY if visit.preview else "")
    matches = browse.search(catalogue, query, moment=visit.local_time)
    visit.note_page("search")
    if query:
        visit.note("search", query=query, results=len(matches))
    shown = visit.values(SEARCH_RESULT, ARRIVAL) if matches else {}
    key = (
        "search",
        catalogue.version,
        catalogue.period(visit.local_time),
        query,
        *(page.frozen(value) for value in shown.values()),
    )
    html = page.kept(visit, key, lambda: _render(visit, query=query, matches=matches, shown=shown))
    return page.respond(request, visit, html, cart=carts.priced(carts.read(request), catalogue))


def _render(visit: Visit, *, query: str, matches: list[Match], shown: dict[str, Value]) -> str:
    moment = visit.local_time
    korean = visit.language == "ko"
    return page.render(
        visit,
        "storefront/search.html",
        {
            "query": query,
            "results": [(match, match.restaurant.open_at(moment)) for match in matches[:MOST_RESULTS]],
            "count": len(matches),
            "item": shown.get(SEARCH_RESULT),
            "arrival_time": shown.get(ARRIVAL),
            "suggestions": [ko if korean else en for ko, en in SUGGESTIONS],
        },
    )
