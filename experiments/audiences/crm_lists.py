"""The CRM lists replaced: after a build of the marts, and when their rules change.

A unit that a running experiment has reached stays, for this experiment, on the lists that it was on then: it goes on
seeing its variant when it leaves a list, and does not fall out when it joins one that the audience leaves out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.core.cache import cache
from django.db import transaction
from django.db.models import F

from experiments.assignment import definitions
from experiments.audiences.condition_check import CRM_TARGETS
from experiments.models import CrmList, CrmMember, DefinitionVersion, Experiment
from novarium.kernel import sql

MOST_LISTS = 20
MOST_UNITS = 10_000  # of one list: every web process holds them in memory
LONGEST_UNIT = 64
_NAMED = json.dumps(CRM_TARGETS)
RECENT = "audience:recent"  # the audience's counts as they are kept for some minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class CrmListInput:
    """A list as it shall be from now on.

    Attributes:
        units: Unit ids, each once, the foremost first.
    """

    key: str
    name: str
    units: Sequence[str]


def replace_lists(lists: Sequence[CrmListInput], *, day: date | None) -> bool:
    """Make these the CRM lists, all at once; return whether a unit's membership or a list's name changed.

    Raises:
        ValueError: there are more lists than ``MOST_LISTS``, or a list has more units than ``MOST_UNITS``.
    """
    if len(lists) > MOST_LISTS or any(len(each.units) > MOST_UNITS for each in lists):
        raise ValueError(f"At most {MOST_LISTS} lists of at most {MOST_UNITS} units.")
    wanted = {each.key: frozenset(unit for unit in each.units if 0 < len(unit) <= LONGEST_UNIT) for each in lists}
    names = {each.key: each.name for each in lists}
    with transaction.atomic():
        DefinitionVersion.objects.get_or_create(id=1)
        DefinitionVersion.objects.select_for_update().get(id=1)  # one after the other
        if names == dict(CrmList.objects.values_list("key", "name")) and wanted == _present(names):
            CrmList.objects.update(day=day)
            return False
        sql.execute("experiments/sql/keep_memberships.sql", {"units": sorted(frozenset().union(*wanted.values()))})
        CrmList.objects.all().delete()
        CrmList.objects.bulk_create([CrmList(key=key, name=name, day=day) for key, name in names.items()])
        for key, units in wanted.items():
            sql.execute("experiments/sql/add_crm_members.sql", {"key": key, "units": sorted(units)})
        DefinitionVersion.objects.filter(id=1).update(memberships=F("memberships") + 1)
        definitions.changed()
        transaction.on_commit(lambda: cache.delete(RECENT))
    return True


def _present(keys: Mapping[str, str]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {key: set() for key in keys}
    for key, unit in CrmMember.objects.values_list("crm_list_id", "unit_id"):
        found[key].add(unit)
    return {key: frozenset(units) for key, units in found.items()}


def experiments_asking_for(key: str) -> list[tuple[str, str]]:
    """Return key and name of the experiments, drafts included, whose audience names the list."""
    open_ones = Experiment.objects.filter(status__in=["draft", "running", "paused"]).exclude(condition={})
    rows = open_ones.order_by("name").values_list("key", "name", "condition")
    wanted = json.dumps(key)
    return [(of, name) for of, name, condition in rows if _NAMED in (text := json.dumps(condition)) and wanted in text]
