"""Designs move people relative to the default value; what is not understood moves nobody."""

import pytest

from experiments.catalogue.features import FEATURES
from simulation.appeal import DEFAULTS, Shifts, shifts
from simulation.personas import BY_KEY, DEFAULT_MIX, PERSONAS, BadMixError, shares
from simulation.truth import SURFACES

CAUTIOUS, IMPULSIVE = BY_KEY["cautious"].taste, BY_KEY["impulsive"].taste


def test_the_defaults_are_those_of_the_shop():
    declared = {
        feature.key: {parameter["name"]: parameter["default"] for parameter in feature.parameters}
        for feature in FEATURES
    }
    assert declared == DEFAULTS
    assert {feature.key: feature.surface for feature in FEATURES} == SURFACES


@pytest.mark.parametrize("persona", PERSONAS, ids=lambda persona: persona.key)
@pytest.mark.parametrize("feature", DEFAULTS)
def test_the_default_value_moves_nobody(feature, persona):
    assert shifts(feature, DEFAULTS[feature], persona.taste) == Shifts()


@pytest.mark.parametrize("feature", DEFAULTS)
@pytest.mark.parametrize("odd", [None, "", "…", -5, 10**9, 1.5, [1], {"a": 1}, True])
def test_any_value_at_all_is_understood_or_ignored(feature, odd):
    for name in DEFAULTS[feature]:
        assert isinstance(shifts(feature, {name: odd, "unheard": odd}, CAUTIOUS), Shifts)


@pytest.mark.parametrize("text", ["Today only", "LAST CHANCE", "오늘만 특가", "마감 임박", "Ends soon"])
def test_urgency_in_either_language_draws_the_impulsive_and_repels_the_cautious(text):
    value = {"badge": f"Free delivery today · {text.lower()}"}
    assert shifts("home-hero-banner", value, IMPULSIVE).click > 0
    assert shifts("home-hero-banner", value, CAUTIOUS).click < 0


def test_losing_the_free_delivery_costs_clicks():
    assert shifts("home-hero-banner", {"badge": ""}, BY_KEY["calculator"].taste).click < 0
    assert shifts("home-hero-banner", {"badge": "무료 배달"}, BY_KEY["calculator"].taste).click == 0


def test_only_the_step_on_which_a_component_is_seen_moves():
    assert shifts("checkout-button", {"color": "red"}, CAUTIOUS).checkout < 0
    assert shifts("checkout-button", {"color": "red"}, CAUTIOUS).cart == 0
    assert shifts("add-to-cart-button", {"color": "red"}, CAUTIOUS).checkout == 0
    assert shifts("search-result-item", {"layout": "card"}, IMPULSIVE).click == 0


def test_an_unknown_feature_moves_nobody():
    assert shifts("mascot", {"color": "red"}, CAUTIOUS) == Shifts()


@pytest.mark.parametrize(
    "mix", [{}, {"mission": 99}, {"mission": 101}, {"mission": 150, "cautious": -50}, {"robot": 100}]
)
def test_a_mix_that_is_not_one_is_refused(mix):
    with pytest.raises(BadMixError):
        shares(mix)


def test_the_default_mix_is_a_mix():
    assert sum(shares(DEFAULT_MIX)) == pytest.approx(1)
