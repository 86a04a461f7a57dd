"""Every check passes on clean data and finds the data broken for it."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from analytics.imports.datasets import open_dataset
from analytics.marts.runs import build
from analytics.marts.scope import scope_of
from analytics.marts.zone import day_number
from analytics.models import BuiltDay, CheckResult, Dataset, GateRun, ImportFile
from analytics.quality.checks import checks
from analytics.quality.running import perform
from analytics.quality.words import ACTIONS, DESCRIPTIONS, LABELS
from experiments.models import Run
from experiments.public import ExposureInput, allot_many, new_event_id, record
from experiments.running import lifecycle
from tests.analytics.marts.logs import add_events, clock, retailrocket
from tests.analytics.traffic import event

pytestmark = pytest.mark.django_db

LINES = "warehouse.analytics_rawretailrocketevent"
DAY = date(2026, 5, 5)
BEFORE = DAY - timedelta(days=1)
MIDNIGHT = datetime(2026, 5, 4, 15, tzinfo=UTC)  # 00:00 of the day in Seoul
NUMBER = day_number(DAY)


def at(hour):
    return MIDNIGHT + timedelta(hours=hour)


def insert(name, moment, unit="anna", amount=None, received=None, **properties):
    """Store an event past the intake, as a broken sender with a hole in the door would."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into experiment.experiments_event"
            " (event_id, occurred_at, received_at, name, unit_id, amount, properties)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            [new_event_id(moment), moment, received or moment, name, unit, amount, json.dumps(properties)],
        )


