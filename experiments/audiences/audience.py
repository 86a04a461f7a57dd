"""Audiences: which attributes there are, which units match a condition, and a draft's condition changed.

Units are many and sets of attributes few, so a condition is asked once for each set. What is counted is kept for a
few minutes without regard to any condition, so that the count follows the typing.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from experiments.assignment import conditions
from experiments.catalogue.attributes import CRM_TARGETS, OWN_ATTRIBUTES, Attribute, AttributeType
from experiments.designs.drafting import lock_draft
from experiments.models import CrmList, Experiment
from novarium.kernel import sql
from novarium.kernel.errors import Invalid
from novarium.portal import audit
from novarium.portal.models import User

WINDOW_DAYS = 30
KEPT_SECONDS = 120
MOST_KEPT = 200_000  # rows; more would burden the cache
MOST_CHOICES, MOST_SAMPLES = 12, 30
LONGEST_SAMPLE = 60


@dataclass(frozen=True, slots=True)
class DayCount:
    """Units active on a day, and how many of them match."""

    day: date
    matched: int
    total: int


@dataclass(frozen=True, slots=True)
class Count:
    """Units active in a window, and how many of them match, in all and by day, oldest first.

    A unit that came on several days counts once in all and once on each day.
    """

    matched: int
    total: int
    days: tuple[DayCount, ...]

    @property
    def share(self) -> float | None:
        """Share of the active units that match; None without any."""
        return self.matched / self.total if self.total else None

    @property
    def daily(self) -> float | None:
        """Matching units of a whole day on average, the first and the last day left out as they may be cut."""
        whole = self.days[1:-1]
        return sum(day.matched for day in whole) / len(whole) if whole else None


@dataclass(frozen=True, slots=True)
class Profile:
    """Units with the same attributes: how many were active in all, and on each day."""

    attributes: Mapping[str, Any]
    units: int
    days: Mapping[date, int]


def matching_units(condition: Mapping[str, Any], since: datetime | None = None) -> Count:
    """Return how many of the units active since then match; without ``since``, in the last thirty days.

    The simulated history counts as activity.
    """
    test = conditions.compile(condition)
    days: dict[date, list[int]] = defaultdict(lambda: [0, 0])
    matched = total = 0
    for profile in profiles(since):
        hit = test(profile.attributes)
        total += profile.units
        matched += hit * profile.units
        for day, units in profile.days.items():
            days[day][0] += hit * units
            days[day][1] += units
    return Count(matched, total, tuple(DayCount(day, *days[day]) for day in sorted(days)))


def matching_unit_ids(condition: Mapping[str, Any]) -> list[str] | None:
    """Return the units whose known attributes match, whenever they were active; None where the condition is for all.

    Units of which no attribute is known are not among them.
    """
    if not condition:
        return None
    test = conditions.compile(condition)
    rows = sql.rows("experiments/sql/units_by_attributes.sql")
    return [unit for row in rows if test(json.loads(row["attributes"])) for unit in row["units"]]


def profiles(since: datetime | None = None) -> list[Profile]:
    """Return the units active since then by their attributes; what was read is kept for two minutes."""
    until = timezone.now()
    window_start = since or until - timedelta(days=WINDOW_DAYS)
    key = f"audience:{since.isoformat() if since else 'recent'}"
    rows: list[tuple[str, date | None, int]] | None = cache.get(key)
    if rows is None:
        window = {"since": window_start, "until": until, "zone": settings.TIME_ZONE}
        found = sql.rows("experiments/sql/recent_attributes.sql", window)
        rows = [(row["attributes"], row["day"], row["units"]) for row in found]
        if len(rows) <= MOST_KEPT:
            cache.set(key, rows, KEPT_SECONDS)
    return _profiles(rows)


def _profiles(rows: Iterable[tuple[str, date | None, int]]) -> list[Profile]:
    totals: dict[str, int] = {}
    days: dict[str, dict[date, int]] = defaultdict(dict)
    for text, day, units in rows:
        if day is None:
            totals[text] = units
        else:
            days[text][day] = units
    return [Profile(json.loads(text), units, days[text]) for text, units in totals.items()]


def attributes() -> dict[str, Attribute]:
    """Return the attributes by key: the shop's own, and those that programs sent of recently active units."""
    lists = {key: _(name) for key, name in CrmList.objects.values_list("key", "name")}
    own = {item.key: item for item in (*OWN_ATTRIBUTES, replace(CRM_TARGETS, choices=lists))}
    seen: dict[str, dict[str, Any]] = defaultdict(dict)
    for profile in profiles():
        for key, value in profile.attributes.items():
            if key not in own and len(seen[key]) < MOST_SAMPLES:
                for item in value if isinstance(value, list) else [value]:
                    seen[key].setdefault(_text(item), value)
    return own | {key: _discovered(key, seen[key]) for key in sorted(seen)}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _discovered(key: str, seen: Mapping[str, Any]) -> Attribute:
    types = {type_of(value) for value in seen.values() if value is not None}
    kind: AttributeType = types.pop() if len(types) == 1 else "text"
    samples = tuple(sorted(text[:LONGEST_SAMPLE] for text in seen))
    return Attribute(key=key, label=key, type=kind, samples=samples[:MOST_CHOICES])


def type_of(value: Any) -> AttributeType:
    """Return the type of an attribute that has this value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "list" if isinstance(value, list) else "text"


def set_audience(experiment: Experiment, condition: Any, *, actor: User | None) -> None:
    """Change which units a draft is for; an empty condition is for all.

    Raises:
        Invalid: the condition is malformed; ``fields`` says why under ``condition``.
        Conflict: the design is frozen.
    """
    problems = conditions.check(condition)
    if problems:
        raise Invalid(_("The audience's condition is not right."), fields={"condition": problems})
    with transaction.atomic():
        locked = lock_draft(experiment)
        before = locked.condition
        if before == condition:
            return
        locked.condition = condition
        locked.save(update_fields=["condition", "updated_at"])
        audit.record(
            actor=actor,
            action="experiment.audience",
            object_type="experiment",
            object_key=locked.key,
            team_id=locked.team_id,
            before=before,
            after=condition,
        )
    experiment.condition = condition
