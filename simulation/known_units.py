"""Keep what the shop would have noted of simulated visitors: their attributes, by COPY."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
from django.db import connection
from numpy.typing import NDArray
from psycopg.types.json import Jsonb

from novarium.kernel import sql
from simulation import traits
from simulation.copying import copy_rows, timestamps


def keep(
    *,
    units: Sequence[str],
    combination: NDArray[np.int64],
    ordered: NDArray[np.bool_],
    seen_at: NDArray[np.int64],
) -> None:
    """Keep what the shop knows of visitors after their visit, inside the caller's transaction.

    Args:
        units: Unit ids, each once.
        combination: What the shop can tell of each, an index into ``traits.COMBINATIONS``.
        ordered: Who ordered during the visit.
        seen_at: When they came, in microseconds since 1970.
    """
    numbers = (combination + ordered * len(traits.COMBINATIONS)).tolist()
    with connection.cursor() as cursor:
        cursor.execute(sql.load("simulation/sql/told_units.sql"))
    copy_rows(
        table="pg_temp.told_units",
        columns=("unit_id", "told", "seen_at"),
        lines=(f"{unit}\t{number}\t{at}" for unit, number, at in zip(units, numbers, timestamps(seen_at), strict=True)),
    )
    sql.execute("simulation/sql/keep_told_units.sql", {"said": _said()})


@cache
def _said() -> list[Jsonb]:
    """Return the attributes of all combinations, before an order and after one."""
    return [
        Jsonb(dict(traits.attributes(number, ordered=after)))
        for after in (False, True)
        for number in range(len(traits.COMBINATIONS))
    ]
