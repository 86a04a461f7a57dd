"""Can the data be trusted? Sample ratio, multiple exposures, balance before exposure."""
from __future__ import annotations

from dataclasses import dataclass

from analytics.stats.reasons import Reason


@dataclass(frozen=True, kw_only=True)
class SampleRatioTest:
    """Pearson's chi-square test of the observed allocation against the planned one.

    Attributes:
        observed: Units per arm.
        expected: Units expected under the plan.
        statistic: Chi-square.
        df: Arms with a positive weight, minus one.
        p_value: Never 0; see ``log_p_value``.
        log_p_value: Natural logarithm of p.
        mismatch: Whether p is below the level.
        unplanned_units: Units in arms that should have received none.
        reason: Why there is no test.
    """

    observed: tuple[int, ...]
    expected: tuple[float, ...] | None
    statistic: float | None
    df: int | None
    p_value: float | None
    log_p_value: float | None
    mismatch: bool | None
    unplanned_units: int
    reason: Reason | None


@dataclass(frozen=True, kw_only=True)
class MultipleExposures:
    """Share of units that were exposed to more than one arm.

    Attributes:
        units: All exposed units.
        multiple: Those seen in more than one arm.
        share: multiple / units.
        lower: Lower end of Wilson's interval of the share.
        upper: Upper end.
        excessive: Whether the lower end is above the tolerance.
        tolerance: Share that is tolerated.
        reason: Why there is no share.
    """

    units: int
    multiple: int
    share: float | None
    lower: float | None
    upper: float | None
    excessive: bool | None
    tolerance: float
    reason: Reason | None