def change(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount


@pytest.fixture
def exposed(draft, analyst):
    """A run with units where the hash puts them."""
    lifecycle.launch(draft, actor=analyst, now=at(1))
    run = Run.objects.get(experiment=draft)
    arms, phase = run.snapshot["variants"], run.phases.get()
    units = [f"unit-{n}" for n in range(60)]
    places = allot_many(
        seed=run.snapshot["seed"], units=units, allotment=[[tuple(r) for r in owned] for owned in phase.allotment]
    )
    exposures = [
        ExposureInput(run_id=run.pk, variant_id=arms[place]["id"], unit_id=unit, exposed_at=at(2))
        for unit, place in zip(units, places.tolist(), strict=True)
        if place >= 0
    ]
    assert exposures
    record(events=[], exposures=exposures)
    return run


@pytest.fixture
def clean(exposed):
    """Two days of a shop without a fault, received as they happened."""
    record(events=[event("page_view", "anna", at(hour), page="home") for hour in (-23.5, -10, 0.5, 10)])
    change("update experiment.experiments_event set received_at = occurred_at")
    for day in (0, 24):
        for hour in (1, 9, 20):
            insert("page_view", at(hour - 24 + day), page="home")
        insert("add_to_cart", at(9.1 - 24 + day), dish="d", restaurant="r", quantity=1)
        insert("purchase", at(9.2 - 24 + day), amount=20000, order=f"order-{day}")
        insert("refund", at(21 - 24 + day), amount=20000, order=f"order-{day}")
    dataset = Dataset.objects.get(pk=1)
    build(BEFORE, DAY)
    return dataset


@pytest.fixture
def log(db):
    """A small log in RetailRocket's form, whose file is known."""
    dataset = retailrocket("log")
    rows = [
        (clock("2026-05-05 10:00:00"), 1, "view", 7, None),
        (clock("2026-05-05 10:01:00"), 1, "addtocart", 7, None),
        (clock("2026-05-05 10:02:00"), 1, "transaction", 7, 70),
        (clock("2026-05-05 20:02:00"), 2, "view", 7, None),
    ]
    add_events(dataset, rows)
    ImportFile.objects.create(dataset=dataset, name="events.csv", bytes=1, fingerprint="f", lines=5, status="done")
    build(dataset=dataset)
    return dataset


def ask(dataset, name, *, whole=False):
    """Run one check and return its result."""
    scope = scope_of(dataset) if whole else scope_of(dataset, first=BEFORE, last=DAY)
    run = GateRun.objects.create(
        dataset=dataset, check_name=name, first_day=scope.first_day, last_day=scope.last_day, status="running"
    )
    perform(run, scope)
    return CheckResult.objects.get(run=run)


def unknown_event(_run):
    insert("teleport", at(10))


def no_unit(_run):
    insert("page_view", at(10), unit="", page="home")


def purchase_without_order(_run):
    insert("purchase", at(10), amount=100)


def shared_order(_run):
    insert("purchase", at(10), unit="ben", amount=100, order="order-24")


def repeated_order(_run):
    insert("purchase", at(10), amount=20000, order="order-24")


def refund_of_nothing(_run):
    insert("refund", at(10), amount=100, order="never-placed")


def future(_run):
    insert("page_view", at(10), received=at(9), page="home")


def late(_run):
    insert("page_view", at(10), received=at(40), page="home")


def drift(_run):
    insert("page_view", at(10), page=5)
    insert("page_view", at(11), page="home", colour="red")


def twice(_run):
    for _time in range(2):
        insert("page_view", at(10), page="home")


def silence(_run):
    change("delete from experiment.experiments_event where occurred_at >= %s and occurred_at < %s", at(16), at(24))


def unnumbered(_run):
    insert("page_view", at(10), unit="without a number", page="home")


def lost_fact(_run):
    change("delete from warehouse.analytics_factevent where dataset_id = 1 and day = %s and event = 'click'"
           " or dataset_id = 1 and day = %s and event = 'purchase'", NUMBER, NUMBER)  # fmt: skip


def few_events(_run):
    BuiltDay.objects.filter(dataset_id=1, day=NUMBER).update(events=10)
    BuiltDay.objects.bulk_create(
        BuiltDay(dataset_id=1, day=NUMBER - 7 * week, built_at=at(0), events=1000 + week) for week in range(1, 6)
    )


def lost_unit(run):
    change("delete from warehouse.analytics_experimentunit where run_id = %s", run.pk)


def wrong_arm(run):
    first, second = (variant["id"] for variant in run.snapshot["variants"][:2])
    unit = run.exposures.filter(variant_id=first).values_list("unit_id", flat=True)[0]
    record(events=[], exposures=[ExposureInput(run_id=run.pk, variant_id=second, unit_id=unit, exposed_at=at(3))])


def over_midnight(_run):
    record(
        events=[
            event("add_to_cart", "owl", at(-0.1), dish="d", restaurant="r", quantity=1),
            event("purchase", "owl", at(0.1), 9000, order="owl"),
        ]
    )
    build(BEFORE, DAY)


def rate_above_one(_run):
    change("update warehouse.analytics_dailymetric set buyers = visitors + 1 where day = %s", NUMBER)


def other_revenue(_run):
    change("update warehouse.analytics_dailymetric set revenue_minor = 1 where day = %s", NUMBER)


def cohort_above_itself(_run):
    change("update warehouse.analytics_cohortweek set buyers = visitors + 1 where dataset_id = 1")


BROKEN = {
    "event_domain": unknown_event,
    "missing_keys": no_unit,
    "purchase_integrity": purchase_without_order,
    "order_of_several_units": shared_order,
    "repeated_orders": repeated_order,
    "refund_without_order": refund_of_nothing,
    "future_events": future,
    "clock_skew": late,
    "schema_drift": drift,
    "duplicate_events": twice,
    "freshness": silence,
    "raw_equals_loaded": unnumbered,
    "loaded_equals_facts": lost_fact,
    "events_outside_usual_range": few_events,
    "exposures_equal_units": lost_unit,
    "exposures_not_assigned": wrong_arm,
    "purchase_after_midnight": over_midnight,
    "rates_out_of_range": rate_above_one,
    "kpis_differ_from_facts": other_revenue,
    "cohorts_out_of_range": cohort_above_itself,
}
OF_RECEIVED = [check.name for check in checks() if check.suits("received")]
OF_LOGS = [check.name for check in checks() if check.suits("retailrocket")]


def test_every_check_of_received_events_has_data_broken_for_it():
    assert set(BROKEN) == set(OF_RECEIVED)


def test_every_check_has_its_words_and_the_action_of_its_header():
    names = {check.name for check in checks()}
    assert names == set(LABELS) == set(ACTIONS) == set(DESCRIPTIONS)
    assert {check.name: str(check.description) for check in checks()} == {
        check.name: check.model.description for check in checks()
    }
    assert {check.name: str(ACTIONS[check.name]) for check in checks()} == {c.name: c.action for c in checks()}


def test_clean_data_pass_every_check(clean):
    names = set(CheckResult.objects.filter(dataset_id=1).values_list("check_name", flat=True))
    assert names == set(OF_RECEIVED)
    assert {r.check_name: r.samples for r in CheckResult.objects.filter(dataset_id=1) if r.rows} == {}
    assert {name: ask(clean, name, whole=True).rows for name in OF_RECEIVED} == dict.fromkeys(OF_RECEIVED, 0)


@pytest.mark.parametrize("name", OF_RECEIVED)
def test_check_finds_the_data_broken_for_it(clean, exposed, name):
    BROKEN[name](exposed)
    result = ask(clean, name)
    assert result.rows
    assert result.samples
    assert str(NUMBER) in result.days or name == "cohorts_out_of_range"
    assert ask(clean, name, whole=True).rows


def test_clean_log_passes_every_check(log):
    results = CheckResult.objects.filter(dataset_id=log.pk)
    assert {result.check_name for result in results} == set(OF_LOGS)
    assert {result.check_name: result.samples for result in results if result.rows} == {}


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("lines_equal_raw_and_rejected", "delete from lines where visitor = 2"),
        ("event_domain", "update lines set event = 'steal' where visitor = 2"),
        ("purchase_integrity", "update lines set transaction = null"),
        ("order_of_several_units", "update lines set event = 'transaction', transaction = 70"),
        ("future_events", "update lines set at_ms = 4000000000000 where visitor = 2"),
        ("loaded_equals_facts", "delete from lines where visitor = 2"),
    ],
)
def test_check_finds_a_log_changed_by_other_hands(log, name, statement):
    change(statement.replace("lines", LINES))
    assert ask(log, name, whole=True).rows


@pytest.mark.parametrize(("key", "form"), [("music", "cdnow"), ("ads", "open_bandit")])
def test_checks_read_the_other_forms(db, key, form):
    dataset = open_dataset(key=key, form=form)
    build(dataset=dataset)
    assert CheckResult.objects.filter(dataset_id=dataset.pk, rows=0).count() == sum(c.suits(form) for c in checks())
