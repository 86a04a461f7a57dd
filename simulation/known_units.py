"""Keep what the shop would have noted of simulated visitors: their attributes, by COPY."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from novarium.kernel import sql
from simulation import traits
from simulation.copying import copy_rows, timestamps


def texts(combination: NDArray[np.int64], *, ordered: NDArray[np.bool_]) -> list[str]:
    """Return each visitor's attributes as JSON, after the visit."""
    said = [
        json.dumps(traits.attributes(number, ordered=after), separators=(",", ":"))
        for after in (False, True)
        for number in range(len(traits.COMBINATIONS))
    ]
    return [said[place] for place in (combination + ordered * len(traits.COMBINATIONS)).tolist()]


def keep(*, units: Sequence[str], texts: Sequence[str], seen_at: NDArray[np.int64]) -> None:
    """Keep the units' attributes as of these moments (microseconds since 1970), inside the caller's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(sql.load("simulation/sql/told_units.sql"))
    copy_rows(
        table="pg_temp.told_units",
        columns=("unit_id", "attributes", "seen_at"),
        lines=("\t".join(row) for row in zip(units, texts, timestamps(seen_at), strict=True)),
    )
    sql.execute("simulation/sql/keep_told_units.sql")
