"""How the error rate is spent over the information of an experiment."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analytics.stats.reasons import StatisticsError

FloatArray = NDArray[np.float64]


class Spending(StrEnum):
    """Families of spending functions."""

    OBRIEN_FLEMING = "obrien-fleming"
    POCOCK = "pocock"
    POWER = "power"
    HWANG_SHIH_DECANI = "hwang-shih-decani"


@dataclass(frozen=True, kw_only=True)
class SpendingFunction:
    """Error rate that may have been used up by each information fraction.

    Attributes:
        family: O'Brien-Fleming-like and Pocock-like of Lan and DeMets (1983, "Discrete sequential
            boundaries for clinical trials", section 3), powers of Kim and DeMets (1987), or
            Hwang, Shih and DeCani (1990).
        parameter: Exponent of `POWER` (positive) or gamma of `HWANG_SHIH_DECANI`; unused else.
    """

    family: Spending = Spending.OBRIEN_FLEMING
    parameter: float = 1.0

    def __post_init__(self) -> None:
        """Refuse an exponent that would not start at 0."""
        if self.family == Spending.POWER and not self.parameter > 0:
            raise StatisticsError("the exponent of a power spending function must be positive")

    def spent(self, *, fraction: ArrayLike, alpha: float) -> FloatArray:
        """Give the one-sided error rate used up by each fraction; all of it from 1 on.

        Args:
            fraction: Information as a share of the planned maximum.
            alpha: One-sided error rate.

        Example:
            >>> half = SpendingFunction().spent(fraction=[0.5, 1.0], alpha=0.025)
            >>> [round(float(value), 6) for value in half]
            [0.001525, 0.025]
        """
        time = np.clip(np.asarray(fraction, dtype=np.float64), 0.0, 1.0)
        used = self._curve(time, alpha)
        return np.asarray(np.where(time >= 1.0, alpha, np.where(time > 0.0, used, 0.0)))

    def _curve(self, time: FloatArray, alpha: float) -> FloatArray:
        if self.family == Spending.OBRIEN_FLEMING:
            with np.errstate(divide="ignore"):
                return np.asarray(2.0 * special.ndtr(special.ndtri(alpha / 2.0) / np.sqrt(time)))
        if self.family == Spending.POCOCK:
            return np.asarray(alpha * np.log1p((np.e - 1.0) * time))
        if self.family == Spending.POWER:
            return np.asarray(alpha * time**self.parameter)
        if self.parameter == 0.0:
            return np.asarray(alpha * time)
        return np.asarray(alpha * np.expm1(-self.parameter * time) / np.expm1(-self.parameter))
