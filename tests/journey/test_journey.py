"""The whole life of an experiment, as an analyst and a lead live it, in a real browser on real processes."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

MINUTES = 60_000


def test_from_metric_to_archive(log_in):
    analyst = log_in("analyst")
    lead = log_in("lead")
    define_metric(analyst)
    design(analyst)
    review(analyst, lead)
    launch(analyst)
    pause_and_ramp(analyst, lead)
    send_visitors(analyst, 2_000)
    read_results(analyst)
    build_marts(analyst)
    adopt(lead)
    visitor = log_in()
    expect(shop_button(visitor)).to_have_text(re.compile(r"^\s*Grab it now"))
    roll_back(lead)
    expect(shop_button(visitor)).to_have_text(re.compile(r"^\s*Add\b"))
    find_in_archive(lead)


def define_metric(page):
    """Define what the experiment is to move, and see what it measured before it is saved."""
    page.goto("/metrics/")
    page.get_by_role("link", name="New metric").first.click()
    page.get_by_label("Name").fill("Added within an hour")
    page.get_by_label("Type").select_option("proportion")
    page.get_by_label("Written as").select_option("percent")
    page.get_by_label("Take").select_option("exists")
    page.get_by_label("of each unit's events").select_option("add_to_cart")
    page.get_by_label("Window").fill("1")
    measured = page.locator("#preview")
    expect(measured.get_by_text("What it measures")).to_be_visible(timeout=MINUTES)
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(r"/metrics/added-within-an-hour/$"))
    expect(page.get_by_text("No experiment uses it yet.")).to_be_visible()


def design(page):
    """Fill in the steps of the builder."""
    page.goto("/experiments/")
    page.get_by_role("link", name="New experiment").first.click()
    page.get_by_label("Name").fill("Bolder add button")
    choose(page.get_by_label("Feature"), "Add-to-cart button")
    page.get_by_label("For whom?").fill("Everybody who opens a menu")
    page.get_by_label("What do you change?").fill("The words on the button")
    page.get_by_label("Why should it work?").fill("It says what to do now")
    choose(page.get_by_label("OEC metric"), "Added within an hour")
    rows = page.locator(".guardrail-row")
    choose(rows.nth(0).get_by_label("Metric"), "Average order value")
    rows.nth(0).get_by_label("Margin").fill("15")
    page.get_by_role("button", name="Save and continue").last.click()

    page.wait_for_url(re.compile(r"/variants/"))
    treatment = page.locator("section.variant").nth(1)
    treatment.get_by_label("Text").fill("Grab it now")
    preview = treatment.frame_locator("iframe")
    expect(preview.get_by_text("Grab it now").first).to_be_visible()
    page.get_by_role("button", name="Save and continue").last.click()

    page.wait_for_url(re.compile(r"/traffic/"))
    page.get_by_label("Share of units").first.fill("50")
    page.get_by_label("Hours").first.fill("24")
    page.get_by_role("button", name="Save and continue").last.click()

    page.wait_for_url(re.compile(r"/plan/"))
    page.get_by_role("spinbutton", name="Baseline").fill("30")
    page.get_by_role("spinbutton", name="MDE").fill("40")
    units = page.get_by_role("spinbutton", name="Planned units")
    if not units.is_visible():
        page.get_by_text("Plan units or days by hand").click()
    units.fill("300")
    page.get_by_role("button", name="Save and continue").last.click()


def choose(select, words):
    """Choose the option that holds the words."""
    select.select_option(select.locator("option", has_text=words).first.get_attribute("value"))


def review(author, lead):
    """Ask for a review, which a lead gives; until then there is nothing to launch with."""
    author.goto("/experiments/bolder-add-button/review/")
    expect(author.get_by_role("button", name="Launch", exact=True)).to_be_disabled()
    author.get_by_role("button", name="Ask for a review").click()
    expect(author.get_by_text("Waiting for a reviewer")).to_be_visible()
    lead.goto("/experiments/bolder-add-button/review/")
    lead.get_by_role("button", name="Approve this design").click()
    expect(lead.get_by_text("Approved", exact=True)).to_be_visible()


def pause_and_ramp(analyst, lead):
    """Pause and resume; a lead takes the ramp's last step although nobody has come yet."""
    page = analyst
    page.get_by_role("button", name="Pause", exact=True).click()
    page.get_by_role("button", name="Pause the experiment").click()
    expect(page.get_by_text("Paused").first).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Running").first).to_be_visible()
    page = lead
    page.goto("/experiments/bolder-add-button/")
    page.get_by_label("Why go on all the same?").fill("A rehearsal")
    page.get_by_role("button", name="Advance to 100.0% now").click()
    expect(page.get_by_text("Now 100% of the units take part.")).to_be_visible()


