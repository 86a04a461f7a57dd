"""Probability that a test statistic watched at several looks crosses its boundaries.

The statistic at information fraction t is ``Z(t)``; ``S(t) = sqrt(t) Z(t)`` has independent normal
increments with mean ``drift * dt`` and variance ``dt``. The density of S among paths that have not
crossed is carried from look to look by numerical integration (Armitage, McPherson and Rowe, 1969;
Jennison and Turnbull, 2000, "Group sequential methods", chapter 19).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike, NDArray
from scipy import special

from analytics.stats.reasons import StatisticsError

FloatArray = NDArray[np.float64]

_REACH = 10.0
_PANEL_NODES, _PANEL_WEIGHTS = leggauss(16)
_STEPS_PER_PANEL = 4.0
_MIN_PANELS = 3
_SMALLEST_STEP = 1e-4


@dataclass(frozen=True, kw_only=True, eq=False)
class Survivors:
    """Paths that have not crossed up to a look, with no drift.

    Attributes:
        time: Information fraction of the look; 0 before the first.
        position: Nodes of S.
        mass: Probability at each node.
    """

    time: float
    position: FloatArray
    mass: FloatArray

    @classmethod
    def at_start(cls) -> Self:
        """Put all mass at S = 0."""
        return cls(time=0.0, position=np.zeros(1), mass=np.ones(1))

    def above(self, *, time: float, bound: float, drift: FloatArray) -> FloatArray:
        """Give the probability that ``Z(time) > bound``, per drift.

        Paths with drift weigh ``exp(drift S - drift**2 t / 2)`` times those without (Girsanov),
        so one set of nodes serves every drift.
        """
        step = time - self.time
        weight = np.exp(np.multiply.outer(drift, self.position) - (drift**2 * self.time / 2.0)[..., None])
        reach = (self.position - bound * np.sqrt(time) + np.multiply.outer(drift, np.array([step]))) / np.sqrt(step)
        return np.asarray((weight * self.mass * special.ndtr(reach)).sum(axis=-1))

    def below(self, *, time: float, bound: float, drift: FloatArray) -> FloatArray:
        """Give the probability that ``Z(time) < bound``, per drift."""
        mirrored = Survivors(time=self.time, position=-self.position, mass=self.mass)
        return mirrored.above(time=time, bound=-bound, drift=-drift)

    def advance(
        self, *, time: float, lower: float, upper: float, next_step: float, drift_range: tuple[float, float]
    ) -> "Survivors":
        """Carry the paths with ``lower < Z(time) < upper`` to the next look."""
        step, root = time - self.time, np.sqrt(time)
        floor = min(0.0, drift_range[0] * time) - _REACH * root
        ceiling = max(0.0, drift_range[1] * time) + _REACH * root
        low, high = np.clip([lower * root, upper * root], floor, ceiling)
        nodes, weights = _rule(float(high - low) / np.sqrt(min(step, next_step)))
        position = (high + low) / 2.0 + (high - low) / 2.0 * nodes
        kernel = np.exp(-((position[:, None] - self.position) ** 2) / (2.0 * step)) / np.sqrt(2.0 * np.pi * step)
        mass = kernel @ self.mass * weights * (high - low) / 2.0
        return Survivors(time=time, position=position, mass=mass)


def _rule(steps: float) -> tuple[FloatArray, FloatArray]:
    """Give Gauss-Legendre panels on [-1, 1], dense enough for a density that varies over one step."""
    panels = max(_MIN_PANELS, int(np.ceil(steps / _STEPS_PER_PANEL)))
    left = -1.0 + 2.0 * np.arange(panels) / panels
    nodes = left[:, None] + (_PANEL_NODES + 1.0) / panels
    return nodes.ravel(), np.tile(_PANEL_WEIGHTS / panels, panels)


@dataclass(frozen=True, kw_only=True, eq=False)
class Crossing:
    """Probability of the first crossing at each look.

    Attributes:
        upper: Of the upper boundary; looks on the last axis, drifts before it.
        lower: Of the lower boundary.
    """

    upper: FloatArray
    lower: FloatArray

    @property
    def total(self) -> FloatArray:
        """Probability of crossing either boundary at any look, per drift."""
        return np.asarray(self.upper.sum(axis=-1) + self.lower.sum(axis=-1))


def crossing_probability(
    *, fractions: ArrayLike, upper: ArrayLike, lower: ArrayLike, drift: ArrayLike = 0.0
) -> Crossing:
    """Give the probability of first crossing each boundary at each look.

    Args:
        fractions: Information at the looks, as a share of the planned maximum; increasing.
        upper: Upper boundary of Z at each look; ``inf`` where there is none.
        lower: Lower boundary of Z at each look; ``-inf`` where there is none.
        drift: Expected Z at information fraction 1, any shape.

    Returns:
        Probabilities to about 1e-10.

    Raises:
        StatisticsError: The fractions do not increase, or the boundaries do not match them.

    Example:
        >>> single = crossing_probability(fractions=[1.0], upper=[1.96], lower=[-1.96])
        >>> round(float(single.total), 6)
        0.049996
    """
    time = checked_fractions(fractions)
    above, below = np.asarray(upper, dtype=np.float64), np.asarray(lower, dtype=np.float64)
    if above.shape != time.shape or below.shape != time.shape or np.any(below > above):
        raise StatisticsError("each look needs a lower boundary below its upper boundary")
    shift = np.asarray(drift, dtype=np.float64)
    drift_range = (float(shift.min(initial=0.0)), float(shift.max(initial=0.0)))
    survivors = Survivors.at_start()
    upward, downward = [], []
    for look, now in enumerate(time):
        upward.append(survivors.above(time=now, bound=above[look], drift=shift))
        downward.append(survivors.below(time=now, bound=below[look], drift=shift))
        if look + 1 < time.size:
            survivors = survivors.advance(
                time=now,
                lower=below[look],
                upper=above[look],
                next_step=time[look + 1] - now,
                drift_range=drift_range,
            )
    return Crossing(upper=np.stack(upward, axis=-1), lower=np.stack(downward, axis=-1))


def checked_fractions(fractions: ArrayLike) -> FloatArray:
    """Return information fractions as an array, refusing what does not increase from above 0."""
    time = np.asarray(fractions, dtype=np.float64)
    if time.ndim != 1 or time.size == 0 or time[0] <= 0 or not np.isfinite(time[-1]):
        raise StatisticsError("information fractions must be a list of positive numbers")
    if np.any(np.diff(time) < _SMALLEST_STEP):
        raise StatisticsError("information fractions must increase by at least 0.0001 from look to look")
    return time
