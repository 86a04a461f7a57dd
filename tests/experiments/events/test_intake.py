"""Events: what is accepted is stored once; what is malformed is kept with its reason."""

import threading
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from experiments import tasks
from experiments.events.ids import new_event_id, time_of
from experiments.models import Event, Exposure, ReceivedEventId, RejectedEvent
from experiments.public import EventInput, ExposureInput, receive, record

pytestmark = pytest.mark.django_db


def moment():
    """Return the time to the millisecond, as event times are kept."""
    now = datetime.now(UTC)
    return now - timedelta(microseconds=now.microsecond % 1000)


def event(**changes):
    now = moment()
    return {
        "event_id": str(new_event_id(now)),
        "name": "purchase",
        "unit_id": "u1",
        "occurred_at": now.isoformat(),
        "amount": 12000,
        "properties": {"order": "N-1"},
        **changes,
    }


def test_valid_event_is_stored():
    (receipt,) = receive([event()])
    assert receipt.status == "stored"
    stored = Event.objects.get()
    assert (stored.name, stored.amount, stored.properties) == ("purchase", Decimal(12000), {"order": "N-1"})


def test_same_batch_twice_changes_nothing():
    batch = [event(), event()]
    assert [r.status for r in receive(batch)] == ["stored", "stored"]
    assert [r.status for r in receive(batch)] == ["duplicate", "duplicate"]
    assert Event.objects.count() == 2


def test_same_event_twice_in_one_batch_is_stored_once():
    one = event()
    assert [r.status for r in receive([one, one])] == ["stored", "duplicate"]
    assert Event.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"amount": -5}, "bad_amount"),
        ({"amount": 0}, "bad_amount"),
        ({"amount": "NaN"}, "bad_amount"),
        ({"amount": "1e999"}, "absurd_amount"),
        ({"amount": True}, "bad_amount"),
        ({"amount": None}, "bad_amount"),
        ({"amount": 10_000_001}, "absurd_amount"),
        ({"name": "buy"}, "unknown_event"),
        ({"name": "click", "properties": {"component": "hero"}}, "unexpected_amount"),
        ({"occurred_at": (moment() + timedelta(hours=1)).isoformat()}, "future_time"),
        ({"occurred_at": "2001-01-01T00:00:00+00:00"}, "old_time"),
        ({"occurred_at": "2026-01-01T00:00:00"}, "bad_time"),
        ({"occurred_at": "yesterday"}, "bad_time"),
        ({"occurred_at": None, "event_id": str(uuid.uuid4())}, "missing_time"),
        ({"event_id": "17"}, "bad_event_id"),
        ({"unit_id": ""}, "bad_unit_id"),
        ({"unit_id": "x" * 65}, "bad_unit_id"),
        ({"unit_id": "a\x00b"}, "bad_unit_id"),
        ({"properties": {}}, "missing_property"),
        ({"properties": {"order": "N-1", "colour": "red"}}, "unknown_property"),
        ({"properties": {"order": 17}}, "bad_property"),
        ({"properties": {"order": "x" * 201}}, "bad_property"),
        ({"properties": []}, "bad_properties"),
        ({"persona": "mission"}, "unknown_field"),
    ],
)
def test_malformed_event_is_kept_with_its_reason(changes, reason):
    payload = event(**changes)
    (receipt,) = receive([payload])
    assert (receipt.status, receipt.reason) == ("rejected", reason)
    assert not Event.objects.exists()
    kept = RejectedEvent.objects.get()
    assert kept.reason == reason


@pytest.mark.parametrize("payload", ["text", 17, None, ["list"], {"a": "\ud800"}, {"\x00": 1}])
def test_payload_that_is_no_event_is_rejected_and_kept(payload):
    (receipt,) = receive([payload])
    assert receipt.status == "rejected"
    assert RejectedEvent.objects.count() == 1


def test_received_equals_stored_and_duplicate_and_rejected():
    one = event()
    receipts = receive([one, one, event(amount=-1), event(), "noise"])
    counts = {status: sum(r.status == status for r in receipts) for status in ("stored", "duplicate", "rejected")}
    assert counts == {"stored": 2, "duplicate": 1, "rejected": 2}
    assert (Event.objects.count(), RejectedEvent.objects.count()) == (2, 2)


def test_event_without_time_takes_it_from_its_time_ordered_id():
    at = moment() - timedelta(hours=2)
    payload = event(event_id=str(new_event_id(at)))
    del payload["occurred_at"]
    receive([payload])
    assert abs(Event.objects.get().occurred_at - at) < timedelta(milliseconds=1)


