"""What differs between two states."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from novarium.portal.difference import difference

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": 1, "b": 2}, {"b": 2}, [(("a",), 1, None)]),
        ({"on": True}, {"on": 1}, [(("on",), True, 1)]),
        ({"ramp": [1, 2]}, {"ramp": [1]}, [(("ramp",), [1, 2], [1])]),
        ({"a": {}}, {"a": {"b": 1}}, [(("a", "b"), None, 1), (("a",), {}, None)]),
        ("old", "new", [((), "old", "new")]),
        (None, None, []),
        ({}, {"aov": 0.05}, [(("aov",), None, 0.05)]),
        ([], None, []),
        ([{"key": "a"}, {"key": "a"}], None, [((), [{"key": "a"}, {"key": "a"}], None)]),
    ],
)
def test_only_what_differs_is_named_with_its_path(before, after, found):
    assert [(change.path, change.before, change.after) for change in difference(before, after)] == found


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON)
def test_a_state_does_not_differ_from_itself(value):
    assert difference(value, value) == []


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON, JSON)
def test_seen_from_the_other_side_before_and_after_change_places(one, other):
    there = {(change.path, repr(change.before), repr(change.after)) for change in difference(one, other)}
    back = {(change.path, repr(change.after), repr(change.before)) for change in difference(other, one)}
    assert there == back
