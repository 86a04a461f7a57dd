"""Calibration: what each method promises, measured on simulated experiments at fixed seeds."""

from collections.abc import Callable

from analytics.stats.calibration.belief import BELIEF
from analytics.stats.calibration.decisions import DECISIONS
from analytics.stats.calibration.difference import DIFFERENCE
from analytics.stats.calibration.effects import EFFECTS
from analytics.stats.calibration.planned import PLANNED
from analytics.stats.calibration.row import Kind, Row, document, markdown_table
from analytics.stats.calibration.small_rates import SMALL_RATES
from analytics.stats.calibration.watching import WATCHING

SCENARIOS: dict[str, Callable[[], tuple[Row, ...]]] = {
    **EFFECTS,
    **SMALL_RATES,
    **DECISIONS,
    **PLANNED,
    **WATCHING,
    **BELIEF,
    **DIFFERENCE,
}
"""Every scenario by name; each call gives the same rows."""

__all__ = ["SCENARIOS", "Kind", "Row", "document", "markdown_table"]
