"""Read the shop's catalogue from its own pages, without leaving a trace: every request says that it is a prefetch."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from urllib.parse import quote, urlsplit

from selectolax.lexbor import LexborHTMLParser

from simulation.catalogue import Catalogue, Listing, Menu, from_json, to_json
from simulation.models import CatalogueSnapshot
from simulation.swarm import pages
from simulation.swarm.browser import Shop, ShopError
from simulation.swarm.visitor import WORDS

Fetch = Callable[[str], bytes]
_HEADERS = {"Sec-Purpose": "prefetch"}


def over_http(shop: Shop) -> Fetch:
    """Return a reader of the running shop's pages."""

    def fetch(url: str) -> bytes:
        answer = shop.send("GET", url.partition("#")[0], headers=_HEADERS)
        if answer.status != 200:
            raise ShopError(f"GET {url} answered {answer.status}")
        return answer.data

    return fetch


def read(fetch: Fetch) -> Catalogue:
    """Return what the shop offers now.

    Raises:
        ShopError: The shop does not answer as it should.
        UnexpectedPageError: A page lacks something that a visitor needs.
    """

    def document(url: str) -> LexborHTMLParser:
        return LexborHTMLParser(fetch(url))

    home = document("/shop/")
    lists = {
        "home": pages.restaurants(home, "list"),
        "hero": pages.restaurants(document(_beside(pages.hero(home))), "list"),
    }
    categories = {_category(url): pages.restaurants(document(url), "list") for url in pages.categories(home)}
    searched = pages.search_form(home)
    searches = {word: pages.restaurants(document(searched + quote(word)), "search") for word in WORDS}
    everywhere = (links for group in (lists, categories, searches) for links in group.values())
    keys = sorted({_key(link) for links in everywhere for link in links})
    place = {key: index for index, key in enumerate(keys)}

    def members(links: list[str]) -> tuple[int, ...]:
        return tuple(place[_key(link)] for link in links)

    return Catalogue(
        menus=tuple(_menu(key, document(key)) for key in keys),
        home=members(lists["home"]),
        hero=members(lists["hero"]),
        categories=tuple(Listing(key, members(links)) for key, links in categories.items()),
        searches=tuple(Listing(word, members(links)) for word, links in searches.items()),
    )


def _beside(link: str) -> str:
    return link.partition("#")[0]


def _key(link: str) -> str:
    """Return a restaurant link's path: its address without what says where it was clicked."""
    return urlsplit(link).path


def _category(url: str) -> str:
    query = urlsplit(url).query
    return next(part.partition("=")[2] for part in query.split("&") if part.startswith("category="))


def _menu(path: str, document: LexborHTMLParser) -> Menu:
    minimum, fee = pages.terms(document)
    dishes = pages.dishes(document)
    return Menu(
        restaurant=path.rstrip("/").rpartition("/")[2],
        dishes=tuple(dish.dish for dish in dishes),
        prices=tuple(dish.price for dish in dishes),
        minimum=minimum,
        fee=fee,
    )


def refresh(fetch: Fetch) -> Catalogue:
    """Read the catalogue and keep it, where it changed."""
    catalogue = read(fetch)
    content = to_json(catalogue)
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    CatalogueSnapshot.objects.filter(digest=digest).delete()  # kept anew, as the newest
    CatalogueSnapshot.objects.create(digest=digest, content=content)
    return catalogue


def latest() -> Catalogue | None:
    """Return the catalogue that was read last, or None where nobody looked yet."""
    newest = CatalogueSnapshot.objects.order_by("-pk").first()
    return from_json(newest.content) if newest else None
