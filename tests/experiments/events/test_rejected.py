"""Rejected events: found, mended, and replayed once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from experiments.catalogue.events import Property
from experiments.events import event_types, rejected_events
from experiments.events.event_types import VersionInput
from experiments.events.rejected_events import Replayed, WantedRejections, listed
from experiments.models import Event, RejectedEvent
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal.models import AuditEntry
from tests.experiments.events.sending import event, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def rejected():
    send(event(unit_id=""))
    return RejectedEvent.objects.get()


def test_a_mended_event_is_stored_marked_and_audited(rejected, analyst):
    mended = {**rejected.payload, "unit_id": "u9"}
    assert rejected_events.replay(rejected.pk, mended, actor=analyst) == "stored"
    assert Event.objects.get().unit_id == "u9"
    rejected.refresh_from_db()
    assert rejected.replayed_at
    assert rejected.payload["unit_id"] == ""  # what came stays as it came
    entry = AuditEntry.objects.get(action="rejected_event.replay")
    assert (entry.before["unit_id"], entry.after["payload"]["unit_id"]) == ("", "u9")


def test_an_event_is_replayed_once(rejected, analyst):
    mended = {**rejected.payload, "unit_id": "u9"}
    rejected_events.replay(rejected.pk, mended, actor=analyst)
    with pytest.raises(Conflict):
        rejected_events.replay(rejected.pk, event(), actor=analyst)
    assert Event.objects.count() == 1


def test_a_replay_that_is_still_wrong_changes_nothing(rejected, analyst):
    with pytest.raises(Invalid, match="unit_id"):
        rejected_events.replay(rejected.pk, rejected.payload, actor=analyst)
    rejected.refresh_from_db()
    assert rejected.replayed_at is None
    assert RejectedEvent.objects.count() == 1


def test_replay_of_an_event_that_came_right_meanwhile_is_a_duplicate(rejected, analyst):
    mended = {**rejected.payload, "unit_id": "u9"}
    send(mended)
    assert rejected_events.replay(rejected.pk, mended, actor=analyst) == "duplicate"
    assert Event.objects.count() == 1


def test_all_of_a_reason_are_replayed_once_the_catalogue_knows_the_event(team, analyst):
    send([event(name="ride", properties={"city": "Seoul"}) for _n in range(15)])
    send([event(name="ride", properties={"town": "Seoul"}), event(unit_id="")])
    declared = VersionInput(carries_amount=False, properties=(Property("city", required=True),))
    event_types.create(name="ride", description="", given=declared, team=team, actor=analyst)
    assert rejected_events.replay_all("unknown_event", actor=analyst) == Replayed(15, 0, 1)
    assert rejected_events.replay_all("unknown_event", actor=analyst) == Replayed(0, 0, 1)
    assert Event.objects.count() == 15
    assert RejectedEvent.objects.filter(replayed_at=None).count() == 2


def test_rejections_are_found_by_reason_time_state_and_text(analyst):
    send([event(unit_id=""), event(name="buy"), event(name="sell")])
    assert listed(WantedRejections(reason="unknown_event")).count() == 2
    assert listed(WantedRejections(search="sell")).get().payload["name"] == "sell"
    today = timezone.localdate()
    assert listed(WantedRejections(since=today, until=today)).count() == 3
    assert listed(WantedRejections(until=today - timedelta(days=1))).count() == 0
    assert listed(WantedRejections(state="replayed")).count() == 0
    assert [(line["reason"], line["waiting"]) for line in rejected_events.counts_by_reason()] == [
        ("unknown_event", 2),
        ("bad_unit_id", 1),
    ]
    assert rejected_events.counts_by_day()[-1] == (today, 3)
