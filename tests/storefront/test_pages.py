"""Home, search and restaurant pages: what they show, what they note, and what they cost."""

from __future__ import annotations

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from experiments.models import Event
from storefront import visitors
from storefront.catalogue import loading
from storefront.models import Dish

PAGES = ["", "?category=korean", "search/", "search/?q=pizza", "restaurants/hangang-kitchen/", "cart/", "orders/"]


def tree(response: HttpResponse) -> HTMLParser:
    return HTMLParser(response.content.decode())


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_page_opens_in_both_languages(visitor, path, language):
    response = visitor.get(path, **{"Accept-Language": language})
    assert response.status_code == 200
    assert tree(response).css_first("html").attributes["lang"] == language


def test_home_is_korean_for_a_korean_reader_and_english_for_others_in_won(visitor):
    assert "한식" in visitor.get("", **{"Accept-Language": "ko-KR"}).content.decode()
    english = visitor.get("", **{"Accept-Language": "fr"}).content.decode()
    assert "Burgers" in english
    assert "₩" in english


def test_the_language_switch_goes_back_and_is_kept(visitor):
    response = visitor.post("language/", {"language": "en"}, Referer="http://testserver/shop/cart/")
    assert response["Location"] == "http://testserver/shop/cart/"
    assert tree(visitor.get("", **{"Accept-Language": "ko"})).css_first("html").attributes["lang"] == "en"


def test_the_language_switch_leads_nowhere_else_and_knows_its_languages(visitor):
    assert visitor.post("language/", {"language": "ko"}, Referer="https://evil.example/")["Location"] == "/shop/"
    assert visitor.post("language/", {"language": "xx"}).status_code == 422


def test_a_category_lists_only_its_restaurants_in_the_chosen_order(visitor):
    page = tree(visitor.get("?category=cafe&sort=fee"))
    cards = page.css(".cards a[data-restaurant]")
    catalogue = loading.current()
    assert {card.attributes["data-restaurant"] for card in cards} == {
        item.slug for item in catalogue.restaurants if item.category == "cafe"
    }
    fees = [
        catalogue.by_slug[card.attributes["data-restaurant"]].delivery_fee
        for card in cards
        if "is-closed" not in card.attributes["class"]
    ]
    assert fees == sorted(fees)


@pytest.mark.parametrize("query", ["?category=nope", "?sort=nope", "?category=%00", "?sort[]=1&from=nope"])
def test_home_ignores_what_it_does_not_know(visitor, query):
    response = visitor.get(query)
    assert response.status_code == 200
    assert len(tree(response).css(".cards a")) == 18


def test_search_finds_dishes_in_either_language_and_notes_the_number(visitor):
    found = tree(visitor.get("search/?q=bibimbap")).css("a[data-restaurant]")
    assert {item.attributes["data-restaurant"] for item in found} == {"hangang-kitchen", "jeonju-table"}
    visitor.get("search/?q=비빔밥")
    first, second = visitor.events("search")
    assert first.properties == {"query": "bibimbap", "results": 2}
    assert second.properties == {"query": "비빔밥", "results": 2}


@pytest.mark.parametrize(
    "query", ["%00", "%ED%A0%80", "%EE%80%80token%EE%80%81", "x" * 5000, "%3Cscript%3Ealert(1)", "%F0%9F%8D%95", "'--"]
)
def test_search_survives_any_query(visitor, query):
    response = visitor.get(f"search/?q={query}")
    assert response.status_code == 200
    assert "<script>alert" not in response.content.decode()


def test_a_query_cannot_bring_in_a_mark_of_the_kept_pages(visitor):
    page = tree(visitor.get("search/?q=%EE%80%80token%EE%80%81"))
    assert page.css_first("input[name=q]").attributes["value"] == "token"


def test_a_search_without_results_suggests_and_shows_no_feature(visitor):
    assert tree(visitor.get("search/?q=qqqq")).css(".chips a")
    assert {event.name for event in visitor.events()} == {"page_view", "search"}


def test_an_empty_search_is_not_a_search(visitor):
    visitor.get("search/?q=+")
    assert [event.name for event in visitor.events()] == ["page_view"]


