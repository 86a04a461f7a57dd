"""CRM targets as audiences: from a build of the marts to what the shop, programs and the public SDK are given."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from growthbook import GrowthBook

from analytics.crm_rules import FIELDS as RULE_FIELDS
from analytics.crm_rules import publish_targets, save_rule
from analytics.marts.runs import build
from analytics.models import CrmRule
from experiments.assignment.definition_watch import Watcher
from experiments.audiences import audience
from experiments.audiences.crm_lists import CrmListInput, experiments_asking_for, replace_lists
from experiments.models import CrmList, CrmMember, KeptMembership, Run
from experiments.public import ExposureInput, evaluate, evaluate_many, record
from experiments.running import lifecycle
from experiments.serving.dispatch import Dispatcher
from novarium.kernel.errors import Invalid
from novarium.portal import connections
from novarium.portal.models import AuditEntry
from tests.analytics.traffic import event
from tests.experiments.serving.conftest import Lean

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("first_rules")]
FEATURE = "home-hero-banner"
CONDITION = {"crm_targets": {"$in": ["cart-left"]}}


def noon(days_ago):
    return timezone.localtime().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)


def cart(unit, days_ago):
    at = noon(days_ago)
    return [
        event("page_view", unit, at, page="home"),
        event("add_to_cart", unit, at + timedelta(minutes=1), dish="d", restaurant="r", quantity=1),
    ]


@pytest.fixture
def two_days(db):
    """``ann`` left a cart two days ago, ``bob`` yesterday; ``cid`` only looked."""
    record(events=[*cart("ann", 2), *cart("bob", 1), event("page_view", "cid", noon(2), page="home")])


@pytest.fixture
def for_carts(draft, analyst):
    """A running experiment for whoever left a cart."""
    audience.set_audience(draft, CONDITION, actor=analyst)
    lifecycle.launch(draft, actor=analyst)
    return Run.objects.get(experiment=draft)


def day(days_ago):
    return noon(days_ago).date()


def takes_part(unit):
    return evaluate(FEATURE, unit).reason == "SPLIT"


def expose(run, unit):
    found = evaluate(FEATURE, unit)
    record(
        events=[],
        exposures=[ExposureInput(run_id=run.pk, unit_id=unit, variant_id=found.variant_id, exposed_at=timezone.now())],
    )
    return found


def test_who_left_a_cart_on_the_last_built_day_takes_part_and_nobody_else(two_days, for_carts):
    build(day(2))
    assert [takes_part(unit) for unit in ("ann", "bob", "cid")] == [True, False, False]
    assert CrmList.objects.get(key="cart-left").day == day(2)
    build(day(1))
    assert [takes_part(unit) for unit in ("ann", "bob", "cid")] == [False, True, False]


def test_an_older_day_built_again_leaves_the_lists_as_they_are(two_days, for_carts):
    build(day(1))
    before = CrmMember.objects.count()
    build(day(2))
    assert CrmMember.objects.count() == before
    assert takes_part("bob")


def test_a_unit_that_was_reached_keeps_its_variant_when_it_leaves_the_list(two_days, for_carts):
    build(day(2))
    seen = expose(for_carts, "ann")
    build(day(1))
    assert evaluate(FEATURE, "ann").variant == seen.variant
    assert list(KeptMembership.objects.values_list("unit_id", "lists")) == [("ann", ["cart-left"])]


def test_a_unit_that_was_reached_stays_when_it_joins_a_list_that_is_left_out(two_days, draft, analyst):
    audience.set_audience(draft, {"crm_targets": {"$nin": ["cart-left"]}}, actor=analyst)
    lifecycle.launch(draft, actor=analyst)
    run = Run.objects.get(experiment=draft)
    build(day(2))
    assert not takes_part("ann")
    seen = expose(run, "bob")
    build(day(1))
    assert evaluate(FEATURE, "bob").variant == seen.variant
    assert takes_part("ann")
    replace_lists([CrmListInput(key="cart-left", name="Left", units=["dan"])], day=day(0))
    assert evaluate(FEATURE, "bob").variant == seen.variant


def test_evaluation_of_targets_reads_no_database(two_days, for_carts):
    build(day(2))
    evaluate(FEATURE, "ann")
    with CaptureQueriesContext(connection) as queries:
        assert [evaluate_many([FEATURE], unit)[FEATURE].reason for unit in ("ann", "bob")] == ["SPLIT", "STATIC"]
    assert len(queries) == 0


def test_what_a_caller_says_of_its_own_membership_counts_for_nothing(two_days, for_carts):
    build(day(2))
    assert evaluate(FEATURE, "bob", {"crm_targets": ["cart-left"]}).reason == "STATIC"


@pytest.fixture
def served(two_days, for_carts, team, lead):
    """The lean path after a build, asked with a key of a kind."""
    build(day(2))
    watcher = Watcher()
    with ThreadPoolExecutor(1) as threads:
        dispatcher = Dispatcher(watcher, threads, workers=1)

        def asked_with(kind):
            settings = connections.Settings(name=kind, logs_exposures=False, per_minute=600_000)
            _made, key = connections.create(kind=kind, scopes=["evaluate"], team=team, actor=lead, settings=settings)
            return Lean(watcher, dispatcher, key), key

        yield asked_with


def test_programs_are_answered_by_membership_whatever_they_send(served):
    lean, _key = served("server")
    reasons = {unit: lean.flag(FEATURE, {"targetingKey": unit})[1]["reason"] for unit in ("ann", "bob")}
    assert reasons == {"ann": "SPLIT", "bob": "STATIC"}
    claimed = {"targetingKey": "bob", "crm_targets": ["cart-left"]}
    assert lean.flag(FEATURE, claimed)[1]["reason"] == "STATIC"


def test_the_public_sdk_assigns_as_the_server_does_with_a_server_key(served, for_carts):
    lean, key = served("server")
    expose(for_carts, "ann")
    for days_ago in (2, 1):
        build(day(days_ago))
        body = json.loads(lean.ask("GET", f"/api/features/{key}").body)
        client = GrowthBook(features=body["features"], savedGroups=body["savedGroups"])
        for unit in ("ann", "bob", "cid"):
            client.set_attributes({"id": unit})
            assert client.get_feature_value(FEATURE, None) == evaluate(FEATURE, unit).value
        client.destroy()
    assert "cid" not in json.dumps(body)


def test_a_key_that_pages_carry_is_told_no_unit(served):
    lean, key = served("client")
    body = lean.ask("GET", f"/api/features/{key}").body
    assert b"savedGroups" not in body
    assert b"ann" not in body.replace(b"annot", b"").replace(b"channel", b"").replace(b"banner", b"")


def test_the_count_and_the_builder_know_the_lists(two_days, for_carts):
    build(day(2))
    count = audience.matching_units(CONDITION)
    assert (count.matched, count.total) == (1, 3)
    assert audience.matching_unit_ids(CONDITION) == ["ann"]
    offered = audience.attributes()["crm_targets"]
    assert offered.choices["cart-left"] == CrmRule.objects.get(key="cart-left").name
    build(day(1))
    assert audience.matching_unit_ids(CONDITION) == ["bob"]


@pytest.mark.parametrize("test", ["cart-left", ["cart-left"], {"$size": 0}, {"$in": []}, {"$in": [1]}, {}])
def test_conditions_that_no_sdk_could_answer_are_refused(draft, analyst, test):
    with pytest.raises(Invalid):
        audience.set_audience(draft, {"crm_targets": test}, actor=analyst)


def test_a_rule_out_of_use_takes_its_list_along_and_is_in_the_audit_log(two_days, for_carts, lead):
    build(day(2))
    rule = CrmRule.objects.get(key="cart-left")
    values = {name: getattr(rule, name) for name in RULE_FIELDS}
    save_rule(rule, values={**values, "is_active": False}, actor=lead)
    assert not CrmList.objects.filter(key="cart-left").exists()
    assert not takes_part("ann")
    entry = AuditEntry.objects.get(action="crm_rule.change")
    assert (entry.before["is_active"], entry.after["is_active"]) == (True, False)


def test_lists_that_did_not_change_tell_no_process_to_load_them_again(two_days, for_carts):
    build(day(2))
    evaluate(FEATURE, "ann")
    with CaptureQueriesContext(connection) as queries:
        publish_targets()
    assert not [query for query in queries if "definitionversion" in query["sql"].lower() and "set" in query["sql"]]


def test_experiments_that_ask_for_a_list_are_found(for_carts):
    assert [key for key, _name in experiments_asking_for("cart-left")] == ["hero-discount"]
    assert experiments_asking_for("cart") == []
