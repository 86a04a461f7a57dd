"""What units are known by: their attributes, as the shop, a program or the simulation told them last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from novarium.kernel import sql


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitInput:
    """A unit with attributes that were told of it at a moment."""

    unit_id: str
    attributes: Mapping[str, Any]
    seen_at: datetime


def note_units(units: Sequence[UnitInput], *, using: str = "default") -> None:
    """Keep the units' attributes, each unit once; an attribute that is not told stays as it was."""
    if units:
        columns = {
            "units": [unit.unit_id for unit in units],
            "attributes": [Jsonb(dict(unit.attributes)) for unit in units],
            "times": [unit.seen_at for unit in units],
        }
        sql.execute("experiments/sql/note_units.sql", columns, using=using)