def launch(page):
    """Read the review and launch."""
    page.goto("/experiments/bolder-add-button/review/")
    expect(page.get_by_text("Nothing is missing.")).to_be_visible()
    page.get_by_role("button", name="Launch", exact=True).click()
    page.get_by_role("button", name="Launch and freeze the design").click()
    expect(page.get_by_text("Running").first).to_be_visible()


def send_visitors(page, count):
    """Send simulated people over HTTP and wait until the last has gone."""
    page.goto("/experiments/bolder-add-button/swarm/")
    page.get_by_label("Visitors").fill(str(count))
    page.get_by_role("button", name=re.compile("Send")).click()
    expect(page.get_by_text(f"{count:,} of {count:,} people have been to the shop")).to_be_visible(timeout=5 * MINUTES)
    expect(page.get_by_text("Finished").first).to_be_visible(timeout=MINUTES)


def read_results(page):
    """Look at the result page."""
    page.goto("/experiments/bolder-add-button/results/")
    expect(page.get_by_text("Added within an hour").first).to_be_visible()
    expect(page.get_by_text(re.compile("Sample ratio", re.IGNORECASE)).first).to_be_visible()


def build_marts(page):
    """Build the marts by hand and see a day's row."""
    page.goto("/data/")
    page.get_by_role("button", name=re.compile("Build")).first.click()
    expect(page.get_by_text(re.compile("Done|Finished|Succeeded")).first).to_be_visible(timeout=2 * MINUTES)


def adopt(page):
    """Stop and adopt the treatment."""
    page.goto("/experiments/bolder-add-button/results/decide/")
    page.get_by_label(re.compile("Note", re.IGNORECASE)).first.fill("More people fill a cart")
    page.get_by_label(re.compile("learn", re.IGNORECASE)).first.fill("Say what to do now")
    override = page.get_by_label("Reason for overriding")
    if override.count():
        override.fill("A rehearsal with fewer units than a real decision needs")
    page.get_by_role("button", name=re.compile("adopt", re.IGNORECASE)).first.click()
    page.wait_for_url(re.compile(r"/archive/\d+/"))


def shop_button(page):
    """Return the add-to-cart button of a restaurant of the shop."""
    page.goto("/shop/")
    page.locator("a[data-restaurant]").first.click()
    return page.locator("form[data-dish] button").first


def roll_back(page):
    """Bring the first revision of the feature back."""
    page.goto("/features/add-to-cart-button/")
    page.get_by_role("link", name=re.compile("Roll back")).last.click()
    page.get_by_label(re.compile("Note|Why", re.IGNORECASE)).first.fill("Only a rehearsal")
    page.get_by_role("button", name=re.compile("Roll back")).click()
    expect(page.get_by_text("Only a rehearsal").first).to_be_visible()


def find_in_archive(page):
    """Search the archive for the story."""
    page.goto("/archive/")
    page.get_by_label(re.compile("Search", re.IGNORECASE)).first.fill("bolder")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Bolder add button").first.click()
    expect(page.get_by_text("Say what to do now").first).to_be_visible()