def test_event_ids_are_version_7_and_carry_their_time():
    at = datetime(2026, 5, 1, 12, tzinfo=UTC)
    made = new_event_id(at, random_bits=5)
    assert (made.version, made.variant) == (7, uuid.RFC_4122)
    assert time_of(made) == at
    assert new_event_id(at, random_bits=5) == made
    assert new_event_id(at + timedelta(milliseconds=1)) > new_event_id(at)


def test_first_exposure_of_a_unit_to_a_variant_counts_and_later_ones_change_nothing(running):
    run, (control, treatment) = running.runs.get(), running.variants.order_by("position")
    now = moment()

    def seen(variant, at):
        return ExposureInput(run_id=run.pk, variant_id=variant.pk, unit_id="u1", exposed_at=at)

    record(events=[], exposures=[seen(control, now)])
    record(events=[], exposures=[seen(control, now + timedelta(minutes=1)), seen(treatment, now)])
    assert Exposure.objects.get(variant=control).exposed_at == now
    assert Exposure.objects.count() == 2  # a unit in two variants stays visible


def test_recording_again_after_a_lost_answer_changes_nothing():
    now, about = moment(), {"component": "hero"}
    events = [EventInput(event_id=new_event_id(now), name="click", unit_id="u", occurred_at=now, properties=about)]
    assert record(events=events) == 1
    assert record(events=events) == 0
    assert Event.objects.count() == 1


def test_same_id_with_another_time_is_a_duplicate_later_and_in_the_same_batch():
    one = event()
    other = {**one, "occurred_at": (moment() - timedelta(days=3)).isoformat()}
    assert [r.status for r in receive([one, other])] == ["stored", "duplicate"]
    assert [r.status for r in receive([other])] == ["duplicate"]
    assert Event.objects.get().occurred_at.isoformat() == one["occurred_at"]


@pytest.mark.parametrize("away", [timedelta(0), timedelta(days=1)])
def test_id_that_the_shop_recorded_itself_is_a_duplicate(away):
    now, about = moment(), {"component": "hero"}
    own = EventInput(event_id=new_event_id(now), name="click", unit_id="u", occurred_at=now, properties=about)
    record(events=[own])
    sent = event(event_id=str(own.event_id), occurred_at=(now - away).isoformat())
    assert [r.status for r in receive([sent])] == ["duplicate"]
    assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_batches_of_the_same_ids_at_the_same_moment_store_each_once():
    ids = [str(uuid.uuid4()) for _event in range(40)]
    start = threading.Barrier(4)
    stored = []

    def send(sender):
        days = timedelta(days=sender)
        batch = [event(event_id=name, occurred_at=(moment() - days).isoformat()) for name in ids]
        start.wait()
        try:
            stored.extend(r.event_id for r in receive(batch[:: -1 if sender % 2 else 1]) if r.status == "stored")
        finally:
            connection.close()

    senders = [threading.Thread(target=send, args=[number]) for number in range(4)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(stored) == sorted(ids)
    assert Event.objects.count() == len(ids)


@pytest.mark.django_db(transaction=True)
def test_a_new_days_partition_is_made_while_others_read_and_write():
    receive([event()])
    done = threading.Event()

    def make_another():
        at = moment() - timedelta(days=77)
        assert receive([event(event_id=str(uuid.uuid4()), occurred_at=at.isoformat())])[0].status == "stored"
        connection.close()
        done.set()

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select count(*) from experiment.experiments_event")
        receive([event()])
        threading.Thread(target=make_another).start()
        assert done.wait(10)


@pytest.mark.parametrize(
    "amount", ["1E-1000000", "0.004", "1e-400", 1e-320, "0." + "0" * 20_000 + "1", "sNaN", [1], {"a": 1}]
)
def test_amounts_that_no_money_has_are_rejected(amount):
    assert receive([event(amount=amount)])[0].reason == "bad_amount"


def test_amount_is_kept_to_the_hundredth():
    receive([event(amount="12.34" + "9" * 20_000)])
    assert Event.objects.get().amount == Decimal("12.35")


def test_time_ordered_id_beyond_the_calendar_carries_no_time():
    payload = event(event_id="ffffffff-ffff-7fff-bfff-ffffffffffff")
    del payload["occurred_at"]
    assert receive([payload])[0].reason == "missing_time"


def test_ids_are_forgotten_only_after_any_event_with_them_is_too_old():
    receive([event(event_id=str(uuid.uuid4())) for _event in range(2)])
    first = ReceivedEventId.objects.order_by("pk").first()
    ReceivedEventId.objects.filter(pk=first.pk).update(received_at=moment() - timedelta(days=200))
    with pytest.raises(CommandError):
        call_command("forget_event_ids", days=90)
    assert tasks.forget_event_ids() == 1
    call_command("forget_event_ids", verbosity=0)
    assert not ReceivedEventId.objects.filter(pk=first.pk).exists()
    assert ReceivedEventId.objects.count() == 1
