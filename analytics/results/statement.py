"""The statements of a run: selects in files of their own that read one another by name, put together as one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.db import connection, transaction

from novarium.kernel import sql

WORK_MEMORY = "64MB"  # with Postgres' 4 MB grouping a hundred thousand units goes to disk
LIVE, HISTORY = "analytics/sql/events/live.sql", "analytics/sql/events/history.sql"
UNITS, UNIT_VALUES = "analytics/sql/results/units.sql", "analytics/sql/results/unit_values.sql"


def text_of(last: str, *, units: str = UNITS, with_history: bool = False) -> str:
    """Return the statement whose result is that of the last file.

    Args:
        last: Path of a select that reads ``unit`` and ``unit_value``.
        units: Path of the select of the units.
        with_history: Whether what visitors did before the first experiment counts among the events.
    """
    events = "\nunion all\n".join(sql.load(path) for path in ((LIVE, HISTORY) if with_history else (LIVE,)))
    return (
        f"with event as not materialized (\n{events}),\n\nunit as materialized (\n{sql.load(units)}),\n\n"
        f"unit_value as (\n{sql.load(UNIT_VALUES)}),\n\nresult as (\n{sql.load(last)})\n\nselect * from result"
    )


def rows(
    last: str, params: Mapping[str, Any], *, units: str = UNITS, with_history: bool = False
) -> list[dict[str, Any]]:
    """Run the statement of the last file and return its rows."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select set_config('work_mem', %s, true)", [WORK_MEMORY])
        cursor.execute(text_of(last, units=units, with_history=with_history), dict(params))
        names = [column.name for column in cursor.description or []]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@cache
def has_history() -> bool:
    """Whether there is a history: an installation without the simulator has none."""
    with connection.cursor() as cursor:
        cursor.execute("select to_regclass('warehouse.simulation_historyevent') is not null")
        (exists,) = cursor.fetchone()
    return bool(exists)
