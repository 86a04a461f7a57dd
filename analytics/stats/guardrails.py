"""Guardrails: is a metric safe, harmed, or undecided?"""
from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from analytics.stats.moments import Floats
from analytics.stats.reasons import Codes, Reason


class Verdict(StrEnum):
    """What a guardrail says."""

    SAFE = "safe"
    HARMED = "harmed"
    UNDECIDED = "undecided"


@dataclass(frozen=True, kw_only=True)
class GuardrailVerdict:
    """Non-inferiority of treatment against a margin; harm is positive in ``worsening``.

    Attributes:
        verdict: Safe: worse by less than the margin. Harmed: worse than control, and a
            loss beyond the margin cannot be ruled out. Undecided: neither is shown.
        margin: Tolerance in units of the metric.
        worsening: Estimated change in the bad direction, in units of the metric.
        worst_case: Upper one-sided bound of the worsening.
        best_case: Lower one-sided bound of the worsening.
        p_value: Of "worse by the margin or more"; small means safe.
        log_p_value: Natural logarithm of p.
        deterioration_p_value: Of "not worse at all"; small means harmed.
        beyond_margin: Whether even the best case is beyond the margin.
        power: Probability that the test calls a metric safe that did not change at all.
        reason: Why there is no verdict.
    """

    verdict: Verdict | None
    margin: float | None
    worsening: float | None
    worst_case: float | None
    best_case: float | None
    p_value: float | None
    log_p_value: float | None
    deterioration_p_value: float | None
    beyond_margin: bool | None
    power: float | None
    reason: Reason | None


@dataclass(frozen=True, kw_only=True, eq=False)
class GuardrailTests:
    """Non-inferiority tests for many comparisons; arrays of one shape, ``nan`` where absent.

    Attributes:
        safe: Whether non-inferiority is shown.
        harmed: Whether the metric is worse and not shown to be within the margin.
        margin: Tolerance in units of the metric.
        worsening: Estimated change in the bad direction.
        worst_case: Upper one-sided bound of the worsening.
        best_case: Lower one-sided bound.
        log_p_value: Of "worse by the margin or more".
        log_deterioration_p_value: Of "not worse at all".
        power: Probability of "safe" when nothing changed.
        reason: Code where there is no verdict.
    """

    safe: Floats
    harmed: Floats
    margin: Floats
    worsening: Floats
    worst_case: Floats
    best_case: Floats
    log_p_value: Floats
    log_deterioration_p_value: Floats
    power: Floats
    reason: Codes
