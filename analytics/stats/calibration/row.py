"""One promise of one method, and how it was kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

_ERRORS = 3.5


class Kind(StrEnum):
    """How the observed share must relate to the promised one."""

    EQUAL = "equal"
    AT_MOST = "at most"
    AT_LEAST = "at least"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A share of simulated experiments against what the method promises.

    Attributes:
        method: The method under test.
        scenario: The data it met.
        quantity: What was counted: false positives, power, coverage.
        nominal: Promised share.
        kind: Whether the promise is a value or a bound.
        observed: Share in the simulation.
        simulations: Number of simulated experiments.
    """

    method: str
    scenario: str
    quantity: str
    nominal: float
    kind: Kind
    observed: float
    simulations: int

    @property
    def error(self) -> float:
        """Monte-Carlo standard error of the observed share if the promise holds exactly."""
        return float(np.sqrt(self.nominal * (1.0 - self.nominal) / self.simulations))

    @property
    def kept(self) -> bool:
        """Whether the observed share is within 3.5 Monte-Carlo errors of the promise."""
        excess = self.observed - self.nominal
        room = _ERRORS * self.error
        above = excess > room and self.kind != Kind.AT_LEAST
        below = excess < -room and self.kind != Kind.AT_MOST
        return not (above or below)


def share_row(
    *,
    method: str,
    scenario: str,
    quantity: str,
    nominal: float,
    events: ArrayLike,
    kind: Kind = Kind.EQUAL,
) -> Row:
    """Count the events of a simulation."""
    happened = np.asarray(events, dtype=np.bool_)
    return Row(
        method=method,
        scenario=scenario,
        quantity=quantity,
        nominal=nominal,
        kind=kind,
        observed=float(happened.mean()),
        simulations=int(happened.size),
    )


def markdown_table(rows: Iterable[Row]) -> str:
    """Write rows as a table in Markdown.

    Example:
        >>> row = Row(method="Welch", scenario="no effect", quantity="false positives", nominal=0.05,
        ...     kind=Kind.EQUAL, observed=0.051, simulations=4000)
        >>> print(markdown_table([row]).splitlines()[2])
        | Welch | no effect | false positives | 0.050 | 0.0510 | 0.0034 | 4,000 | yes |
    """
    signs = {Kind.EQUAL: "", Kind.AT_MOST: "≤ ", Kind.AT_LEAST: "≥ "}
    lines = [
        "| Method | Data | Quantity | Promised | Observed | Monte-Carlo error | Experiments | Kept |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row.method} | {row.scenario} | {row.quantity} | {signs[row.kind]}{row.nominal:.3f} | {row.observed:.4f} "
        f"| {row.error:.4f} | {row.simulations:,} | {'yes' if row.kept else 'NO'} |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


_INTRODUCTION = """\
# How often each method is right

Every statistical method promises a share: false positives, coverage, power. This table holds each
promise against simulated experiments, whose truth is known. Seeds are fixed, so the table is the
same on every run; `make test-slow` runs the same scenarios and fails where a promise is broken.

A promise counts as kept within 3.5 Monte-Carlo errors (of {count} measurements, chance alone would
then break one in {chance:,.0f} runs of the table). "≤" and "≥" mark promises that are bounds: a
corrected or sequential test may err less often than promised, never more. Coverage of a lift or a
small proportion counts "no interval" as honest.

Written by `manage.py calibrate --write`. What each method is, and when to use it:
[statistics.md](statistics.md), [statistics-planning.md](statistics-planning.md).

{kept} of {count} promises are kept.

"""


def document(rows: Sequence[Row]) -> str:
    """Write the calibration as a document: what it is, then one table."""
    chance = 1.0 / (1.0 - (1.0 - 2.0 * float(special.ndtr(-_ERRORS))) ** len(rows))
    kept = sum(row.kept for row in rows)
    return _INTRODUCTION.format(count=len(rows), kept=kept, chance=chance) + markdown_table(rows)
