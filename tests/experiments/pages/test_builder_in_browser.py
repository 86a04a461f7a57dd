"""The builder as a person uses it: previews and plans follow the typing, steps save what was typed."""

from __future__ import annotations

import os
import re
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


@pytest.fixture
def plan(page):
    """The planning page with 500 new visitors a day and an effect of 10%."""
    page.goto("/experiments/hero-discount/plan/")
    page.fill("[name=daily_units]", "500")
    page.fill("[name=mde]", "10")
    expect(page.locator(".planner-trade")).to_contain_text("3 weeks find +10.0% (30.0% → 33.0%)")
    expect(page.locator("#found-figure-drawing.drawn")).to_be_visible()
    return page


def test_dragged_slider_moves_the_curve_and_the_sentence(plan):
    """Before the mouse is let go; the drawing itself stays and moves."""
    plan.evaluate("document.getElementById('found-figure-drawing').kept = true")
    plan.evaluate("scrollTo(0, 0)")
    slider = plan.locator("[data-dial=mde] input[type=range]").bounding_box()
    y = slider["y"] + slider["height"] / 2
    plan.mouse.move(slider["x"] + slider["width"] * 0.66, y)
    plan.mouse.down()
    plan.mouse.move(slider["x"] + slider["width"] * 0.8, y, steps=8)
    expect(plan.locator("[name=mde]")).to_have_value(re.compile("^(19|20|21)$"))
    typed = plan.locator("[name=mde]").input_value()
    expect(plan.locator(".planner-trade")).to_contain_text(f"1 week finds +{float(typed):.1f}%")
    expect(plan.locator("[name=weeks]")).to_have_value("1")
    drawn = "document.getElementById('mde-figure-drawing').data[1].x[0]"
    assert plan.evaluate(drawn) == pytest.approx(float(typed))
    assert plan.evaluate("document.getElementById('found-figure-drawing').kept") is True
    plan.mouse.up()


def test_sliders_obey_the_keyboard_and_the_effect_follows_the_weeks(plan):
    plan.locator("[data-dial=weeks] input[type=range]").focus()
    plan.keyboard.press("ArrowRight")
    expect(plan.locator(".planner-trade")).to_contain_text("4 weeks find")
    expect(plan.locator("[name=follows][value=mde]")).to_be_checked()
    expect(plan.locator("[name=mde]")).not_to_have_value("10")
    assert 5 < float(plan.locator("[name=mde]").input_value()) < 10
    plan.locator("[name=mde]").fill("20")
    expect(plan.locator("[name=follows][value=weeks]")).to_be_checked()
    expect(plan.locator(".planner-trade")).to_contain_text("1 week finds +20.0%")


def test_row_of_the_table_is_taken_over(plan):
    plan.locator("#what-if tr", has_text="Split 90 / 10").get_by_role("button").click()
    expect(plan.locator("[name=split]")).to_have_value("90.00")
    expect(plan.locator("#estimate")).to_contain_text("These weights are only tried")
    expect(plan.locator("#what-if tbody tr").first).not_to_contain_text("7,522")


def test_click_on_a_curve_takes_the_plan_there(plan):
    expect(plan.locator("#found-figure-drawing .nsewdrag")).to_be_attached()
    drawing = plan.locator("#found-figure-drawing .nsewdrag").bounding_box()
    point = plan.evaluate(
        """() => {
            const box = document.getElementById('found-figure-drawing');
            const {xaxis, yaxis} = box._fullLayout;
            const index = box.data[0].x.findIndex(x => Math.abs(x - 5) < 0.01);
            return [xaxis.d2p(box.data[0].x[index]), yaxis.d2p(box.data[0].y[index])];
        }"""
    )
    plan.mouse.move(drawing["x"] + point[0], drawing["y"] + point[1])
    plan.mouse.click(drawing["x"] + point[0], drawing["y"] + point[1])
    expect(plan.locator("[name=weeks]")).to_have_value("5")


def test_launch_asks_first_and_freezes(page, draft):
    page.goto("/experiments/hero-discount/review/")
    page.get_by_role("button", name="Launch", exact=True).click()
    page.get_by_role("button", name="Launch and freeze the design").click()
    page.wait_for_url("**/experiments/hero-discount/")
    draft.refresh_from_db()
    assert draft.status == "running"
