"""Does each method keep its promises? Simulated experiments with known truth.

Every study has a fixed seed and returns `Check`s; `STUDIES` lists them all, for the slow
tests and for the table in the documentation.
"""

from analytics.stats.calibration import decisions, effects
from analytics.stats.calibration.harness import Bound, Check, Quantity, Study, check, table

STUDIES: tuple[Study, ...] = (*effects.STUDIES, *decisions.STUDIES)

__all__ = ["STUDIES", "Bound", "Check", "Quantity", "Study", "check", "table"]
