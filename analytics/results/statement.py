"""The statements of a run: selects in files of their own that read one another by name, put together as one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection, transaction

from novarium.kernel import sql

WORK_MEMORY = "64MB"  # with Postgres' 4 MB grouping a hundred thousand units goes to disk
LIVE, HISTORY = "analytics/sql/events/live.sql", "analytics/sql/events/history.sql"
UNITS = "analytics/sql/results/units.sql"
ACTIVITY, UNIT_VALUES = "analytics/sql/results/unit_activity.sql", "analytics/sql/results/unit_values.sql"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reads:
    """From which selects a statement is put together, by their paths.

    Attributes:
        units: Who counts, ``unit``.
        events: What was done, ``event``: the rows of all of them; none where the activity does not read them.
        activity: What each unit did that counts, ``unit_activity``.
    """

    units: str = UNITS
    events: tuple[str, ...] = (LIVE,)
    activity: str = ACTIVITY


RAW = Reads()


def text_of(last: str, reads: Reads = RAW) -> str:
    """Return the statement whose result is that of the last file.

    Args:
        last: Path of a select that reads ``unit``, ``unit_activity`` and ``unit_value``.
        reads: What stands for these.
    """
    events = "\nunion all\n".join(sql.load(path) for path in reads.events)
    event = f"event as not materialized (\n{events}),\n\n" if events else ""
    return (
        f"with {event}unit as materialized (\n{sql.load(reads.units)}),\n\n"
        f"unit_activity as materialized (\n{sql.load(reads.activity)}),\n\n"
        f"unit_value as (\n{sql.load(UNIT_VALUES)}),\n\nresult as (\n{sql.load(last)})\n\nselect * from result"
    )


def rows(last: str, params: Mapping[str, Any], reads: Reads = RAW) -> list[dict[str, Any]]:
    """Run the statement of the last file and return its rows."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config('work_mem', %s, true)", [WORK_MEMORY])
        cursor.execute(text_of(last, reads), dict(params))
        names = [column.name for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def events_with_history() -> tuple[str, ...]:
    """Return the selects of the events, with what visitors did before the first experiment where that is known."""
    return (LIVE, HISTORY) if has_history() else (LIVE,)


@cache
def has_history() -> bool:
    """Whether there is a history: an installation without the simulator has none."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('warehouse.simulation_historyevent') is not null")
        (exists,) = cursor.fetchone()
    return bool(exists)
