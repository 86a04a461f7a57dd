"""What may be sent to the intake, and how it is answered."""

import gzip
import json
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from experiments.events.rows import event_rows
from experiments.events.validation import Validator, time_bounds
from experiments.models import Event, ReceivedEventId, RejectedEvent, Unit
from experiments.serving.event_bodies import MAX_TEXT, BadBody, read_events
from novarium.portal.grants import Grant
from tests.experiments.events.sending import event, receipts, send, statuses, zipped

pytestmark = pytest.mark.django_db
LINES = "application/x-ndjson"


def test_one_event_a_list_and_an_object_with_events_are_the_same():
    assert statuses(send(event())) == ["stored"]
    assert statuses(send([event(), event()])) == ["stored", "stored"]
    assert statuses(send({"events": [event()]})) == ["stored"]
    assert Event.objects.count() == 4


def test_gzipped_batch_is_unpacked():
    assert statuses(send(zipped([event(), event()]), content_encoding="gzip")) == ["stored", "stored"]


def test_lines_are_judged_one_by_one_and_a_line_that_is_no_json_is_kept():
    good = event()
    body = "\n".join([json.dumps(good), "", '{"half": ', "\x00", json.dumps(event(name="buy"))]).encode()
    answer = send(body, content_type=LINES)
    assert [(r["status"], r["reason"]) for r in receipts(answer)] == [
        ("stored", ""),
        ("rejected", "not_json"),
        ("rejected", "not_json"),
        ("rejected", "unknown_event"),
    ]
    kept = RejectedEvent.objects.filter(reason="not_json")
    assert {'{"half": ', "\\0"} == {item.payload["unreadable"] for item in kept}


def test_totals_and_receipts_stand_in_the_order_of_the_batch():
    one, other = event(), event()
    found = json.loads(send([one, event(unit_id=""), one, other]).body)
    assert (found["stored"], found["duplicate"], found["rejected"]) == (2, 1, 1)
    assert [r["event_id"] for r in found["receipts"]][::3] == [one["event_id"], other["event_id"]]
    assert found["receipts"][1]["detail"]


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (b"{", {}, 400),
        (b"\xff", {}, 400),
        (b"[]", {}, 400),
        (b"17", {}, 400),
        (b'{"unit_id": "u"}', {}, 400),
        (b'{"events": [], "more": 1}', {}, 400),
        (b'{"events": [NaN]}', {}, 400),
        (b"[" * 100_000, {}, 400),
        (json.dumps([{}] * 501).encode(), {}, 400),
        (b"\n".join([b"{}"] * 501), {"content_type": LINES}, 400),
        (b" \n \n", {"content_type": LINES}, 400),
        (b" " * (1024 * 1024 + 1), {}, 413),
        (gzip.compress(b" " * (MAX_TEXT + 1), mtime=0), {"content_encoding": "gzip"}, 413),
        (gzip.compress(b"[]", mtime=0)[:-3], {"content_encoding": "gzip"}, 400),
        (gzip.compress(b"[]", mtime=0) + b"more", {"content_encoding": "gzip"}, 400),
        (b"no gzip", {"content_encoding": "gzip"}, 400),
        (b"[]", {"content_encoding": "br"}, 415),
        (b"a=b", {"content_type": "application/x-www-form-urlencoded"}, 415),
    ],
)
def test_what_cannot_be_read_is_a_problem_and_nothing_is_stored(body, headers, status):
    answer = send(body, **headers)
    assert (answer.status, dict(answer.headers)["content-type"]) == (status, "application/problem+json")
    assert json.loads(answer.body)["detail"]
    assert not Event.objects.exists()
    assert not RejectedEvent.objects.exists()


def test_a_gzip_bomb_is_unpacked_no_further_than_the_limit():
    bomb = gzip.compress(gzip.compress(b"0" * 500_000_000, compresslevel=9))
    with pytest.raises(BadBody):
        read_events(gzip.compress(b"0" * 50_000_000), content_type="", encoding="gzip")
    assert len(bomb) < 1024 * 1024


def test_a_key_without_the_scope_is_refused_before_anything_is_read():
    reader = Grant(kind="token", id="", name="r", team_id=None, scopes=frozenset({"read"}))
    assert send(event(), grant=reader).status == 403
    assert not Event.objects.exists()


def test_event_without_an_id_is_refused_with_what_to_do():
    payload = event()
    del payload["event_id"]
    (receipt,) = receipts(send(payload))
    assert (receipt["status"], receipt["reason"]) == ("rejected", "missing_event_id")
    assert "retry" in receipt["detail"]