def test_a_restaurant_lists_its_whole_menu(visitor):
    forms = tree(visitor.get("restaurants/hangang-kitchen/")).css("form[data-dish]")
    codes = {form.attributes["data-dish"] for form in forms}
    assert codes == set(Dish.objects.filter(restaurant="hangang-kitchen").values_list("code", flat=True))


def test_a_closed_restaurant_has_no_buttons_and_exposes_nobody_to_them(visitor, close):
    close("hangang-kitchen")
    page = tree(visitor.get("restaurants/hangang-kitchen/"))
    assert not page.css("form[data-dish]")
    assert page.css_first(".notice--warn")
    assert {event.properties["feature"] for event in visitor.events("impression")} == {"price-tag"}


def test_a_sold_out_dish_cannot_be_added(visitor):
    dish = Dish.objects.get(code="hangang-kitchen-01")
    dish.is_available = False
    dish.save()
    loading.forget()
    assert not tree(visitor.get("restaurants/hangang-kitchen/")).css('form[data-dish="hangang-kitchen-01"]')
    assert visitor.add("hangang-kitchen-01").status_code == 422


@pytest.mark.parametrize(
    "path", ["restaurants/nope/", "nope/", "restaurants/", "orders/NE-00000-00000/", "orders/sample/"]
)
def test_a_page_that_is_not_there_is_a_404_in_the_shops_style(visitor, path):
    response = visitor.get(path)
    assert response.status_code == 404
    assert "shop/base.css" in response.content.decode()


def test_an_address_without_its_last_slash_leads_on_with_its_query(visitor):
    response = visitor.get("search?q=pizza")
    assert (response.status_code, response["Location"]) == (301, "/shop/search/?q=pizza")


@pytest.mark.parametrize("path", ["", "search/?q=pizza", "restaurants/hangang-kitchen/", "cart/"])
def test_a_page_writes_its_events_and_reads_nothing(visitor, path):
    visitor.add("hangang-kitchen-01", 2)
    visitor.get(path)
    with CaptureQueriesContext(connection) as queries:
        assert visitor.get(path).status_code == 200
    # outside a test's transaction a process looks for the day's partition once and opens no savepoint
    own = ("SAVEPOINT", "ensure_event_partition")
    statements = [item["sql"] for item in queries if not any(word in item["sql"] for word in own)]
    assert len(statements) == 1
    assert "insert into experiment.experiments_event" in statements[0]


def test_a_click_names_its_component_feature_and_target(visitor):
    visitor.get("restaurants/hangang-kitchen/?from=hero")
    (click,) = visitor.events("click")
    assert click.properties == {
        "component": "hero",
        "feature": "home-hero-banner",
        "page": "restaurant",
        "target": "hangang-kitchen",
    }


def test_a_click_counts_only_with_our_cookie(shop):
    response = Client().get("/shop/restaurants/hangang-kitchen/?from=hero")
    unit_id = response.cookies[visitors.COOKIE].value.split(":")[0]
    assert {event.name for event in Event.objects.filter(unit_id=unit_id)} == {"page_view", "impression"}


def test_an_unknown_source_is_no_click(visitor):
    visitor.get("restaurants/hangang-kitchen/?from=evil")
    assert not visitor.events("click")


@pytest.mark.parametrize("header", ["Sec-Purpose", "Purpose"])
def test_a_prefetch_notes_nothing(visitor, header):
    assert visitor.get("", **{header: "prefetch;prerender"}).status_code == 200
    assert not visitor.events()


def test_a_head_request_notes_nothing(visitor):
    assert visitor.client.head("/shop/").status_code == 200
    assert not visitor.events()


def test_a_page_is_private_and_framed_by_nobody(visitor):
    response = visitor.get("")
    assert response["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_its_landmarks_and_no_inline_scripts(visitor, path):
    page = tree(visitor.get(path))
    assert all(node.attributes.get("src") for node in page.css("script"))
    assert not page.css("[onclick], [onsubmit], [onload]")
    assert len(page.css("h1")) == 1
    assert page.css_first("main")
    assert page.css_first("a.skip").attributes["href"] == "#content"
    for field in page.css("input:not([type=hidden]), select, textarea"):
        assert page.css_first(f'label[for="{field.attributes["id"]}"]')
