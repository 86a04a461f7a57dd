"""The builder as a person uses it: previews and plans follow the typing, steps save what was typed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.core.management import call_command
from playwright.sync_api import expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


@pytest.fixture
def page(live_server, draft, as_analyst, monkeypatch):
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    call_command("seed_shop", verbosity=0)
    cookie = as_analyst.cookies["sessionid"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        context = browser.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
        yield context.new_page()
        browser.close()


def test_preview_shows_what_is_typed_on_the_real_page(page):
    page.goto("/experiments/hero-discount/variants/")
    page.fill("[name=v1-p_title]", "Typed just now")
    hero = page.frame_locator("#preview-1 iframe").locator("[data-feature=home-hero-banner]")
    expect(hero).to_contain_text("Typed just now")


def test_variants_come_and_go_and_weights_follow(page):
    page.goto("/experiments/hero-discount/variants/")
    page.fill("[name=v1-weight]", "40")
    expect(page.locator("[data-total]")).to_have_text("90%")
    page.get_by_role("button", name="Add a variant").click()
    expect(page.locator(".variant")).to_have_count(3)
    expect(page.locator("[data-total]")).to_have_text("100%")
    page.get_by_role("button", name="Remove").last.click()
    expect(page.locator(".variant")).to_have_count(2)


def test_click_on_a_step_saves_what_was_typed(page, draft):
    page.goto("/experiments/hero-discount/hypothesis/")
    page.fill("[name=who]", "Typed and not saved by hand")
    page.locator(".stepper a", has_text="Review").click()
    page.wait_for_url("**/review/")
    draft.refresh_from_db()
    assert draft.who == "Typed and not saved by hand"


def test_plan_follows_the_typing(page):
    page.goto("/experiments/hero-discount/plan/")
    page.fill("[name=mde]", "10")
    total = page.locator("#estimate .stat-value").first
    expect(total).to_have_text("7,522")
    page.fill("[name=mde]", "20")
    expect(total).not_to_have_text("7,522")
    expect(page.locator("#estimate .drawn")).not_to_have_count(0)


def test_launch_asks_first_and_freezes(page, draft):
    page.goto("/experiments/hero-discount/review/")
    page.get_by_role("button", name="Launch", exact=True).click()
    page.get_by_role("button", name="Launch and freeze the design").click()
    page.wait_for_url("**/experiments/hero-discount/")
    draft.refresh_from_db()
    assert draft.status == "running"
