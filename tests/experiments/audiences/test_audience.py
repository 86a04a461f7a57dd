"""Counts of who matches, attributes that are found, and the condition of a draft."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from experiments.assignment import conditions
from experiments.audiences import audience
from experiments.audiences.words import describe
from experiments.events.ids import new_event_id
from experiments.public import EventInput, UnitInput, note_units, record
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal.models import AuditEntry
from simulation import known_units, traits
from simulation.draws import draws, unit_ids

MOBILE_SEOUL = {"device": "mobile", "city": "seoul"}
CONDITIONS = [
    {},
    {"device": "mobile"},
    {"device": {"$ne": "mobile"}},
    {"returning": True, "$or": [{"city": "seoul"}, {"signup_age_days": {"$gte": 60}}]},
    {"segment": {"$in": ["loyal", "champion"]}},
    {"city": {"$exists": False}},
    {"city": {"$regex": "^(seoul|suwon)$"}},
    {"$nor": [{"device": "desktop"}, {"language": "en"}]},
    {"plan": "pro"},
]


def seen(unit, at, name="page_view"):
    return EventInput(event_id=new_event_id(at), name=name, unit_id=unit, occurred_at=at)


@pytest.fixture
def crowd(db):
    """300 units of different attributes, each active on one to three days; some are not described."""
    units = unit_ids(seed=9, first=0, count=300)
    numbers = draws(seed=9, first=0, count=300)
    persona = (numbers[:, 0] * 5).astype(int)
    combination = traits.combinations(numbers, persona).tolist()
    now = timezone.now()
    described = {unit: traits.attributes(n) for unit, n in zip(units, combination, strict=True)}
    for unit in units[280:]:
        described[unit] = {}
    note_units([UnitInput(unit_id=unit, attributes=known, seen_at=now) for unit, known in described.items() if known])
    days = {unit: [now - timedelta(days=(place * step) % 29) for step in (1, 2, 5)] for place, unit in enumerate(units)}
    record(events=[seen(unit, at) for unit, moments in days.items() for at in moments], using="default")
    record(
        events=[seen(units[0], now - timedelta(days=45)), seen("long-gone", now - timedelta(days=31))], using="default"
    )
    cache.clear()
    return described, days


@pytest.mark.parametrize("condition", CONDITIONS)
def test_the_count_equals_one_made_unit_by_unit(crowd, condition):
    described, days = crowd
    count = audience.matching_units(condition)
    inside = {unit for unit, known in described.items() if conditions.matches(condition, known)}
    assert (count.matched, count.total) == (len(inside), 300)
    by_day: dict[date, set[str]] = {}
    for unit, moments in days.items():
        for at in moments:
            by_day.setdefault(timezone.localdate(at), set()).add(unit)
    assert [(day.day, day.matched, day.total) for day in count.days] == [
        (day, len(units & inside), len(units)) for day, units in sorted(by_day.items())
    ]
    assert count.share == pytest.approx(len(inside) / 300)


@pytest.mark.parametrize("condition", CONDITIONS[1:])
def test_the_matching_units_are_those_whose_known_attributes_match(crowd, condition):
    described, _days = crowd
    known = {unit for unit, attributes in described.items() if attributes}
    assert set(audience.matching_unit_ids(condition)) == {
        unit for unit in known if conditions.matches(condition, described[unit])
    }


def test_a_condition_for_all_names_no_units(crowd):
    assert audience.matching_unit_ids({}) is None


def test_many_counts_cost_one_statement_whatever_their_conditions(crowd, django_assert_max_num_queries):
    with django_assert_max_num_queries(1):
        for condition in CONDITIONS:
            audience.matching_units(condition)


def test_only_what_happened_since_counts(crowd):
    recent = audience.matching_units({}, timezone.now() - timedelta(days=60))
    assert recent.total == 301
    assert audience.matching_units({}, timezone.now() + timedelta(days=1)).share is None


def test_without_anybody_the_count_is_empty(db):
    count = audience.matching_units({"device": "mobile"})
    assert (count.matched, count.total, count.days, count.share, count.daily) == (0, 0, (), None, None)


def test_later_attributes_win_whatever_comes_first(db):
    old, new = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    note_units([UnitInput(unit_id="u", attributes={"plan": "pro", "seats": 3}, seen_at=new)])
    note_units([UnitInput(unit_id="u", attributes={"plan": "free", "country": "kr"}, seen_at=old)])
    assert audience.matching_unit_ids({"plan": "pro", "seats": 3, "country": "kr"}) == ["u"]


def test_attributes_that_programs_send_are_found_with_types_and_values(db):
    now = timezone.now()
    told = [
        {"plan": "pro", "seats": 3, "beta": True, "tags": ["a", "b"], "mixed": 1},
        {"plan": "free", "seats": 4.5, "beta": False, "tags": ["c"], "mixed": "one"},
    ]
    for attributes in told:
        unit = uuid.uuid4().hex
        note_units([UnitInput(unit_id=unit, attributes=attributes, seen_at=now)])
        record(events=[seen(unit, now)], using="default")
    found = audience.attributes()
    assert list(found)[:6] == ["device", "language", "returning", "city", "signup_age_days", "segment"]
    others = {key: (item.type, item.samples) for key, item in found.items() if not item.own}
    assert others == {
        "beta": ("boolean", ("false", "true")),
        "mixed": ("text", ("1", "one")),
        "plan": ("text", ("free", "pro")),
        "seats": ("number", ("3", "4.5")),
        "tags": ("list", ("a", "b", "c")),
    }


def test_an_audience_is_kept_and_audited_with_before_and_after(draft, analyst):
    audience.set_audience(draft, MOBILE_SEOUL, actor=analyst)
    audience.set_audience(draft, MOBILE_SEOUL, actor=analyst)
    draft.refresh_from_db()
    assert draft.condition == MOBILE_SEOUL
    entry = AuditEntry.objects.get(action="experiment.audience")
    assert (entry.actor, entry.before, entry.after) == (analyst, {}, MOBILE_SEOUL)


@pytest.mark.parametrize("condition", [{"age": {"$above": 3}}, [], "mobile", None, {"$or": []}, {"a": {"$regex": "("}}])
def test_a_malformed_audience_is_refused(draft, analyst, condition):
    with pytest.raises(Invalid) as error:
        audience.set_audience(draft, condition, actor=analyst)
    assert error.value.fields["condition"]
    draft.refresh_from_db()
    assert draft.condition == {}


def test_a_launched_audience_is_frozen(running, analyst):
    with pytest.raises(Conflict):
        audience.set_audience(running, MOBILE_SEOUL, actor=analyst)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ({}, "All visitors"),
        ({**MOBILE_SEOUL, "returning": True}, "Visitors on mobile, in Seoul, who came before"),
        ({"$or": [{"device": {"$ne": "mobile"}}, {"returning": False}]},
         "Visitors not on mobile or who come for the first time"),
        ({"language": "ko", "$or": [{"segment": {"$in": ["loyal", "champion"]}}, {"signup_age_days": {"$gte": 30}}]},
         "Visitors reading Korean, (in the segment Loyal or Champion or who first came 30 days ago or earlier)"),
        ({"city": {"$exists": False}, "plan": "pro"}, "Visitors with City unknown, with plan = pro"),
        ({"$not": {"device": "mobile"}}, "Visitors who meet a condition written as JSON"),
    ],
)  # fmt: skip
def test_an_audience_is_said_in_words(condition, words):
    known = {item.key: item for item in audience.OWN_ATTRIBUTES}
    assert describe(condition, known) == words


def test_units_kept_in_bulk_are_counted_like_any_other(db):
    units = unit_ids(seed=9, first=0, count=50)
    numbers = draws(seed=9, first=0, count=50)
    combination = traits.combinations(numbers, (numbers[:, 0] * 5).astype(int))
    ordered = numbers[:, 1] < 0.3
    at = (numbers[:, 2] * 1e15).astype("int64")
    for _twice in range(2):
        known_units.keep(units=units, combination=combination, ordered=ordered, seen_at=at)
    for condition in CONDITIONS[1:]:
        rows = zip(units, combination.tolist(), ordered.tolist(), strict=True)
        assert set(audience.matching_unit_ids(condition)) == {
            unit
            for unit, number, after in rows
            if conditions.matches(condition, traits.attributes(number, ordered=after))
        }
