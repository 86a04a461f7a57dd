"""Evaluation follows every committed change at once; previews cannot be forged; roll back works."""

from dataclasses import replace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from experiments.assignment import definitions
from experiments.features import revisions
from experiments.models import Feature, FeatureRevision
from experiments.public import evaluate, evaluate_many, read_preview, sign_preview
from novarium.kernel.errors import Conflict, Invalid, NotFound

pytestmark = pytest.mark.django_db


@pytest.fixture
def hero(catalogue):
    return Feature.objects.get(key="home-hero-banner")


def test_default_value_is_the_highest_revision(hero, lead):
    value = {**evaluate(hero.key, "u").value, "title": "새 제목"}
    revisions.revise(hero, value, expected=1, origin="edit", actor=lead)
    assert evaluate(hero.key, "u").value["title"] == "새 제목"


def test_unknown_feature_is_not_found(catalogue):
    with pytest.raises(NotFound):
        evaluate("nothing", "u")


def test_warm_evaluation_reads_no_database(running):
    evaluate_many(["home-hero-banner", "price-tag"], "u")
    with CaptureQueriesContext(connection) as queries:
        for n in range(20):
            evaluate_many(["home-hero-banner", "price-tag"], f"u{n}")
    assert len(queries) == 0


@pytest.mark.django_db(transaction=True)
def test_other_process_sees_a_committed_change_within_a_second(hero, lead):
    evaluate(hero.key, "u")
    held = definitions._held
    with transaction.atomic():
        value = {**evaluate(hero.key, "u").value, "title": "Changed"}
        revisions.revise(hero, value, expected=1, origin="edit", actor=lead)
    a_second_ago = held.checked_at - definitions.RECHECK_SECONDS
    definitions._held = replace(held, checked_at=a_second_ago)  # what another process still holds
    assert evaluate(hero.key, "u").value["title"] == "Changed"


@pytest.mark.django_db(transaction=True)
def test_reader_who_loads_between_a_change_and_its_commit_keeps_nothing_old(hero, lead):
    evaluate(hero.key, "u")
    held = definitions._held
    with transaction.atomic():
        value = {**hero.revisions.get().value, "title": "Changed"}
        revisions.revise(hero, value, expected=1, origin="edit", actor=lead)
        definitions._held = held  # what such a reader, in a thread of its own, would have put here
    assert evaluate(hero.key, "u").value["title"] == "Changed"


def test_rollback_reinstates_an_earlier_value_as_a_new_revision(hero, lead):
    first = hero.revisions.get().value
    revisions.revise(hero, {**first, "title": "Two"}, expected=1, origin="edit", actor=lead)
    made = revisions.rollback(hero, to=1, expected=2, actor=lead, note="it looked odd")
    assert (made.number, made.reinstates, made.value) == (3, 1, first)
    assert evaluate(hero.key, "u").value == first


@pytest.mark.parametrize(
    ("to", "expected", "note", "error"),
    [(1, 1, "again", Invalid), (9, 1, "why", NotFound), (1, 1, " ", Invalid), (1, 5, "stale", Conflict)],
)
def test_rollback_that_makes_no_sense_changes_nothing(hero, lead, to, expected, note, error):
    with pytest.raises(error):
        revisions.rollback(hero, to=to, expected=expected, actor=lead, note=note)
    assert FeatureRevision.objects.filter(feature=hero).count() == 1


def test_stale_revise_is_a_conflict(hero, lead):
    value = hero.revisions.get().value
    revisions.revise(hero, {**value, "title": "A"}, expected=1, origin="edit", actor=lead)
    with pytest.raises(Conflict):
        revisions.revise(hero, {**value, "title": "B"}, expected=1, origin="edit", actor=lead)
    assert evaluate(hero.key, "u").value["title"] == "A"


def test_preview_token_carries_the_value_and_cannot_be_forged(hero):
    value = {**hero.revisions.get().value, "title": "Preview"}
    token = sign_preview(hero, value)
    assert read_preview(token).value["title"] == "Preview"
    for forged in (token[:-2] + "xx", "nonsense", "", token.replace(":", "", 1)):
        with pytest.raises(Invalid):
            read_preview(forged)


@pytest.mark.parametrize(
    "change",
    [
        {"discount_percent": 51},
        {"discount_percent": -1},
        {"discount_percent": 2.5},
        {"discount_percent": True},
        {"discount_percent": "20"},
        {"theme": "pink"},
        {"title": ""},
        {"title": "x" * 61},
        {"title": "a\x00"},
        {"title": 5},
        {"colour": "red"},
    ],
)
def test_value_outside_the_declared_parameters_is_refused_by_name(hero, change):
    value = {**hero.revisions.get().value, **change}
    with pytest.raises(Invalid) as caught:
        sign_preview(hero, value)
    assert set(caught.value.fields) == set(change)
