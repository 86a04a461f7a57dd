"""Would a new version of an event refuse what the one before took? Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from experiments.catalogue.events import EventKind, PropertyType

# What a property may become: every value of the first is one of the second.
WIDENS: frozenset[tuple[PropertyType, PropertyType]] = frozenset({("integer", "number"), ("time", "text")})


@dataclass(frozen=True, slots=True)
class Break:
    """A change by which events of before would be refused; ``name`` is the property's, empty for the amount."""

    what: Literal["removed", "required", "type", "amount"]
    name: str = ""

    @property
    def takes_away(self) -> bool:
        """Whether later events lack, or hold in another form, what metrics may read."""
        return self.what != "required"


def breaks(before: EventKind, after: EventKind) -> tuple[Break, ...]:
    """Return the incompatible changes, in the order of the properties.

    A new property that may be left out, one that need not be sent any more, and a wider type break nothing.

    >>> from experiments.catalogue.events import Property
    >>> whole, any_number = Property("n", "integer"), Property("n", "number")
    >>> breaks(EventKind("a", properties=(whole,)), EventKind("a", properties=(any_number,)))
    ()
    >>> breaks(EventKind("a"), EventKind("a", properties=(Property("n", "integer", required=True),)))
    (Break(what='required', name='n'),)
    """
    return tuple(_breaks(before, after))


def _breaks(before: EventKind, after: EventKind) -> Iterator[Break]:
    if before.amount != after.amount:
        yield Break("amount")
    for old in before.properties:
        new = after.property_named(old.name)
        if new is None:
            yield Break("removed", old.name)
        elif new.type != old.type and (old.type, new.type) not in WIDENS:
            yield Break("type", old.name)
    for new in after.properties:
        known = before.property_named(new.name)
        if new.required and not (known and known.required):
            yield Break("required", new.name)
