"""The discussion as a person uses it: people are offered while a name is typed, comments come without a new page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from novarium.portal.models import Notification

CHROMIUM = Path("/usr/bin/chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM.exists(), reason="Chromium is not installed"),
]


@pytest.fixture
def page(live_server, draft, as_viewer, monkeypatch):
    monkeypatch.setitem(os.environ, "DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    cookie = as_viewer.cookies["sessionid"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        context = browser.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
        context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])
        yield context.new_page()
        browser.close()


def test_a_person_is_mentioned_edited_and_deleted_with_keyboard_and_mouse(page, analyst):
    page.goto("/experiments/hero-discount/discussion/")
    page.evaluate("window.stillHere = true")
    text = page.get_by_label("Comment")
    text.press_sequentially("Why, @ana")
    expect(page.get_by_role("option")).to_have_text("@analyst ")
    text.press("Enter")
    expect(text).to_have_value("Why, @analyst ")
    expect(page.get_by_role("listbox")).to_have_count(0)
    page.get_by_role("button", name="Comment").click()
    expect(page.locator(".comment .mention")).to_have_text("@analyst")
    expect(text).to_have_value("")
    page.get_by_role("link", name="Edit", exact=True).click()
    page.locator("#id_edit_text").fill("Why not, @analyst?")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".comment .by")).to_contain_text("edited")
    assert page.evaluate("window.stillHere"), "the page was never loaded anew"
    assert Notification.objects.filter(user=analyst, kind="mention").count() == 1
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator(".comment").get_by_role("button", name="Delete").click()
    expect(page.locator(".comment")).to_have_count(0)
