"""Named reasons for what cannot be computed.

A statistic that cannot be computed is never replaced by a placeholder: arrays hold
``nan`` at its place, single results hold ``None``, and a `Reason` stands beside it.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray


class Reason(StrEnum):
    """Why a number is absent. The values are stable identifiers for templates and APIs."""

    NO_DATA = "no_data"
    """The metric was not measured in this arm or segment."""
    NO_UNITS = "no_units"
    """An arm of the comparison has no units (an empty segment, a variant nobody saw)."""
    ONE_UNIT = "one_unit"
    """An arm has a single unit, so its variance is unknown."""
    SINGLE_ARM = "single_arm"
    """There is no second arm to compare with."""
    NOT_FINITE = "not_finite"
    """The sums hold an infinite or undefined value."""
    PRECISION_LOST = "precision_lost"
    """Raw sums of squares are too coarse for the variance: send centred sums."""
    ZERO_VARIANCE = "zero_variance"
    """Every unit of an arm has the same value, so noise cannot be estimated."""
    ZERO_DENOMINATOR = "zero_denominator"
    """The denominator of a ratio sums to zero in an arm."""
    BASELINE_NEAR_ZERO = "baseline_near_zero"
    """The control cannot be told from zero, so a lift relative to it has no bounded interval."""
    SMALL_STRATUM = "small_stratum"
    """A stratum has fewer than two units in an arm, so post-stratification is impossible."""
    NO_MARGIN = "no_margin"
    """A guardrail without a margin has nothing to be judged against."""
    NO_WEIGHTS = "no_weights"
    """No allocation was planned (or only one arm has a positive weight)."""
    TOO_FEW_UNITS = "too_few_units"
    """Too few units for the method's approximation."""
    ZERO_EFFECT = "zero_effect"
    """The planned effect lies on the edge of the null hypothesis: no size would find it."""
    WRONG_DIRECTION = "wrong_direction"
    """The planned effect lies on the side that a one-sided test does not look at."""
    OUT_OF_RANGE = "out_of_range"
    """The planned effect takes a proportion below 0 or above 1."""
    TARGET_UNREACHABLE = "target_unreachable"
    """No possible value gives the power that was asked for."""
    TOO_SHORT_HISTORY = "too_short_history"
    """The traffic record is too short to foretell the days after it."""
    BEYOND_HORIZON = "beyond_horizon"
    """The units do not come within the longest time considered."""
    TOO_FEW_SEGMENTS = "too_few_segments"
    """Fewer usable segments, days or cells than the comparison between them needs."""
    TOO_FEW_EXPERIMENTS = "too_few_experiments"
    """Too few past experiments to learn how large effects are."""


_ORDER: tuple[Reason, ...] = tuple(Reason)
_CODES: dict[Reason, int] = {reason: code for code, reason in enumerate(_ORDER, start=1)}

Codes = NDArray[np.int8]
"""Reasons of many comparisons at once: 0 where the number exists, else a code."""


def no_reasons(shape: tuple[int, ...]) -> Codes:
    """Return codes that say every number exists."""
    return np.zeros(shape, dtype=np.int8)


def mark(codes: Codes, where: NDArray[np.bool_] | np.bool_, reason: Reason) -> None:
    """Write ``reason`` where ``where`` holds and no earlier reason stands (in place)."""
    codes[where & (codes == 0)] = _CODES[reason]


def code_of(reason: Reason) -> int:
    """Return the code of a reason.

    >>> reason_of(code_of(Reason.ONE_UNIT))
    <Reason.ONE_UNIT: 'one_unit'>
    """
    return _CODES[reason]


def reason_of(code: int) -> Reason | None:
    """Return the reason a code stands for, or None when the number exists.

    >>> codes = no_reasons((2,))
    >>> mark(codes, np.array([True, False]), Reason.NO_UNITS)
    >>> [reason_of(code) for code in codes]
    [<Reason.NO_UNITS: 'no_units'>, None]
    """
    return None if code == 0 else _ORDER[code - 1]


def reasons_of(codes: Iterable[int]) -> tuple[Reason | None, ...]:
    """Return the reasons of several codes."""
    return tuple(reason_of(code) for code in codes)


class StatisticsError(ValueError):
    """An input that is wrong in itself (a plan, a shape), as opposed to data that is short."""
