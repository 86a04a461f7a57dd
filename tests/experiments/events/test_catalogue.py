"""The event catalogue: declared in versions, which intake follows at once."""

import time

import pytest
from django.db import IntegrityError, connection, transaction

from experiments.catalogue.events import EVENT_TYPES, Property
from experiments.events import event_catalogue, event_types
from experiments.events.event_types import VersionInput
from experiments.models import DefinitionVersion, EventType, EventTypeVersion, Metric
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal.models import AuditEntry
from tests.experiments.events.sending import event, receipts, send, statuses

pytestmark = pytest.mark.django_db


def ride(*properties, amount=False, **more):
    return VersionInput(carries_amount=amount, properties=(Property("city", required=True), *properties), **more)


@pytest.fixture
def declared(team, analyst):
    return event_types.create(name="ride", description="A ride", given=ride(), team=team, actor=analyst)


def test_the_shops_events_are_installed_as_they_are_checked(catalogue):
    event_catalogue.forget()
    kinds = event_catalogue.kinds()
    assert {name: (kind.amount, kind.properties) for name, kind in kinds.items()} == {
        name: (kind.amount, kind.properties) for name, kind in EVENT_TYPES.items()
    }
    assert EventType.objects.count() == len(EVENT_TYPES)


def test_a_declared_event_is_taken_at_once_and_audited(declared, analyst):
    assert statuses(send(event(name="ride", properties={"city": "Seoul"}))) == ["stored"]
    entry = AuditEntry.objects.get(action="event_type.create")
    assert (entry.actor, entry.object_key, entry.after["number"]) == (analyst, "ride", 1)


def test_a_compatible_version_counts_from_now_on(declared, analyst):
    payload = event(name="ride", properties={"city": "Seoul", "kilometres": 2.5})
    assert receipts(send(payload))[0]["reason"] == "unknown_property"
    event_types.add_version(declared, ride(Property("kilometres", "number")), expected=1, actor=analyst)
    assert statuses(send(payload)) == ["stored"]
    assert AuditEntry.objects.get(action="event_type.version").before["number"] == 1


@pytest.mark.parametrize(
    ("properties", "good", "bad"),
    [
        (Property("p", "text"), "x", 1),
        (Property("p", "integer"), -3, 0.5),
        (Property("p", "number"), 0.5, "0.5"),
        (Property("p", "boolean"), False, 0),
        (Property("p", "time"), "2026-05-01T09:30:00+09:00", "2026-05-01"),
    ],
)
def test_each_type_takes_its_values_and_no_others(declared, analyst, properties, good, bad):
    event_types.add_version(declared, ride(properties), expected=1, actor=analyst)
    assert statuses(send(event(name="ride", properties={"city": "Seoul", "p": good}))) == ["stored"]
    (receipt,) = receipts(send(event(name="ride", properties={"city": "Seoul", "p": bad})))
    assert receipt["reason"] == "bad_property"


def test_an_incompatible_version_is_refused_until_it_is_marked_and_explained(declared, analyst):
    narrower = VersionInput(carries_amount=True, properties=())
    with pytest.raises(Invalid) as refused:
        event_types.add_version(declared, narrower, expected=1, actor=analyst)
    assert len(refused.value.fields["properties"]) == 2
    marked = VersionInput(carries_amount=True, properties=(), breaks=True)
    with pytest.raises(Invalid, match="why"):
        event_types.add_version(declared, marked, expected=1, actor=analyst)
    explained = VersionInput(carries_amount=True, properties=(), breaks=True, note="Cities are gone")
    assert event_types.add_version(declared, explained, expected=1, actor=analyst).breaks


def test_what_a_metric_sums_cannot_go(declared, team, analyst):
    event_types.add_version(
        declared, ride(amount=True, breaks=True, note="Rides cost money"), expected=1, actor=analyst
    )
    Metric.objects.create(
        key="fare", name="Fare", type="mean", numerator_event="ride", numerator_aggregation="sum", unit="won", team=team
    )
    with pytest.raises(Conflict, match="Fare"):
        event_types.add_version(declared, ride(breaks=True, note="Free rides"), expected=2, actor=analyst)


def test_the_shops_own_events_change_compatibly_only(catalogue, analyst):
    click = EventType.objects.get(name="click")
    kept = EVENT_TYPES["click"].properties
    event_types.add_version(
        click, VersionInput(carries_amount=False, properties=(*kept, Property("colour"))), expected=1, actor=analyst
    )
    with pytest.raises(Conflict):
        event_types.add_version(
            click, VersionInput(carries_amount=False, properties=(), breaks=True, note="x"), expected=2, actor=analyst
        )


def test_two_authors_of_the_same_version_do_not_overwrite_each_other(declared, analyst):
    event_types.add_version(declared, ride(Property("a")), expected=1, actor=analyst)
    with pytest.raises(Conflict):
        event_types.add_version(declared, ride(Property("b")), expected=1, actor=analyst)
    assert declared.versions.count() == 2


def test_a_version_that_changes_nothing_is_refused(declared, analyst):
    with pytest.raises(Invalid):
        event_types.add_version(declared, ride(), expected=1, actor=analyst)


@pytest.mark.parametrize("name", ["exposure", "Ride", "1st", "a-b", "", "x" * 41, "click", "new", "ride"])
def test_names_that_are_not_plain_taken_or_kept_are_refused(declared, catalogue, team, analyst, name):
    with pytest.raises(Invalid) as refused:
        event_types.create(name=name, description="", given=ride(), team=team, actor=analyst)
    assert "name" in refused.value.fields


@pytest.mark.parametrize(
    "properties",
    [(Property("a"), Property("a", "number")), (Property("A"),), (Property("a", "date"),), (Property(""),)],
)
def test_properties_that_cannot_be_declared_are_refused(team, analyst, properties):
    with pytest.raises(Invalid):
        event_types.create(
            name="ride",
            description="",
            given=VersionInput(carries_amount=False, properties=properties),
            team=team,
            actor=analyst,
        )
    assert not EventType.objects.exists()


@pytest.mark.parametrize("change", ["update {} set properties = '[]'", "delete from {}"])
def test_versions_are_history(declared, change):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change.format("experiment.experiments_eventtypeversion"))


def test_another_processes_change_is_seen_within_a_second(declared):
    event_catalogue.current()
    EventTypeVersion.objects.create(event_type=declared, number=2, properties=[{"name": "city"}, {"name": "driver"}])
    DefinitionVersion.objects.update(number=99)  # as another process would, of which this one hears nothing
    time.sleep(event_catalogue.RECHECK_SECONDS)
    assert event_catalogue.kinds()["ride"].version == 2
