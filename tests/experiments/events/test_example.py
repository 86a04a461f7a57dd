"""The example product, against the real server: it evaluates, and what it tracks arrives."""

from __future__ import annotations

import importlib.util
from wsgiref.util import setup_testing_defaults

import pytest
from openfeature.evaluation_context import EvaluationContext
from openfeature.track import TrackingEventDetails

from novarium.local.state import REPOSITORY


@pytest.fixture
def coffee_shop(running_stack, monkeypatch):
    """The example's module, pointed at the running server."""
    monkeypatch.setenv("NOVARIUM_URL", running_stack.url)
    monkeypatch.setenv("NOVARIUM_KEY", running_stack.secrets[0])
    path = REPOSITORY / "docs/examples/coffee_shop.py"
    spec = importlib.util.spec_from_file_location("coffee_shop", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def visit(shop, unit, method="GET"):
    environ = {"REQUEST_METHOD": method, "HTTP_COOKIE": f"visitor={unit}"}
    setup_testing_defaults(environ)
    said = []
    (body,) = shop.app(environ, lambda status, headers: said.append(status))
    assert said == ["200 OK"]
    return body.decode()


def test_tracking_maps_onto_events_and_exposures(running_stack, coffee_shop):
    client = coffee_shop.api.get_client()
    who = EvaluationContext(targeting_key="tracked-1", attributes={"city": "Seoul"})
    client.track("search", who, TrackingEventDetails(attributes={"query": "latte", "results": 3}))
    client.track("purchase", who, TrackingEventDetails(4500.5, {"order": "N-1"}))
    client.track("exposure", who, TrackingEventDetails(attributes={"experiment": "red-button", "variant": "control"}))
    found = running_stack.rows(
        """select name, amount::text, properties from experiment.experiments_event
        where unit_id = 'tracked-1' order by name"""
    )
    assert found == [
        ("purchase", "4500.50", {"order": "N-1"}),
        ("search", None, {"query": "latte", "results": 3}),
    ]
    assert running_stack.rows("select count(*) from experiment.experiments_exposure where unit_id = 'tracked-1'") == [
        (1,)
    ]


def test_the_example_shows_the_variant_and_reports_exposure_and_purchase(running_stack, coffee_shop):
    pages = {unit: visit(coffee_shop, unit) for unit in (f"visitor-{n}" for n in range(20))}
    for unit in pages:
        assert "Thank you" in visit(coffee_shop, unit, "POST")
    seen = dict(
        running_stack.rows(
            """select exposure.unit_id, variant.key from experiment.experiments_exposure as exposure
            join experiment.experiments_variant as variant on variant.id = exposure.variant_id
            where exposure.unit_id like 'visitor-%'"""
        )
    )
    assert seen.keys() == pages.keys()
    assert set(seen.values()) == {"control", "treatment-1"}
    assert all(("background: red" in pages[unit]) == (variant == "treatment-1") for unit, variant in seen.items())
    bought = running_stack.rows("select count(*) from experiment.experiments_event where unit_id like 'visitor-%'")
    assert bought == [(20,)]
