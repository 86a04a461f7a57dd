"""Late events and exposures: which built days they belong to, and the builds that take them in.

A day is built from the events and exposures that were committed by then. When it holds another number of them now, it
is dirty, however slow the transaction was that brought them: the number is compared, not a time. A day with events that
was never built is dirty, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone
from psycopg import sql

from analytics.marts.catalogue import parts_in, readable
from analytics.marts.relations import relations
from analytics.marts.runs import request_build
from analytics.marts.scope import Scope, scope_of
from analytics.marts.zone import date_of, day_number
from analytics.models import BuiltDay, Dataset, DirtyDay, ExperimentUnit, MartRun
from analytics.models.imported import RECEIVED_ID

# Events older than 90 days are refused at the door (experiments.events.validation); a day more is for the zone.
REACH = timedelta(days=91)


def note_dirty_days(*, today: date) -> list[int]:
    """Note the days that hold another number of events or exposures than they were built from; return them all.

    Args:
        today: The day in the reporting zone; it still goes on, so it is left out.
    """
    dataset = Dataset.objects.get(pk=RECEIVED_ID)
    scope = scope_of(dataset, first=today - REACH, last=today - timedelta(days=1))
    days = {"dataset_id": RECEIVED_ID, "day__gte": scope.first_day, "day__lt": day_number(today)}
    built = Counter(dict(BuiltDay.objects.filter(**days).values_list("day", "events")))
    units = ExperimentUnit.objects.filter(**days).values("day").order_by()
    exposed = Counter(dict(units.annotate(number=Count("visitor")).values_list("day", "number")))
    now = timezone.now()
    with transaction.atomic():
        events = _difference(_number_by_day(scope, "dirty/events"), built)
        exposures = _difference(_number_by_day(scope, "dirty/exposures"), exposed)
        noted = [
            DirtyDay(dataset_id=RECEIVED_ID, day=day, noted_at=now, events=events[day], exposures=exposures[day])
            for day in sorted(events.keys() | exposures.keys())
        ]
        DirtyDay.objects.bulk_create(
            noted,
            update_conflicts=True,
            unique_fields=["dataset_id", "day"],
            update_fields=["events", "exposures"],
        )
    return sorted(DirtyDay.objects.filter(dataset_id=RECEIVED_ID).values_list("day", flat=True))


def request_dirty_builds(*, today: date) -> list[MartRun]:
    """Ask for a build of each stretch of dirty days; the caller hands them to a worker."""
    days = note_dirty_days(today=today)
    return [request_build(first=date_of(first), last=date_of(last)) for first, last in stretches(days)]


def stretches(days: Iterable[int]) -> list[tuple[int, int]]:
    """Return the first and last day of each run of days without a gap.

    >>> stretches([3, 4, 5, 9])
    [(3, 5), (9, 9)]
    """
    found: list[tuple[int, int]] = []
    for day in sorted(days):
        if found and day == found[-1][1] + 1:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def _difference(stored: Counter[int], built: Counter[int]) -> Counter[int]:
    """Return how many more there are of each day where the numbers differ."""
    return Counter({day: stored[day] - built[day] for day in stored.keys() | built.keys() if stored[day] != built[day]})


def _number_by_day(scope: Scope, folder: str) -> Counter[int]:
    """Return how many there are of each day, by the selects of a folder together."""
    with connection.cursor() as cursor:
        parts = readable(cursor, parts_in(folder))
        with relations(cursor, scope, parts):
            union = sql.SQL("\nunion all\n").join(sql.SQL("({})").format(sql.SQL(part.text)) for part in parts)
            cursor.execute(
                sql.SQL("select day, sum(number) from ({}) as parts group by day").format(union), scope.bounds
            )
            return Counter({day: int(number) for day, number in cursor.fetchall()})
