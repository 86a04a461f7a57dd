"""On which CRM lists units are, held in memory beside the definitions: a look-up a request, and no query.

The lists are bounded (``crm_lists.MOST_UNITS``), and units on the same lists share one list of keys. They are loaded
anew only when they changed, which their own number in ``DefinitionVersion`` says.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import connections

from novarium.kernel import sql


@dataclass(frozen=True, slots=True)
class Memberships:
    """One state of the lists.

    Attributes:
        number: How many changes there had been; -1 where nothing was loaded.
        lists: Keys of the lists by unit, of units that are on any; callers do not change them.
        kept: The lists that exposed units stay on, by run and unit.
    """

    number: int = -1
    lists: Mapping[str, list[str]] = field(default_factory=dict)
    kept: Mapping[int, Mapping[str, list[str]]] = field(default_factory=dict)

    def of(self, unit: str) -> list[str]:
        """Return the keys of the lists that the unit is on."""
        return self.lists.get(unit, _NO_LISTS)


_NO_LISTS: list[str] = []


def renewed(held: Memberships) -> Memberships:
    """Return what is held if it is current, or what is stored.

    Raises:
        DatabaseError: Postgres does not answer.
    """
    number = _stored_number()  # first: a change in between is then seen at the next look
    return held if held.number == number else _load(number)


def _load(number: int) -> Memberships:
    lists: dict[str, list[str]] = {}
    for row in sql.rows("experiments/sql/crm_members.sql", using="shop"):
        lists |= dict.fromkeys(row["units"], row["lists"])
    kept: dict[int, dict[str, list[str]]] = defaultdict(dict)
    for row in sql.rows("experiments/sql/kept_memberships.sql", using="shop"):
        kept[row["run_id"]] |= dict.fromkeys(row["units"], row["lists"])
    return Memberships(number, lists, kept)


def _stored_number() -> int:
    with connections["shop"].cursor() as cursor:
        cursor.execute("select memberships from experiment.experiments_definitionversion")
        row = cursor.fetchone()
    return int(row[0]) if row else 0
