"""Designs: how a standardised difference becomes a critical value and a p-value.

A design answers two questions about a statistic ``difference / standard error``: how
large must it be at level alpha, and how surprising is the value seen. Every interval and
test of the package asks the design of the plan, so that an absolute difference, its
relative lift, the guardrails and the corrected intervals all follow the same rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from scipy import special

from analytics.stats.distributions import log_t_tail, t_quantile
from analytics.stats.moments import Floats


class Alternative(StrEnum):
    """What is tested against "no difference"."""

    TWO_SIDED = "two-sided"
    GREATER = "greater"
    LESS = "less"


class Design(Protocol):
    """The rule that turns standardised differences into decisions."""

    @property
    def name(self) -> str:
        """Stable identifier, shown in the trace."""
        ...

    def critical(self, *, alpha: Floats, df: Floats, units: Floats, two_sided: bool) -> Floats:
        """Return the half-width of the interval in standard errors.

        Args:
            alpha: Error level (both tails together when ``two_sided``).
            df: Degrees of freedom of the standard error.
            units: Units in both arms together (used by sequential designs).
            two_sided: Whether alpha is shared by both tails.
        """
        ...

    def log_p_value(self, *, statistic: Floats, df: Floats, units: Floats, two_sided: bool) -> Floats:
        """Return log p; one-sided tests reject for large positive statistics."""
        ...


@dataclass(frozen=True, kw_only=True)
class FixedHorizon:
    """One look at the end: Student's t with Welch–Satterthwaite degrees of freedom.

    Attributes:
        normal: Use the normal distribution in place of Student's t.
    """

    normal: bool = False

    @property
    def name(self) -> str:
        """Stable identifier, shown in the trace."""
        return "fixed_horizon"

    def critical(self, *, alpha: Floats, df: Floats, units: Floats, two_sided: bool) -> Floats:
        """Return the t (or normal) quantile.

        >>> level, df = np.asarray(0.05), np.asarray(np.inf)
        >>> round(float(FixedHorizon().critical(alpha=level, df=df, units=df, two_sided=True)), 4)
        1.96
        """
        tail = alpha / 2 if two_sided else alpha
        return t_quantile(tail, np.full_like(df, np.inf) if self.normal else df)

    def log_p_value(self, *, statistic: Floats, df: Floats, units: Floats, two_sided: bool) -> Floats:
        """Return log p, exact far beyond where p itself underflows.

        >>> df = np.asarray(400_000.0)
        >>> design = FixedHorizon()
        >>> round(float(design.log_p_value(
        ...     statistic=np.asarray(52.34), df=df, units=df, two_sided=True)), 1)
        -1369.2
        """
        size = np.abs(statistic) if two_sided else statistic
        log_tail = special.log_ndtr(-size) if self.normal else log_t_tail(size, df)
        return np.minimum(log_tail + np.log(2.0), 0.0) if two_sided else np.asarray(log_tail)