def test_a_malformed_event_sent_again_is_rejected_again_and_kept_once():
    bad = event(unit_id="")
    for _time in range(2):
        assert statuses(send([bad, bad])) == ["rejected", "rejected"]
    assert RejectedEvent.objects.count() == 1


@pytest.mark.parametrize("size", [1, 60])
def test_a_batch_sent_again_changes_no_row(size):
    batch = [event(attributes={"city": "Seoul"}) for _n in range(size)]
    batch += [event(event_id=str(uuid.uuid4())) for _n in range(size)]
    batch += [event(occurred_at=(datetime.now(UTC) - timedelta(hours=n + 1)).isoformat()) for n in range(size)]
    assert set(statuses(send(batch))) == {"stored"}

    def rows():
        tables = (Event, ReceivedEventId, RejectedEvent, Unit)
        return [sorted(map(str, table.objects.values_list())) for table in tables]

    before = rows()
    assert set(statuses(send(batch))) == {"duplicate"}
    assert set(statuses(send(batch[::-1]))) == {"duplicate"}
    assert rows() == before
    assert Event.objects.count() == 3 * size


def test_a_batch_with_some_known_events_adds_the_others():
    known, others = [event() for _n in range(20)], [event() for _n in range(20)]
    send(known)
    assert statuses(send(known + others)) == ["duplicate"] * 20 + ["stored"] * 20
    assert Event.objects.count() == 40


@pytest.mark.parametrize("first_is_shifted", [True, False])
@pytest.mark.parametrize("company", [0, 30])
def test_an_id_with_its_own_time_and_with_another_one_is_stored_once(first_is_shifted, company):
    timed = event()
    shifted = {**timed, "occurred_at": (datetime.now(UTC) - timedelta(days=2)).isoformat()}
    first, second = (shifted, timed) if first_is_shifted else (timed, shifted)
    others = [event() for _n in range(company)]
    assert statuses(send([first, *others]))[0] == "stored"
    assert statuses(send([second, *(event() for _n in range(company))]))[0] == "duplicate"
    assert Event.objects.filter(event_id=timed["event_id"]).count() == 1


@pytest.mark.parametrize("amount", [1, 0.01, "12.34", 9999.99, 10_000, 10_000.5, 123_456_789 / 100, 10_000_000])
def test_amounts_survive_the_copy(amount):
    batch = [
        event(name="purchase", amount=amount, unit_id=f"손님-{n}", properties={"order": f"주문 {n} “x”"})
        for n in range(12)
    ]
    assert set(statuses(send(batch))) == {"stored"}
    assert set(Event.objects.values_list("amount", flat=True)) == {Decimal(str(amount)).quantize(Decimal("0.01"))}
    assert Event.objects.get(unit_id="손님-7").properties == {"order": "주문 7 “x”"}
    assert abs(Event.objects.first().occurred_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_rows_of_the_copy_are_those_that_postgres_reads():
    payload = event(datetime(2026, 5, 1, 9, 30, tzinfo=UTC))
    earliest, latest = time_bounds(datetime(2026, 5, 2, tzinfo=UTC))
    parsed = Validator().parse(payload, earliest=earliest, latest=latest)
    rows = event_rows([parsed])
    assert rows.startswith(b"PGCOPY\n\xff\r\n\0")
    assert uuid.UUID(payload["event_id"]).bytes in rows


def test_attributes_are_kept_for_the_unit_and_the_later_value_counts():
    now = datetime.now(UTC)
    send([event(now - timedelta(hours=1), attributes={"city": "Seoul", "orders": 3})])
    send([event(now, attributes={"city": "Busan", "is_member": True})])
    send([event(now - timedelta(hours=2), attributes={"city": "Jeju", "language": "ko"})])
    assert Unit.objects.get().attributes == {"city": "Busan", "orders": 3, "is_member": True, "language": "ko"}


@pytest.mark.parametrize(
    "attributes", [[], {"a": []}, {"a": None}, {"": 1}, {"a": "x" * 201}, {str(n): n for n in range(21)}, {"a": 2**60}]
)
def test_attributes_that_are_no_scalars_are_refused(attributes):
    (receipt,) = receipts(send(event(attributes=attributes)))
    assert (receipt["status"], receipt["reason"]) == ("rejected", "bad_attributes")
    assert not Unit.objects.exists()
