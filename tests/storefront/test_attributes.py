"""What the shop tells of a visitor, and that an audience is shown an experiment and nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.signing import Signer
from django.db import connections
from django.test import Client
from django.utils import timezone

from experiments.audiences import audience
from experiments.models import Exposure, Unit
from experiments.running import lifecycle
from storefront import visitors
from storefront.attributes import device_of
from storefront.visitors import Visitor

PHONE = "Mozilla/5.0 (Linux; Android 14; SM-S928N) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36"


@pytest.fixture
def launch_for(shop, draft, analyst):
    """Return a function that launches the draft for an audience, with all units in the treatment or the control."""

    def launch(condition):
        audience.set_audience(draft, condition, actor=analyst)
        lifecycle.launch(draft, actor=analyst)

    return launch


def today():
    return timezone.localdate()


def days_ago(days):
    return today() - timedelta(days=days)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (PHONE, "mobile"),
        (DESK, "desktop"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1", "mobile"),
        ("Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) Version/18.1 Mobile/15E148 Safari/604.1", "tablet"),
        ("Mozilla/5.0 (Linux; Android 14; SM-X910N) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0", "desktop"),
        ("Opera/9.80 (J2ME/MIDP; Opera Mini/9.80) Presto/2.12", "mobile"),
        ("curl/8.5.0", "desktop"),
        ("", "desktop"),
    ],
)
def test_the_device_is_read_from_what_browsers_say(user_agent, device):
    assert device_of(user_agent) == device


@pytest.mark.parametrize(
    ("condition", "inside", "outside"),
    [
        ({"device": "mobile"}, {"headers": {"User-Agent": PHONE}}, {"headers": {"User-Agent": DESK}}),
        ({"language": "ko"}, {"headers": {"Accept-Language": "ko-KR,ko"}}, {"headers": {"Accept-Language": "en"}}),
        ({"returning": True}, {"first_day": 3}, {"first_day": 0}),
        ({"returning": False}, {"first_day": 0}, {"first_day": 1}),
        ({"city": "seoul"}, {"notes": {"city": "seoul"}}, {"notes": {"city": "busan"}}),
        ({"city": {"$exists": True}}, {"notes": {"city": "daegu"}}, {}),
        ({"signup_age_days": {"$gte": 7}}, {"first_day": 7}, {"first_day": 6}),
        ({"segment": "loyal"}, {"orders": (3, 30)}, {"orders": (1, 30)}),
        ({"segment": "at_risk"}, {"orders": (3, 31)}, {"orders": (3, 61)}),
        ({"segment": "browser"}, {}, {"orders": (1, 0)}),
    ],
)
def test_an_audience_is_shown_the_experiment_and_nobody_else(make_visitor, launch_for, condition, inside, outside):
    launch_for(condition)

    def come(*, headers=None, notes=None, first_day=0, orders=(0, None)):
        count, since = orders
        last = None if since is None else days_ago(since)
        noted = {"first_day": days_ago(first_day), "orders": count, "last_order": last, **(notes or {})}
        visitor = make_visitor(notes=noted)
        visitor.get("", **{"User-Agent": DESK, "Accept-Language": "en", **(headers or {})})
        return visitor

    assert len(come(**inside).exposures()) == 1
    assert come(**outside).exposures() == []


def test_what_is_shown_follows_from_the_variant_or_is_the_default(make_visitor, launch_for):
    launch_for({"device": "mobile"})
    pages = [make_visitor().get("", **{"User-Agent": PHONE}).text for _n in range(30)]
    assert {"오늘만 20% 할인" in page for page in pages} == {True, False}
    assert not any("오늘만 20% 할인" in make_visitor().get("", **{"User-Agent": DESK}).text for _n in range(30))
    assert Exposure.objects.count() == 30


def test_attributes_are_kept_once_and_again_where_they_change(make_visitor, django_assert_num_queries):
    visitor = make_visitor(notes={"first_day": days_ago(2)})
    visitor.get("", **{"User-Agent": PHONE})
    unit = Unit.objects.get(pk=visitor.unit_id)
    assert unit.attributes == {
        "device": "mobile", "language": "en", "returning": True, "signup_age_days": 2, "segment": "browser",
    }  # fmt: skip
    Unit.objects.all().delete()
    visitor.get("cart/", **{"User-Agent": PHONE})
    assert not Unit.objects.exists(), "what is stored already is not written again"
    visitor.get("", **{"User-Agent": DESK})
    assert Unit.objects.get().attributes["device"] == "desktop"


def test_a_request_of_a_known_visitor_asks_the_database_nothing_for_its_attributes(make_visitor, launch_for):
    launch_for({"device": "desktop"})
    visitor = make_visitor(notes={"first_day": days_ago(2), "city": "seoul"})
    visitor.get("")
    with connections["shop"].execute_wrapper(_refuse_units):
        visitor.get("")
    assert len(visitor.events("page_view")) == 2


def _refuse_units(execute, statement, params, many, context):
    assert "experiments_unit" not in statement
    return execute(statement, params, many, context)


def test_an_order_moves_the_visitor_into_the_next_segment_at_once(visitor):
    visitor.get("")
    assert Unit.objects.get().attributes["segment"] == "browser"
    visitor.order()
    assert Unit.objects.get().attributes["segment"] == "new"
    visitor.order()
    assert Unit.objects.get().attributes["segment"] == "loyal"
    for _n in range(3):
        visitor.order()
    assert Unit.objects.get().attributes["segment"] == "champion"


def test_a_city_is_chosen_at_the_foot_and_kept(shop):
    browser = Client()
    page = browser.get("/shop/").text
    assert '<option value="" selected>' in page
    response = browser.post("/shop/city/", {"city": "busan"}, headers={"Referer": "http://testserver/shop/cart/"})
    assert response["Location"] == "http://testserver/shop/cart/"
    assert '<option value="busan" selected>' in browser.get("/shop/").text
    assert Unit.objects.get().attributes["city"] == "busan"
    assert browser.post("/shop/city/", {"city": "atlantis"}).status_code == 422
    assert browser.post("/shop/city/", {}).status_code == 422
    assert Unit.objects.get().attributes["city"] == "busan"


def test_a_preview_or_a_prefetch_keeps_nothing(visitor, preview):
    visitor.get(f"?{preview('home-hero-banner', title='x')}")
    visitor.get("", **{"Sec-Purpose": "prefetch"})
    visitor.client.head("/shop/")
    assert not Unit.objects.exists()


@pytest.mark.parametrize(
    "notes",
    [
        "739000:seoul:9:739000",
        "739000:seoul:9:739000:",
        "999999:seoul:1:739000:x",
        "1:seoul:0::",
        "739000:SEOUL:0::",
        ":::",
    ],
)
def test_notes_that_are_not_signed_or_not_ours_are_not_believed(shop, launch_for, notes):
    launch_for({"city": "seoul"})
    unit = "a" * 32
    for value in (f"{unit}:{notes}:forged", f"{unit}:{notes}", Signer(salt="another").sign(f"{unit}:{notes}")):
        browser = Client()
        browser.cookies[visitors.COOKIE] = value
        assert browser.get("/shop/").status_code == 200
    if not notes.endswith(":") or "SEOUL" in notes or notes == ":::" or notes.startswith("1:"):
        browser = Client()
        browser.cookies[visitors.COOKIE] = Signer(salt=visitors.SALT).sign(f"{unit}:{notes}")
        assert browser.get("/shop/").status_code == 200
    assert not Exposure.objects.exists()
    assert not Unit.objects.filter(pk=unit).exists()


def test_a_cookie_from_before_the_notes_is_a_returning_visitors(shop):
    unit = "b" * 32
    browser = Client()
    browser.cookies[visitors.COOKIE] = Signer(salt=visitors.SALT).sign(unit)
    browser.get("/shop/")
    attributes = Unit.objects.get(pk=unit).attributes
    assert attributes["returning"] is True
    assert "signup_age_days" not in attributes


@pytest.mark.parametrize(
    "visitor",
    [
        Visitor(unit_id="c" * 32),
        Visitor(
            unit_id="c" * 32, first_day=days_ago(0), city="seoul", orders=12, last_order=days_ago(5), stored="0a1b2c3d"
        ),
    ],
)
def test_a_cookie_brings_back_what_was_noted(visitor, rf):
    request = rf.get("/shop/")
    request.COOKIES[visitors.COOKIE] = visitors.sign(visitor)
    assert visitors.identify(request, today=today()) == visitor
