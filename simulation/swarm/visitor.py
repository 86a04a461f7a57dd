"""One person's visit over HTTP: sees what is shown, decides as `behaviour` says, and does it on the real pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

from simulation import behaviour
from simulation.behaviour import Chances
from simulation.draws import Step
from simulation.personas import PERSONAS
from simulation.swarm import pages
from simulation.swarm.browser import Browser, Page, ShopError, ShopUnreachableError
from simulation.swarm.pages import DishForm

# What people type into the search box; each finds a kitchen that is open around the clock, as a test says.
WORDS = ("chicken", "pizza", "salad", "coffee", "kimchi", "sushi", "burger", "cake")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a visit.

    Attributes:
        reached: The home page was seen; otherwise the person still has to come.
        orders: Orders placed, 0 or 1.
        fault: Why the visit ended early, empty where it did not.
    """

    reached: bool
    orders: int = 0
    fault: str = ""


@dataclass(slots=True)
class _Person:
    """Who visits, and what was seen so far."""

    persona: int
    row: Sequence[float]
    seen: dict[str, str]
    orders: int = 0

    @property
    def odds(self) -> Chances:
        return _odds(self.persona, tuple(self.seen.items()))

    def look(self, page: Page) -> None:
        self.seen.update(pages.shown(page.document))

    def happens(self, step: Step, probability: float) -> bool:
        return self.row[step] < probability

    def pick(self, step: int, options: Sequence[str]) -> str:
        return options[behaviour.pick(self.row[step], len(options))]


@lru_cache(maxsize=4096)
def _odds(persona: int, seen: tuple[tuple[str, str], ...]) -> Chances:
    return behaviour.chances(PERSONAS[persona], {key: pages.parameters(text) for key, text in seen})


def visit(browser: Browser, row: Sequence[float], edges: Sequence[float]) -> Outcome:
    """Visit the shop once.

    Args:
        browser: With the visitor's cookie.
        row: The visitor's numbers by ``Step``.
        edges: The upper edges of the personas' stretches (see ``behaviour.cumulated``).
    """
    person = _Person(behaviour.persona_of(row[Step.PERSONA], edges), row, {})
    try:
        home = browser.open("/shop/")
    except ShopUnreachableError:
        return Outcome(reached=False)
    except ShopError as error:
        return Outcome(reached=True, fault=str(error))
    try:
        _browse(browser, person, home)
    except (ShopError, pages.UnexpectedPageError) as error:
        return Outcome(reached=True, orders=person.orders, fault=str(error))
    return Outcome(reached=True, orders=person.orders)


def _browse(browser: Browser, person: _Person, home: Page) -> None:
    person.look(home)
    offered = _offered(browser, person, home)
    if offered:
        restaurant = _look_around(browser, person, offered)
        if person.happens(Step.CART, person.odds.cart):
            _fill_cart(browser, person, restaurant)
            _decide(browser, person, restaurant)


def _offered(browser: Browser, person: _Person, home: Page) -> list[str]:
    """Return the links from which a restaurant is opened, empty for a visitor who opens none."""
    if person.happens(Step.SEARCHES, person.odds.search):
        return _search(browser, person, home)
    odds, target = person.odds, person.row[Step.TARGET]
    if not person.happens(Step.CLICK, odds.click):
        return []
    if target >= odds.hero + odds.category:
        return pages.restaurants(home.document, "list")
    if target < odds.hero:
        link = pages.hero(home.document)
    else:
        link = person.pick(Step.CATEGORY, pages.categories(home.document))
    listing = browser.open(link)
    person.look(listing)
    return pages.restaurants(listing.document, "list") if person.happens(Step.LISTING, odds.listing) else []


def _search(browser: Browser, person: _Person, home: Page) -> list[str]:
    results = browser.open(pages.search_form(home.document) + quote(person.pick(Step.QUERY, WORDS)))
    person.look(results)
    return pages.restaurants(results.document, "search") if person.happens(Step.CLICK, person.odds.result) else []


def _look_around(browser: Browser, person: _Person, offered: Sequence[str]) -> Page:
    """Open one to three restaurants of the list and return the last."""
    page = browser.open(person.pick(Step.RESTAURANT_1, offered))
    for more, next_step in ((Step.MORE_1, Step.RESTAURANT_2), (Step.MORE_2, Step.RESTAURANT_3)):
        if not person.happens(more, person.odds.more):
            break
        page = browser.open(person.pick(next_step, offered))
    person.look(page)
    return page


def _fill_cart(browser: Browser, person: _Person, restaurant: Page) -> None:
    menu: list[DishForm] = pages.dishes(restaurant.document)
    if not menu:
        raise pages.UnexpectedPageError("The menu of an open restaurant is empty.")
    minimum, _fee = pages.terms(restaurant.document)
    for picked in behaviour.basket(person.row, person.odds, [dish.price for dish in menu], minimum):
        form = menu[picked.dish].form
        browser.submit(form.action, {**form.fields, "quantity": str(picked.portions)}, again=False)


def _decide(browser: Browser, person: _Person, restaurant: Page) -> None:
    """Open the cart; order or not."""
    cart = browser.open(pages.cart(restaurant.document))
    person.look(cart)
    if not person.happens(Step.CHECKOUT, person.odds.checkout):
        return
    form = pages.checkout(cart.document)
    if form is None:
        raise pages.UnexpectedPageError("The cart cannot be ordered.")
    # The shop turns a cart into one order however often it is sent.
    tracking = browser.submit(form.action, form.fields, again=True)
    person.orders = 1
    person.look(tracking)
    _wait_for_food(browser, person, tracking)


def _wait_for_food(browser: Browser, person: _Person, tracking: Page) -> None:
    if person.happens(Step.AGAIN, person.odds.again):
        tracking = browser.open(tracking.url)
    if person.happens(Step.REFUND, person.odds.refund):
        form = pages.refund(tracking.document)
        if form is None:
            raise pages.UnexpectedPageError("The order cannot be refunded.")
        browser.submit(form.action, form.fields, again=False)
