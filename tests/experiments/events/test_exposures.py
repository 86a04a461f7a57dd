"""Exposures that programs report: rows of the live run, the first of each unit and variant."""

from datetime import UTC, datetime, timedelta

import pytest

from experiments.models import Exposure, RejectedEvent, Unit
from experiments.running import lifecycle
from tests.experiments.events.sending import exposure, receipts, send, statuses

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", [{"experiment": "hero-discount"}, {"feature": "home-hero-banner"}])
def test_exposure_becomes_a_row_of_the_live_run(running, name):
    assert statuses(send(exposure(properties={**name, "variant": "discount"}))) == ["stored"]
    stored = Exposure.objects.get()
    assert (stored.run, stored.variant.key, stored.unit_id) == (running.runs.get(), "discount", "u1")


def test_the_first_exposure_counts_and_later_ones_are_duplicates(running):
    first = exposure()
    assert statuses(send([first, exposure()])) == ["stored", "duplicate"]
    assert statuses(send([first])) == ["duplicate"]
    other = exposure(properties={"experiment": "hero-discount", "variant": "control"})
    assert statuses(send([other])) == ["stored"]
    assert Exposure.objects.count() == 2  # a unit in two variants stays visible


def test_exposure_without_a_time_happened_when_it_was_reported(running):
    payload = exposure(attributes={"device": "phone"})
    del payload["occurred_at"]
    assert statuses(send(payload)) == ["stored"]
    assert datetime.now(UTC) - Exposure.objects.get().exposed_at < timedelta(minutes=1)
    assert Unit.objects.get().attributes == {"device": "phone"}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"properties": {"experiment": "nothing", "variant": "discount"}}, "unknown_experiment"),
        ({"properties": {"feature": "checkout-button", "variant": "discount"}}, "unknown_experiment"),
        ({"properties": {"experiment": "hero-discount", "variant": "purple"}}, "unknown_variant"),
        ({"properties": {"feature": "home-hero-banner", "variant": "purple"}}, "unknown_variant"),
        ({"properties": {"experiment": "hero-discount"}}, "missing_property"),
        ({"properties": {"variant": "discount"}}, "missing_property"),
        (
            {"properties": {"experiment": "hero-discount", "feature": "home-hero-banner", "variant": "discount"}},
            "missing_property",
        ),
        ({"properties": {"experiment": 1, "variant": "discount"}}, "bad_property"),
        ({"properties": {"experiment": "hero-discount", "variant": "discount", "x": "y"}}, "unknown_property"),
        ({"properties": None}, "bad_properties"),
        ({"amount": 5}, "unexpected_amount"),
        ({"event_id": "x"}, "bad_event_id"),
        ({"unit_id": None}, "bad_unit_id"),
        ({"occurred_at": (datetime.now(UTC) - timedelta(days=1)).isoformat()}, "before_launch"),
    ],
)
def test_exposure_that_fits_no_live_run_is_rejected_with_its_reason(running, changes, reason):
    (receipt,) = receipts(send(exposure(**changes)))
    assert (receipt["status"], receipt["reason"]) == ("rejected", reason)
    assert RejectedEvent.objects.get().reason == reason
    assert not Exposure.objects.exists()


def test_exposure_of_a_stopped_experiment_is_rejected(running, analyst):
    lifecycle.stop(running, actor=analyst, note="enough")
    assert receipts(send(exposure()))[0]["reason"] == "unknown_experiment"
