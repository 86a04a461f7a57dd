"""What a visitor's browser says of itself, and the cookie that a person who was there before comes back with."""

from __future__ import annotations

from datetime import date, timedelta

from django.core.signing import Signer

from simulation.traits import COMBINATIONS

# The shop's own salt, and the form of its cookie: unit, first day, city, orders, day of the last order, mark.
_SALT = "storefront.visitor"
_SIGNATURE = "NovaRium-swarm/1"  # whoever reads a log shall see that nobody real was there
_KHTML = "AppleWebKit/537.36 (KHTML, like Gecko)"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
_AGENTS = {
    "mobile": (
        f"Mozilla/5.0 (Linux; Android 14; SM-S928N) {_KHTML} Chrome/130.0.0.0 Mobile Safari/537.36",
        f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {_SAFARI}",
    ),
    "desktop": (
        f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_KHTML} Chrome/130.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:132.0) Gecko/20100101 Firefox/132.0",
    ),
    "tablet": (
        f"Mozilla/5.0 (Linux; Android 14; SM-X910N) {_KHTML} Chrome/130.0.0.0 Safari/537.36",
        f"Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) {_SAFARI}",
    ),
}
_LANGUAGES = {"ko": "ko-KR,ko;q=0.9,en;q=0.5", "en": "en-GB,en;q=0.9"}


def headers(combination: int, *, variety: int) -> dict[str, str]:
    """Return the headers of a browser of such a visitor; ``variety`` chooses among alike ones."""
    device, language, _city, _past = COMBINATIONS[combination]
    agents = _AGENTS[device]
    return {
        "User-Agent": f"{agents[variety % len(agents)]} {_SIGNATURE}",
        "Accept-Language": _LANGUAGES[language],
    }


def cookie(unit: str, combination: int, *, today: date) -> str:
    """Return the shop's cookie of such a visitor."""
    _device, _language, city, past = COMBINATIONS[combination]
    first = today - timedelta(days=past.age)
    last = (today - timedelta(days=past.since)).toordinal() if past.orders else ""
    return Signer(salt=_SALT).sign(f"{unit}:{first.toordinal()}:{city}:{past.orders}:{last}:")
