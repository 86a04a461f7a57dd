"""Units that an experiment will have reached by each day, with returning users counted once."""

from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import elementwise

from analytics.stats.reasons import Reason, StatisticsError

FloatArray = NDArray[np.float64]

DAYS_PER_WEEK = 7
_LARGEST_DECAY = 5.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Traffic:
    """New units per day of an experiment, observed or expected.

    The first day of an experiment meets the frequent users; every later day brings fewer units
    that were not seen before. Multiplying the daily active users by the days counts the frequent
    users again each day and promises an end that does not come.

    Attributes:
        new_units: Units first seen on day 1, 2, ... of the record.
        decay: Exponent gamma of the fall ``new(d) ~ d**-gamma`` after the record; 0 is no fall.
        weekday_factors: Factor of each day of the week, from day 1 on, for days after the record.
        level: Expected new units on day 1 by the fitted fall.
        reason: Why days after the record cannot be foretold, or None.
        admitted: Share of the new units of day 1, 2, ... that are let in; all of them on later days.
            Whoever is left out is not counted on again.
    """

    new_units: FloatArray
    decay: float
    weekday_factors: FloatArray
    level: float
    reason: Reason | None
    admitted: FloatArray = field(default_factory=lambda: np.empty(0))

    @classmethod
    def constant(cls, *, new_units_per_day: float) -> Self:
        """Build traffic that brings the same number of new units every day.

        Right where units do not come back, such as orders or sessions as units; for users it
        is too optimistic.

        Args:
            new_units_per_day: Units first seen per day, positive.

        Raises:
            StatisticsError: The number is not positive and finite.
        """
        if not (np.isfinite(new_units_per_day) and new_units_per_day > 0):
            message = "new_units_per_day must be positive"
            raise StatisticsError(message)
        return cls(
            new_units=np.empty(0),
            decay=0.0,
            weekday_factors=np.ones(DAYS_PER_WEEK),
            level=float(new_units_per_day),
            reason=None,
        )

    @classmethod
    def observed(cls, *, new_units: ArrayLike) -> Self:
        """Build traffic from the units first seen on each day of a past period.

        Count each unit on the first day of the period on which it was eligible (for a triggered
        experiment: on which it met the feature). Days of the record are used as they are; later
        days follow ``log E new(d) = a - gamma log d + weekday(d)``, fitted by Poisson maximum
        likelihood with ``gamma >= 0``: users whose visiting rates vary as a gamma distribution
        are first seen at a rate that falls as a power of time (Fader, Hardie and Lee, 2005, in
        "Counting your customers the easy way", have the same tail). Weekday factors
        need two weeks; with less they are 1.

        Args:
            new_units: Counts of day 1, 2, ...; not negative.

        Returns:
            The traffic. With fewer than seven days, or with no units, days after the record are
            refused with a reason.

        Raises:
            StatisticsError: A count is negative, or not finite, or there is no day.

        Example:
            >>> traffic = Traffic.observed(new_units=[1000 / day for day in range(1, 15)])
            >>> round(traffic.decay, 6)
            1.0
            >>> [int(round(x)) for x in traffic.cumulative(days=28)[[0, 13, 27]]]
            [1000, 3252, 3927]
        """
        counts = np.asarray(new_units, dtype=np.float64)
        if counts.ndim != 1 or counts.size == 0 or not np.all(np.isfinite(counts) & (counts >= 0)):
            message = "new_units must be a list of counts, one per day"
            raise StatisticsError(message)
        if counts.size < DAYS_PER_WEEK or counts.sum() == 0:
            return cls(
                new_units=counts,
                decay=float("nan"),
                weekday_factors=np.full(DAYS_PER_WEEK, np.nan),
                level=float("nan"),
                reason=Reason.TOO_SHORT_HISTORY if counts.any() else Reason.NO_UNITS,
            )
        decay, level, factors = _fit(counts)
        return cls(new_units=counts, decay=decay, weekday_factors=factors, level=level, reason=None)

    def ramped(self, *, admitted: ArrayLike) -> Self:
        """Build the same traffic with a ramp, on whose days only a share of the new units is let in.

        A unit that comes first on a day of the ramp and is left out may come back later and be let in. How many
        do is not known before, so that none is counted: the ramp then costs at most what the plan says.

        Args:
            admitted: Share of the new units of day 1, 2, ..., each within [0, 1].

        Raises:
            StatisticsError: A share is out of range.

        Example:
            >>> traffic = Traffic.constant(new_units_per_day=1_000).ramped(admitted=[0.1, 0.5])
            >>> traffic.cumulative(days=4).tolist()
            [100.0, 600.0, 1600.0, 2600.0]
        """
        shares = np.asarray(admitted, dtype=np.float64)
        if shares.ndim != 1 or not np.all((shares >= 0) & (shares <= 1)):
            message = "admitted must be a list of shares within [0, 1], one per day"
            raise StatisticsError(message)
        return replace(self, admitted=shares)

    def expected_new(self, *, days: int) -> FloatArray:
        """Give new units let in on day 1 to `days`; NaN after the record where it cannot be foretold."""
        day = np.arange(1, days + 1, dtype=np.float64)
        weekday = self.weekday_factors[np.arange(days) % DAYS_PER_WEEK]
        new = self.level * day**-self.decay * weekday
        known = min(days, self.new_units.size)
        new[:known] = self.new_units[:known]
        ramp = min(days, self.admitted.size)
        new[:ramp] *= self.admitted[:ramp]
        return np.asarray(new, dtype=np.float64)

    def cumulative(self, *, days: int) -> FloatArray:
        """Give different units let in up to the end of day 1 to `days`."""
        return np.asarray(np.cumsum(self.expected_new(days=days)))


def _fit(counts: FloatArray) -> tuple[float, float, FloatArray]:
    """Fit decay, level and weekday factors by Poisson maximum likelihood.

    Given the decay, level and factors have closed forms, so the likelihood is profiled over the
    decay alone; profiling keeps ``gamma >= 0`` exact.
    """
    index = np.arange(counts.size)
    log_day = np.log(index + 1.0)
    weekdays = index % DAYS_PER_WEEK
    if counts.size < 2 * DAYS_PER_WEEK:
        weekdays = np.zeros_like(weekdays)
    groups = int(weekdays.max()) + 1
    seen = np.bincount(weekdays, weights=counts, minlength=groups)

    def scales(decay: float) -> FloatArray:
        shape = np.bincount(weekdays, weights=np.exp(-decay * log_day), minlength=groups)
        return np.asarray(seen / shape)

    def score(decay: FloatArray) -> FloatArray:
        """Give the derivative of the profiled log-likelihood, which only falls."""
        slopes = [
            float(np.sum((scales(value)[weekdays] * np.exp(-value * log_day) - counts) * log_day))
            for value in np.atleast_1d(decay)
        ]
        return np.asarray(slopes).reshape(np.shape(decay))

    decay = 0.0
    if float(score(np.asarray(0.0))) > 0:
        decay = _LARGEST_DECAY
        if float(score(np.asarray(_LARGEST_DECAY))) < 0:
            decay = float(elementwise.find_root(score, (0.0, _LARGEST_DECAY)).x)
    factors = np.resize(scales(decay), DAYS_PER_WEEK)
    level = float(factors.mean())
    return decay, level, factors / level
