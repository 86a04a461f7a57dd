"""The eight features: every declared parameter changes the page; exposures only where a component is really shown."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from experiments.catalogue.features import FEATURES
from experiments.designs import drafting
from experiments.features import revisions
from experiments.models import Event, Exposure, Feature, FeatureRevision
from experiments.running import lifecycle
from storefront import visitors

PATHS = {
    "home-hero-banner": "",
    "category-navigation": "",
    "search-result-item": "search/?q=pizza",
    "arrival-time": "search/?q=pizza",
    "add-to-cart-button": "restaurants/luna-pizza/",
    "price-tag": "restaurants/luna-pizza/",
    "checkout-button": "cart/",
    "driver-marker": "orders/sample/",
}


def variations(parameter):
    """Return every other value of a choice, and one other value of any other type."""
    if parameter["type"] == "choice":
        return [value for value, _label in parameter["choices"] if value != parameter["default"]]
    others = {"text": "다른 글 <b>&", "integer": parameter.get("max"), "boolean": not parameter["default"]}
    return [others[parameter["type"]]]


CASES = [
    (feature.key, parameter["name"], value)
    for feature in FEATURES
    for parameter in feature.parameters
    for value in variations(parameter)
]


def shown(response, key: str) -> list:
    """Return the feature's components on the page."""
    assert response.status_code == 200
    return HTMLParser(response.content.decode()).css(f'[data-feature="{key}"]')


def told(node) -> dict:
    return json.loads(node.attributes["data-params"])


def seen(response) -> str:
    """Return the page without the values that are only told to programs, and without form tokens."""
    page = HTMLParser(response.content.decode())
    for node in page.css("[data-params]"):
        node.attrs["data-params"] = ""
    for node in page.css("[name=csrfmiddlewaretoken]"):
        node.attrs["value"] = ""
    for node in page.css("[style]"):  # the driver moves on between two requests
        node.attrs["style"] = ""
    return str(page.html)


def with_preview(path: str, query: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}{query}"


def test_every_feature_has_a_page(shop):
    assert {feature.key for feature in FEATURES} == set(PATHS)


@pytest.mark.parametrize("key", PATHS)
def test_the_same_value_gives_the_same_page(visitor, preview, key):
    """The comparison of the next test means something."""
    path = with_preview(PATHS[key], preview(key))
    assert seen(visitor.get(path)) == seen(visitor.get(path))


@pytest.mark.parametrize(("key", "parameter", "value"), CASES)
def test_a_changed_parameter_changes_what_is_seen(visitor, preview, key, parameter, value):
    default = visitor.get(with_preview(PATHS[key], preview(key)))
    changed = visitor.get(with_preview(PATHS[key], preview(key, **{parameter: value})))
    assert told(shown(changed, key)[0])[parameter] == value
    assert seen(default) != seen(changed)


@pytest.mark.parametrize("key", PATHS)
def test_the_value_shown_is_told_with_the_component(visitor, preview, key):
    expected = {item["name"]: item["default"] for item in Feature.objects.get(key=key).parameters}
    nodes = shown(visitor.get(with_preview(PATHS[key], preview(key))), key)
    assert nodes
    assert all(told(node) == expected for node in nodes)


def test_a_text_is_escaped(visitor, preview):
    page = visitor.get(with_preview("", preview("home-hero-banner", title="<script>x</script>")))
    assert "<script>x" not in page.content.decode()


def test_a_preview_notes_nothing_sets_no_visitor_and_may_be_framed_by_us(visitor, preview, running):
    visitor.client.cookies.clear()
    response = visitor.get(with_preview("", preview("home-hero-banner", discount_percent=20)))
    assert visitors.COOKIE not in response.cookies
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in response["Content-Security-Policy"]
    assert HTMLParser(response.content.decode()).css_first("body[inert]")
    assert not Event.objects.exists()
    assert not Exposure.objects.exists()


@pytest.mark.parametrize("token", ["x", "a.b.c", "e30:forged:sign", "%00"])
def test_a_forged_preview_is_refused_in_the_shops_style(visitor, token):
    response = visitor.get(f"?preview={token}")
    assert response.status_code == 422
    assert "shop/base.css" in response.content.decode()
    assert response["X-Frame-Options"] == "DENY"
    assert not visitor.events()


def test_a_preview_is_never_kept_for_others(visitor, preview):
    visitor.get(with_preview("", preview("home-hero-banner", title="Only for the analyst")))
    assert "Only for the analyst" not in visitor.get("").content.decode()


def test_a_visitor_in_an_experiment_sees_the_variant_and_is_exposed_once(visitor, running):
    visitor.get("")
    (node,) = shown(visitor.get(""), "home-hero-banner")
    (exposure,) = visitor.exposures()
    assert exposure.run_id == running.runs.get().pk
    assert told(node) == exposure.variant.value


def test_both_variants_are_served_each_to_its_own_visitors(make_visitor, running):
    keys = set()
    for _visitor in range(40):
        person = make_visitor()
        (node,) = shown(person.get(""), "home-hero-banner")
        (exposure,) = person.exposures()
        assert told(node) == exposure.variant.value
        keys.add(exposure.variant.key)
    assert keys == {"control", "discount"}


def test_a_page_without_the_component_exposes_nobody(visitor, running):
    visitor.get("search/?q=pizza")
    visitor.get("restaurants/luna-pizza/")
    assert not visitor.exposures()


@pytest.fixture
def running_in_the_cart(draft, analyst):
    """A launched experiment on the checkout button."""
    draft.feature = Feature.objects.get(key="checkout-button")
    draft.save()
    value = drafting.current_value(draft.feature)
    drafting.set_variants(
        draft,
        [
            drafting.VariantInput(key="control", name="Control", weight=Decimal(50), value=value),
            drafting.VariantInput(key="green", name="Green", weight=Decimal(50), value={**value, "color": "green"}),
        ],
        actor=analyst,
    )
    lifecycle.launch(draft, actor=analyst)


def test_only_those_who_reach_a_filled_cart_are_exposed_to_its_button(visitor, running_in_the_cart):
    for path in ("", "restaurants/luna-pizza/", "cart/"):
        visitor.get(path)
    assert not visitor.exposures()
    visitor.add("luna-pizza-01")
    assert not visitor.exposures()
    visitor.get("cart/")
    assert len(visitor.exposures()) == 1


def test_a_new_default_is_shown_at_the_next_request(visitor, lead):
    visitor.get("")
    feature = Feature.objects.get(key="home-hero-banner")
    value = {**drafting.current_value(feature), "title": "A new default"}
    revisions.revise(feature, value, expected=1, origin=FeatureRevision.Origin.EDIT, actor=lead, note="Try it")
    (node,) = shown(visitor.get(""), "home-hero-banner")
    assert node.css_first("h1").text() == "A new default"
