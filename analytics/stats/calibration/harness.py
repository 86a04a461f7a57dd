"""How a method's error rates are measured and judged."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from analytics.stats.reasons import StatisticsError

MARGIN = 3.5
"""Monte-Carlo errors an observed rate may be off; some hundred checks run at fixed seeds."""


class Quantity(StrEnum):
    """What is measured."""

    FALSE_POSITIVES = "false-positive rate"
    COVERAGE = "coverage"
    POWER = "power"
    FALSE_DISCOVERIES = "false discovery rate"


class Bound(StrEnum):
    """How the observed rate relates to the nominal one when the method is right."""

    EQUAL = "="
    AT_MOST = "≤"
    AT_LEAST = "≥"


@dataclass(frozen=True, kw_only=True)
class Check:
    """One measured error rate.

    Attributes:
        method: What was simulated, in words.
        quantity: Which rate.
        nominal: What the rate should be.
        bound: Whether it should equal the nominal rate or stay on one side.
        observed: The rate seen.
        error: Its Monte-Carlo standard error.
        runs: Simulated experiments.
    """

    method: str
    quantity: Quantity
    nominal: float
    bound: Bound
    observed: float
    error: float
    runs: int

    @property
    def agrees(self) -> bool:
        """Whether the observed rate is within Monte-Carlo error of what it should be."""
        gap = self.observed - self.nominal
        slack = MARGIN * self.error
        match self.bound:
            case Bound.EQUAL:
                return abs(gap) <= slack
            case Bound.AT_MOST:
                return gap <= slack
            case Bound.AT_LEAST:
                return gap >= -slack


Study = Callable[[], list[Check]]
"""A simulation with its own fixed seed that returns what it measured."""


def check(
    *,
    method: str,
    quantity: Quantity,
    nominal: float,
    outcomes: ArrayLike,
    bound: Bound = Bound.EQUAL,
) -> Check:
    """Return the rate of an outcome over simulated experiments.

    Args:
        method: What was simulated.
        quantity: Which rate.
        nominal: What it should be.
        outcomes: One value per experiment: 0 or 1, or a share such as a false discovery
            proportion.
        bound: How observed and nominal relate.

    >>> result = check(method="coin", quantity=Quantity.POWER, nominal=0.5, outcomes=[1, 0] * 200)
    >>> result.observed, round(result.error, 3), result.agrees
    (0.5, 0.025, True)
    """
    values = np.asarray(outcomes, dtype=np.float64)
    if values.ndim != 1 or values.size < 100:
        raise StatisticsError("a rate needs at least a hundred experiments")
    observed = float(values.mean())
    spread = np.sqrt(max(nominal * (1 - nominal), float(values.var())) / values.size)
    return Check(
        method=method,
        quantity=quantity,
        nominal=nominal,
        bound=bound,
        observed=observed,
        error=float(spread),
        runs=values.size,
    )


def table(checks: list[Check]) -> str:
    """Return the checks as a Markdown table.

    >>> one = check(method="coin", quantity=Quantity.POWER, nominal=0.5, outcomes=[1, 0] * 200)
    >>> print(table([one]))
    | method | quantity | nominal | observed | Monte-Carlo error | runs | |
    |---|---|---|---|---|---|---|
    | coin | power | = 0.5000 | 0.5000 | 0.0250 | 400 | agrees |
    """
    lines = [
        "| method | quantity | nominal | observed | Monte-Carlo error | runs | |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {c.method} | {c.quantity} | {c.bound} {c.nominal:.4f} | {c.observed:.4f} | {c.error:.4f} "
        f"| {c.runs:,} | {'agrees' if c.agrees else 'DISAGREES'} |"
        for c in checks
    ]
    return "\n".join(lines)
