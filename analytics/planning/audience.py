"""Which units of the history an audience is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def units_of(condition: Mapping[str, Any]) -> list[str] | None:
    """Return the units that meet a condition over their attributes; None where all do."""
    return None if not condition else []
