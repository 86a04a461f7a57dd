"""The events' partitions, one a day (UTC), made when the first event of the day comes."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import connections, transaction

_EPOCH = date(1970, 1, 1).toordinal()
_known: set[tuple[str, int]] = set()


def ensure_days(days: Iterable[int], *, using: str) -> None:
    """Make the partitions of days, counted from 1970; each is remembered once it is committed."""
    database = str(connections[using].settings_dict["NAME"])
    for day in days:
        if (database, day) not in _known:
            _ensure(database, day, using)


def _ensure(database: str, day: int, using: str) -> None:
    with connections[using].cursor() as cursor:
        cursor.execute("select experiment.ensure_event_partition(%s)", [date.fromordinal(_EPOCH + day)])
    transaction.on_commit(lambda: _known.add((database, day)), using=using)
