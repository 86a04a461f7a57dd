"""The truth agrees with a simulation of 200,000 visitors, for every page, metric and several designs."""

import math

import numpy as np
import pytest

from simulation import behaviour, truth
from simulation.draws import Step, draws
from simulation.personas import DEFAULT_MIX, PERSONAS, shares
from simulation.visits import visits
from tests.simulation.catalogues import CATALOGUE

VISITORS = 200_000
LOUD = {"home-hero-banner": {"title": "Last chance! Today only!", "discount_percent": 40, "theme": "sunset"}}
DESIGNS = {
    "defaults": {},
    "loud": LOUD,
    "everything": {
        **LOUD,
        "category-navigation": {"icon_style": "photo"},
        "search-result-item": {"layout": "card"},
        "arrival-time": {"text": "Arrives by your door in {minutes}", "color": "green", "size": "large"},
        "add-to-cart-button": {"text": "Get it now", "color": "orange"},
        "price-tag": {"show_original": True, "size": "large", "color": "red"},
        "checkout-button": {"text": "Secure checkout", "color": "green"},
        "driver-marker": {"icon": "robot"},
    },
}
MIXES = {"default": DEFAULT_MIX, "two kinds": {"impulsive": 35, "cautious": 65}}


def observed(mix, shown):
    """Return per-visitor numbers from each page on, as (exposed, clicked, carted, orders, …) arrays."""
    numbers = draws(seed=20, first=0, count=VISITORS)
    who = np.searchsorted(behaviour.cumulated(shares(mix)), numbers[:, Step.PERSONA], side="right")
    odds = behaviour.table([behaviour.chances(persona, shown) for persona in PERSONAS])[np.minimum(who, 4)]
    seen = visits(numbers=numbers, odds=odds, catalogue=CATALOGUE)
    reached = seen.opened > 0
    none = 0 * seen.amount
    tracking = {"pages": seen.tracked + seen.refunded, "refunds": seen.refunded}
    cart = {**tracking, "pages": seen.carted + tracking["pages"], "orders": seen.ordered, "revenue": seen.amount}
    further = np.maximum(seen.opened - 1, 0)
    added = (seen.dishes >= 0).sum(axis=1)
    restaurant = {
        **cart, "pages": seen.opened + added + cart["pages"], "carted": seen.carted, "clicks": further,
        "clicked": further > 0,
    }  # fmt: skip
    search = {
        **{name: np.where(seen.searched, values, 0) for name, values in restaurant.items()},
        "clicked": seen.searched & reached, "clicks": np.where(seen.searched, seen.opened, 0),
        "pages": np.where(seen.searched, 1 + restaurant["pages"], 0),
    }  # fmt: skip
    home = {
        **restaurant, "clicked": seen.clicked, "pages": 1 + seen.led + seen.searched + restaurant["pages"],
        "clicks": seen.clicked + further + (reached & seen.led),
    }  # fmt: skip
    exposed = {
        "home": np.ones(VISITORS), "search": seen.searched, "restaurant": reached, "cart": seen.carted,
        "tracking": seen.ordered,
    }  # fmt: skip
    pages = {"home": home, "search": search, "restaurant": restaurant, "cart": cart, "tracking": tracking}
    return {
        page: {"exposed": exposed[page], **{name: counts.get(name, none) for name in NAMES}}
        for page, counts in pages.items()
    }


NAMES = ("clicked", "carted", "orders", "refunds", "clicks", "pages", "revenue")


@pytest.mark.parametrize("mix", MIXES.values(), ids=MIXES)
@pytest.mark.parametrize("shown", DESIGNS.values(), ids=DESIGNS)
def test_every_metric_of_the_truth_agrees_with_200_000_simulated_visitors(mix, shown):
    seen = observed(mix, shown)
    feature_of = {page: feature for feature, page in truth.SURFACES.items()}
    for page, counts in seen.items():
        for metric, (above, below) in truth.METRICS.items():
            want = truth.expected(metric=metric, feature=feature_of[page], shown=shown, mix=mix, catalogue=CATALOGUE)
            y, x = counts[above].astype(float), counts[below].astype(float)
            if want is None:
                assert x.sum() == 0
                continue
            got = y.sum() / x.sum()
            # Delta method: the variance of a ratio of means.
            error = math.sqrt(np.var(y - got * x) / len(x)) / x.mean()
            assert abs(got - want) <= 4.5 * error + 1e-12, (page, metric, got, want, error)


def test_the_default_mix_has_the_known_rates():
    rates = {
        metric: truth.expected(
            metric=metric, feature="home-hero-banner", shown={}, mix=DEFAULT_MIX, catalogue=CATALOGUE
        )
        for metric in ("ctr", "cvr")
    }
    assert rates == pytest.approx({"ctr": 0.323, "cvr": 0.0338}, abs=1e-12)


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.key)
def test_click_and_buy_hold_for_each_persona(persona):
    mix = {persona.key: 100}

    def value(metric):
        return truth.expected(metric=metric, feature="home-hero-banner", shown={}, mix=mix, catalogue=CATALOGUE)

    assert value("ctr") == pytest.approx(persona.click, abs=1e-12)
    assert value("cvr") == pytest.approx(persona.click * persona.buy, abs=1e-12)


def lift(metric, feature, value, mix=DEFAULT_MIX):
    return truth.lift(metric=metric, feature=feature, control={}, treatment=value, mix=mix, catalogue=CATALOGUE)


def test_a_moderate_discount_helps_and_a_huge_one_shrinks_the_basket():
    moderate, huge = ({"discount_percent": percent} for percent in (10, 50))
    assert lift("ctr", "home-hero-banner", moderate) > 0.05
    assert lift("aov", "home-hero-banner", huge) < lift("aov", "home-hero-banner", moderate) - 0.01


def test_harmful_designs_exist():
    urgent = {"title": "Hurry! Last chance! Today only! Don't miss it!"}
    red = {"color": "red"}
    assert lift("ctr", "home-hero-banner", urgent, {"cautious": 100}) < -0.3
    assert lift("refund-rate", "home-hero-banner", urgent) > 0.1
    assert lift("cvr", "checkout-button", red, {"cautious": 100}) < -0.2
    assert lift("cart-rate", "add-to-cart-button", {"color": "grey"}) < -0.02


def test_null_designs_exist():
    assert lift("ctr", "home-hero-banner", {"theme": "navy"}) == 0
    assert lift("cvr", "home-hero-banner", {"subtitle": "Cooked nearby, brought warm."}) == 0
    assert lift("session-depth", "driver-marker", {"icon": "robot"}) > 0


def test_what_has_no_denominator_has_no_truth():
    assert lift("aov", "driver-marker", {"icon": "robot"}) is None


@pytest.mark.parametrize(("metric", "feature"), [("nps", "home-hero-banner"), ("ctr", "mascot")])
def test_unknown_metrics_and_features_are_refused(metric, feature):
    with pytest.raises(truth.UnknownMetricError):
        truth.expected(metric=metric, feature=feature, shown={}, mix=DEFAULT_MIX, catalogue=CATALOGUE)
