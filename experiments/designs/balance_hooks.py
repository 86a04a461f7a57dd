"""Where the test of a seed's balance plugs in: analytics registers it, the checklist asks it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from experiments.designs.design import Design


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """How alike the arms would have been in the weeks before, had the seed been in force.

    Attributes:
        units: Units of the history that the seed assigns to an arm.
        per_arm: The same, by position.
        sample_ratio_p: p-value of the allocation against the weights; None where it cannot be tested.
        smallest_p: Smallest p-value of the OEC's differences from the control (Holm); None where none can be tested.
        is_balanced: Whether neither is significant at ``level``.
    """

    units: int
    per_arm: tuple[int, ...]
    sample_ratio_p: float | None
    smallest_p: float | None
    level: float
    is_balanced: bool


class BalanceTest(Protocol):
    """Who knows the history."""

    def balance(self, design: Design) -> Balance | None:
        """Return the balance, or None where there is too little history."""
        ...


_test: BalanceTest | None = None


def register(test: BalanceTest) -> None:
    """Make this the test; called from ``AppConfig.ready``."""
    global _test  # noqa: PLW0603 - the one test of the process
    _test = test


def balance_of(design: Design) -> Balance | None:
    """Return the balance of the design's seed, or None where nobody knows."""
    return _test.balance(design) if _test else None
