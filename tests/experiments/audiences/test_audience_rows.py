"""Conditions as rows and back: nothing changes its meaning on the way."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.assignment import conditions
from experiments.audiences.rows import Group, Row, build, parse

ATTRIBUTES = {
    "device": st.sampled_from(["mobile", "desktop", "tablet"]),
    "age": st.integers(0, 40),
    "returning": st.booleans(),
}


@st.composite
def rows(draw):
    name = draw(st.sampled_from(sorted(ATTRIBUTES)))
    values = draw(st.lists(ATTRIBUTES[name], min_size=1, max_size=3, unique=True))
    operators = {"is": values, "is_not": values, "known": [], "unknown": []}
    if name == "age":
        operators |= dict.fromkeys(("at_least", "above", "at_most", "below"), values[:1])
    operator = draw(st.sampled_from(sorted(operators)))
    return Row(name, operator, tuple(operators[operator]))


def groups(inner):
    return st.builds(
        Group,
        st.sampled_from(["all", "any"]),
        st.lists(rows(), max_size=4).map(tuple),
        st.lists(inner, max_size=2).map(tuple) if inner is not None else st.just(()),
    )


PEOPLE = st.fixed_dictionaries({}, optional=ATTRIBUTES)


@given(groups(groups(None)), st.lists(PEOPLE, min_size=1, max_size=20))
def test_rows_that_become_a_condition_and_are_read_again_mean_the_same(group, people):
    condition = build(group)
    assert conditions.check(condition) == []
    again = parse(condition)
    assert again is not None
    before, after = conditions.compile(condition), conditions.compile(build(again))
    assert [before(person) for person in people] == [after(person) for person in people]


@given(groups(groups(None)), PEOPLE)
def test_a_condition_holds_exactly_where_its_rows_do(group, person):
    def holds(row):
        value = person.get(row.attribute)
        if row.operator in {"known", "unknown"}:
            return (value is not None) == (row.operator == "known")
        if row.operator in {"is", "is_not"}:
            return (value in row.values) == (row.operator == "is")
        if value is None:
            return False
        (bound,) = row.values
        return {"at_least": value >= bound, "above": value > bound, "at_most": value <= bound, "below": value < bound}[
            row.operator
        ]

    def meant(item):
        parts = [holds(row) for row in item.rows] + [meant(inner) for inner in item.groups if inner.rows]
        return (all(parts) if item.join == "all" else any(parts)) if parts else True

    assert conditions.matches(build(group), person) == meant(group)


@pytest.mark.parametrize(
    "condition",
    [
        {"$not": {"device": "mobile"}},
        {"$nor": [{"device": "mobile"}]},
        {"tags": {"$elemMatch": {"$eq": "a"}}},
        {"tags": {"$size": 2}},
        {"version": {"$vgte": "1.2.3"}},
        {"name": {"$gte": "m"}},
        {"plan": None},
        {"address": {"city": "seoul"}},
        {"$or": [{}]},
        {"device": "mobile", "$or": [{"city": "seoul"}, {"age": {"$gte": 3, "$lt": 9}}]},
    ],
)
def test_what_rows_cannot_say_stays_json(condition):
    assert conditions.check(condition) == []
    assert parse(condition) is None


def test_a_list_is_asked_for_what_it_includes():
    group = parse({"tags": {"$in": ["a"]}, "plan": {"$nin": ["x", "y"]}}, lists={"tags"})
    assert group == Group("all", (Row("tags", "includes", ("a",)), Row("plan", "is_not", ("x", "y"))))
    assert build(group) == {"tags": {"$in": ["a"]}, "plan": {"$nin": ["x", "y"]}}


def test_two_tests_of_one_attribute_are_kept_apart():
    condition = build(Group("all", (Row("age", "at_least", (3,)), Row("age", "below", (9,)))))
    assert condition == {"$and": [{"age": {"$gte": 3}}, {"age": {"$lt": 9}}]}
    assert parse({"age": {"$gte": 3, "$lt": 9}}) == parse(condition)
