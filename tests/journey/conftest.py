"""The whole of NovaRium as ``make demo`` starts it, and a real browser in front of it."""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.local.running import line_with, started

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Demo:
    """A running demo: its address, and the password of each person."""

    url: str
    passwords: dict[str, str]
    state: Path


@pytest.fixture(scope="session")
def demo(tmp_path_factory):
    """Start everything on servers of its own; gone after the tests, even when they are killed."""
    state = tmp_path_factory.mktemp("demo") / "state"
    with started("demo", "--port", "0", NOVARIUM_STATE=str(state)) as process:
        ready = line_with(process, "is ready")
        url = re.search(r"http://[\d.]+:\d+", ready).group()
        lines = (state / "demo-logins.txt").read_text(encoding="utf-8").splitlines()
        yield Demo(url, {line.split()[0]: line.split()[1] for line in lines}, state)
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: install it (Debian: apt install chromium) to run the browser tests")
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only where there is a browser

    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@pytest.fixture
def log_in(chromium, demo):
    """Return a function that opens a page as a person; a page that logs an error to its console fails the test."""
    contexts, faults = [], []

    def opened(person: str | None = None, *, width: int = 1440):
        context = chromium.new_context(base_url=demo.url, viewport={"width": width, "height": 900}, locale="en-US")
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        if person:
            page.goto("/login/")
            page.get_by_label("Username").fill(person)
            page.get_by_label("Password").fill(demo.passwords[person])
            page.get_by_role("button", name="Log in").click()
            page.wait_for_url(demo.url + "/")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not faults
