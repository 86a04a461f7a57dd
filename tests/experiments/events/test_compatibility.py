"""Which changes of an event would refuse what the version before took."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.catalogue.events import PROPERTY_TYPES, EventKind, Property
from experiments.events.compatibility import Break, breaks
from experiments.events.validation import EventFault, Validator

BEFORE = EventKind("sale", amount=True, properties=(Property("shop", required=True), Property("items", "integer")))


def changed(*properties, amount=True):
    return EventKind("sale", amount=amount, properties=properties)


SHOP, ITEMS = BEFORE.properties


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (changed(SHOP, ITEMS), ()),
        (changed(ITEMS, SHOP), ()),
        (changed(SHOP, ITEMS, Property("note")), ()),
        (changed(Property("shop"), ITEMS), ()),
        (changed(SHOP, Property("items", "number")), ()),
        (changed(SHOP), (Break("removed", "items"),)),
        (changed(SHOP, Property("items")), (Break("type", "items"),)),
        (changed(Property("shop", "time", required=True), ITEMS), (Break("type", "shop"),)),
        (changed(SHOP, Property("items", "integer", required=True)), (Break("required", "items"),)),
        (changed(SHOP, ITEMS, Property("till", required=True)), (Break("required", "till"),)),
        (changed(SHOP, ITEMS, amount=False), (Break("amount"),)),
        (changed(amount=False), (Break("amount"), Break("removed", "shop"), Break("removed", "items"))),
    ],
)
def test_each_incompatible_change_is_named(after, found):
    assert breaks(BEFORE, after) == found


VALUES = {"text": "x", "integer": 3, "number": 0.5, "boolean": True, "time": "2026-05-01T09:30:00Z"}
KINDS = st.builds(
    lambda types, needed, amount: EventKind(
        "sale",
        amount,
        tuple(Property(name, kind, need) for name, kind, need in zip("abc", types, needed, strict=False) if kind),
    ),
    st.tuples(*[st.sampled_from([None, *PROPERTY_TYPES])] * 3),
    st.tuples(*[st.booleans()] * 3),
    st.booleans(),
)


def events_of(kind):
    """Yield events that the kind takes: with and without each property that may be left out."""
    free = [item for item in kind.properties if not item.required]
    for left_out in itertools.chain.from_iterable(itertools.combinations(free, n) for n in range(len(free) + 1)):
        yield {
            "event_id": "01890a5d-ac96-774b-bcce-b302099a8057",
            "name": "sale",
            "unit_id": "u",
            **({"amount": 1} if kind.amount else {}),
            "properties": {item.name: VALUES[item.type] for item in kind.properties if item not in left_out},
        }


@given(KINDS, KINDS)
def test_a_version_is_compatible_exactly_if_it_takes_all_events_of_the_one_before(before, after):
    def takes(payload):
        try:
            Validator({"sale": after}).parse(payload, earliest=0, latest=2**60)
        except EventFault:
            return False
        return True

    assert all(map(takes, events_of(before))) == (not breaks(before, after))
