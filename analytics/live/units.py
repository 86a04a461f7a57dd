"""Who takes part: units whose exposures changed, those who did something new, and how many belong where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from analytics.live.grain import grain_of
from analytics.live.runs import Following, span_of
from analytics.live.stretch import Stretch
from novarium.kernel import sql

FOLDER = "analytics/sql/live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """How a step concerns a run.

    Attributes:
        changed: Units whose exposures changed.
        moved: Those of them that were exposed before.
        known: Other units with new events.
        multiple: How many more units saw several variants.
        earliest: First exposure among the changed units, as it is or was.
    """

    changed: int = 0
    moved: int = 0
    known: int = 0
    multiple: int = 0
    earliest: datetime | None = None


def take_units(following: Following, stretch: Stretch) -> dict[int, Concerned]:
    """Put the units of the step into ``step_unit`` and keep them; return how each run is concerned."""
    params = {**following.columns(), **stretch.bounds(), "step": stretch.step, "zone": settings.TIME_ZONE}
    if sql.execute(f"{FOLDER}/changed_units.sql", params):
        _place_in_regions(following)
        _count_exposures(following, params)
        sql.execute(f"{FOLDER}/count_arms.sql", {**params, **following.columns()})
        sql.execute(f"{FOLDER}/keep_units.sql", params)
    sql.execute(f"{FOLDER}/known_units.sql", params)
    concerned = _concerned(following)
    for run_id, found in concerned.items():
        following.runs[run_id].row.multiple += found.multiple
    return concerned


def _concerned(following: Following) -> dict[int, Concerned]:
    nobody = {run_id: Concerned() for run_id in following.afresh}
    return nobody | {row.pop("run_id"): Concerned(**row) for row in sql.rows(f"{FOLDER}/concerned_runs.sql")}


def _place_in_regions(following: Following) -> None:
    """Note each changed unit's region, where a run's weights changed: it follows from the unit's bucket."""
    for followed in following.runs.values():
        if not followed.regions.differ:
            continue
        with connection.cursor() as cursor:
            cursor.execute("select unit_id from pg_temp.step_unit where run_id = %s and is_changed", [followed.run_id])
            units = [unit for (unit,) in cursor.fetchall()]
        regions = followed.regions.of_units(units, seed=followed.run.design.seed).tolist()
        columns = {"run_id": followed.run_id, "units": units, "regions": regions}
        sql.execute(f"{FOLDER}/place_in_regions.sql", columns)


def _count_exposures(following: Following, params: dict[str, Any]) -> None:
    """Count new exposures, and put buckets together where first and last exposure have come to lie further apart."""
    for row in sql.rows(f"{FOLDER}/count_exposures.sql", params):
        followed = following.runs[row["run_id"]]
        followed.row.exposures += row["exposures"]
        span_of(followed.row, row["first_at"], row["last_at"])
        grain = grain_of(followed.row.first_at, followed.row.last_at)
        if grain != followed.row.grain:
            followed.row.grain = grain.value
            for kept in ("arms", "sums"):
                sql.execute(f"{FOLDER}/coarsen_{kept}.sql", followed.place())
