"""Late events: which built days they belong to, and the builds that take them in.

A day is built from the events that were committed by then. When it holds another number of events now, it is dirty,
however slow the transaction was that brought them: the number is compared, not a time. A day with events that was never
built is dirty, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from analytics.marts.catalogue import parts_in
from analytics.marts.relations import readable, relations
from analytics.marts.runs import request_build
from analytics.marts.scope import Scope, scope_of
from analytics.marts.zone import date_of, day_number
from analytics.models import BuiltDay, Dataset, DirtyDay, MartRun
from analytics.models.imported import RECEIVED_ID

# Events older than 90 days are refused at the door (experiments.events.validation); a day more is for the zone.
REACH = timedelta(days=91)


def note_dirty_days(*, today: date) -> list[int]:
    """Note the days of received events that hold another number of events than they were built from; return them all.

    Args:
        today: The day in the reporting zone; it still goes on, so it is left out.
    """
    dataset = Dataset.objects.get(pk=RECEIVED_ID)
    scope = scope_of(dataset, first=today - REACH, last=today - timedelta(days=1))
    built = dict(
        BuiltDay.objects.filter(
            dataset_id=RECEIVED_ID, day__gte=scope.first_day, day__lt=day_number(today)
        ).values_list("day", "events")
    )
    now = timezone.now()
    with transaction.atomic():
        stored = _events_by_day(scope)
        late = [
            DirtyDay(dataset_id=RECEIVED_ID, day=day, noted_at=now, events=stored.get(day, 0) - events)
            for day in sorted(built.keys() | stored.keys())
            if stored.get(day, 0) != (events := built.get(day, 0))
        ]
        DirtyDay.objects.bulk_create(
            late,
            update_conflicts=True,
            unique_fields=["dataset_id", "day"],
            update_fields=["events"],
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


def _events_by_day(scope: Scope) -> dict[int, int]:
    """Return how many events are stored of each day."""
    with connection.cursor() as cursor:
        parts = readable(cursor, parts_in("dirty"))
        with relations(cursor, scope, parts):
            union = sql.SQL("\nunion all\n").join(sql.SQL("({})").format(sql.SQL(part.text)) for part in parts)
            cursor.execute(
                sql.SQL("select day, sum(events) from ({}) as parts group by day").format(union), scope.bounds
            )
            return {day: int(events) for day, events in cursor.fetchall()}
