"""Which units of the history an audience is made of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from experiments import conditions
from novarium.kernel import sql


def units_of(condition: Mapping[str, Any]) -> list[str] | None:
    """Return the units whose last known attributes meet a condition; None where everybody belongs.

    A condition is asked once for each set of attributes, of which there are far fewer than units.

    Raises:
        ValueError: the condition is malformed.
    """
    if not condition:
        return None
    meets = conditions.compile(condition)
    sets = sql.rows("analytics/sql/planning/attribute_sets.sql")
    met = [json.dumps(given) for row in sets if meets(given := sql.json_value(row["attributes"]))]
    return [row["unit_id"] for row in sql.rows("analytics/sql/planning/units_of_sets.sql", {"sets": met})]
