"""Conditions mean what the public GrowthBook SDKs take them to mean; malformed ones are refused by name."""

import itertools
import time

import pytest
from growthbook.core import evalCondition
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.assignment import conditions

PEOPLE = [
    {},
    {"city": "Seoul", "age": 31, "vip": True, "tags": ["a", "b"], "app": {"version": "2.10.0", "os": "ios"}},
    {"city": "busan", "age": 1, "vip": False, "tags": [], "app": {"version": "2.9.3-rc.1"}, "orders": [{"won": 9000}]},
    {"city": "", "age": 0, "vip": 1, "tags": ["A", 1, None, True], "app": {"version": "v2.10.0+build5"}},
    {"city": None, "age": 31.0, "vip": "true", "tags": "a", "app": "2.10", "orders": [{"won": 50}, 7, "x"]},
    {"city": "서울", "age": "31", "tags": [["a"], {"a": 1}], "app": {"version": 2}, "orders": {"length": 2}},
    {"city": "Seoul\n", "age": -5, "vip": None, "tags": [0, False, ""], "app": [1, 2, 3], "id": "\U0001f600"},
]
OPERANDS = [0, 1, 31, 31.0, "31", "", "Seoul", "seoul", "2.10.0", "2.9.3", True, False, None, "\ue000", "서울"]
LISTS = [[], ["Seoul", 31], [1, True], ["a"], ["A", None], [0], [False, ""], ["true", 2.0]]
PATHS = [
    "city",
    "age",
    "vip",
    "tags",
    "app.version",
    "app",
    "orders",
    "orders.0.won",
    "tags.length",
    "tags.1",
    "id",
    "x",
]
SCALAR = ["$eq", "$ne"]
ORDERED = ["$lt", "$lte", "$gt", "$gte", "$veq", "$vne", "$vlt", "$vlte", "$vgt", "$vgte"]

CASES = [
    *({path: operand} for path, operand in itertools.product(PATHS, [*OPERANDS, ["a", "b"], [], {"os": "ios"}])),
    *({path: {name: operand}} for path, name, operand in itertools.product(PATHS, SCALAR, OPERANDS)),
    *(
        {path: {name: operand}}
        for path, name, operand in itertools.product(PATHS, ORDERED, OPERANDS)
        if isinstance(operand, str) or type(operand) in {int, float}
    ),
    *(
        {path: {name: items}}
        for path, name, items in itertools.product(PATHS, ["$in", "$nin", "$ini", "$nini", "$all", "$alli"], LISTS)
    ),
    *(
        {path: {name: pattern}}
        for path, name, pattern in itertools.product(
            PATHS, ["$regex", "$regexi", "$notRegex", "$notRegexi"], ["^seoul", "o{2}", "[0-9]+", "^$", "울$"]
        )
    ),
    *({path: {"$exists": flag}} for path, flag in itertools.product(PATHS, [True, False])),
    *(
        {path: {"$type": name}}
        for path, name in itertools.product(PATHS, ["string", "number", "boolean", "array", "object", "null"])
    ),
    *({path: {"$size": size}} for path, size in itertools.product(PATHS, [0, 2, {"$gt": 1}])),
    *({path: {"$not": test}} for path, test in itertools.product(PATHS, [{"$eq": 31}, {"$in": ["Seoul"]}, {"$gt": 5}])),
    *(
        {path: {"$elemMatch": test}}
        for path, test in itertools.product(PATHS, [{"$eq": "a"}, {"won": {"$gt": 100}}, {"$gt": 5}])
    ),
    {"$and": [{"age": {"$gt": 5, "$lt": 40}}, {"city": "Seoul"}]},
    {"$or": [{"vip": True}, {"city": {"$regex": "^b"}}]},
    {"$nor": [{"vip": True}, {"city": {"$regex": "^b"}}]},
    {"$not": {"city": "Seoul"}},
    {"orders": {"$elemMatch": {"$or": [{"won": 50}, {"won": 9000}]}}},
    {"tags": {"$all": [{"$type": "string"}, "b"]}},
    {},
]


@pytest.mark.parametrize("person", PEOPLE, ids=range(len(PEOPLE)))
def test_every_operator_means_what_the_sdk_takes_it_to_mean(person):
    wrong = [case for case in CASES if conditions.matches(case, person) is not evalCondition(person, case)]
    assert len(CASES) > 2000
    assert not wrong


def test_every_case_passes_the_check():
    assert [problems for case in CASES if (problems := conditions.check(case))] == []


values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0]) | st.text("ab1.", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from("abc"), values, max_size=3), st.data())
def test_any_pair_of_attribute_and_operator_agrees_with_the_sdk(attributes, data):
    name = data.draw(st.sampled_from(["$eq", "$ne", "$gt", "$lte", "$veq", "$vgt", "$in", "$nin", "$all", "$size"]))
    operand = data.draw(st.lists(values, max_size=3) if name in {"$in", "$nin", "$all"} else values)
    case = {data.draw(st.sampled_from(["a", "b", "a.b", "a.0"])): {name: operand}}
    if not conditions.check(case):
        assert conditions.matches(case, attributes) is evalCondition(attributes, case)


@pytest.mark.parametrize(
    "malformed",
    [
        [],
        "city",
        None,
        {"age": {"$above": 3}},
        {"$xor": [{}]},
        {"$and": {}},
        {"$or": []},
        {"$not": 5},
        {"": 1},
        {"x" * 200: 1},
        {"age": {"$gt": True}},
        {"age": {"$gt": [1]}},
        {"age": {"$eq": {"a": 1}}},
        {"age": {"$gt": 1, "plain": 2}},
        {"city": {"$in": "Seoul"}},
        {"city": {"$in": [{"a": 1}]}},
        {"city": {"$exists": 1}},
        {"city": {"$type": "text"}},
        {"city": {"$regex": 5}},
        {"city": {"$regex": "("}},
        {"city": {"$regex": "x" * 300}},
        {"city": {"$regex": "(a+)+$"}},
        {"city": {"$regex": "(a|a)*$"}},
        {"city": {"$regex": "a*a*a*b"}},
        {"city": {"$regex": r"(a)\1"}},
        {"city": {"$in": ["x" * 70_000]}},
        {"a": {"$not": {"$not": {"$not": {"$not": {"$not": {"$not": {"$not": {"$not": {"$eq": 1}}}}}}}}}},
    ],
    ids=lambda case: str(case)[:40],
)
def test_malformed_condition_is_refused_in_a_sentence(malformed):
    problems = conditions.check(malformed)
    assert problems
    assert all(isinstance(problem, str) and problem.endswith(".") for problem in problems)


def test_condition_nested_without_end_is_refused():
    deep: dict = {}
    for _level in range(100_000):
        deep = {"$not": deep}
    assert conditions.check(deep)


def test_compiling_what_check_refuses_raises_instead_of_guessing():
    for malformed in ({"a": {"$above": 1}}, {"$or": 5}, {"a": {"$regex": "("}}, {"a": {"$in": None}}):
        with pytest.raises(ValueError, match="malformed condition"):
            conditions.compile(malformed)


@settings(max_examples=300, deadline=None)
@given(st.text("a*+?()|{}[]^$.b1,\\", max_size=14))
def test_an_accepted_regular_expression_never_takes_long(pattern):
    case = {"city": {"$regex": pattern}}
    if not conditions.check(case):
        before = time.process_time()
        conditions.matches(case, {"city": "a" * 255 + "!"})
        assert time.process_time() - before < 1.0
