"""Group-sequential analysis: critical values and repeated p-values at the current look."""

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special
from scipy.interpolate import PchipInterpolator

from analytics.stats.sequential.boundaries import last_boundary
from analytics.stats.sequential.crossing import checked_fractions
from analytics.stats.sequential.spending import SpendingFunction

FloatArray = NDArray[np.float64]

_LEVELS = 120
_FEW_LEVELS = 16
_LOWEST_LOG_LEVEL = -34.0
_HIGHEST_LOG_LEVEL = float(np.log(0.998))


@dataclass(frozen=True, kw_only=True)
class GroupSequential:
    """A group-sequential test at its latest look.

    The repeated confidence interval holds at all looks together, and the repeated p-value is the
    level whose boundary the statistic just touches (Jennison and Turnbull, 2000, chapter 9), so
    both agree with the decision at every level. Student's t enters by the significance-level
    approach (section 3.8): a boundary is applied as the same nominal level of t.

    Attributes:
        fractions: Information at every look so far, the current one last, as a share of the
            planned maximum.
        spending: Spending function.
        final: Whether the current look is the last, so that all remaining error may be spent.
    """

    fractions: tuple[float, ...]
    spending: SpendingFunction = field(default_factory=SpendingFunction)
    final: bool = False

    def __post_init__(self) -> None:
        """Refuse looks that do not increase."""
        checked_fractions(self.fractions)

    @property
    def name(self) -> str:
        """Stable identifier, shown in the trace."""
        return "group_sequential"

    def critical(self, *, alpha: ArrayLike, df: ArrayLike, units: ArrayLike, two_sided: bool) -> FloatArray:
        """Return the half-width of the repeated interval in standard errors.

        Args:
            alpha: Error rate over all looks, both sides together.
            df: Degrees of freedom of the standard error; ``inf`` for the normal distribution.
            units: Not used: `fractions` says how much information there is.
            two_sided: Whether both ends are bounded.

        Example:
            >>> looks = GroupSequential(fractions=(0.5, 1.0))
            >>> round(float(looks.critical(alpha=0.05, df=np.inf, units=0, two_sided=True)), 4)
            1.9686
        """
        levels, place = np.unique(np.asarray(alpha, dtype=np.float64), return_inverse=True)
        bounds = self._bounds(levels, two_sided=two_sided)
        return _as_student(bounds[place].reshape(np.shape(alpha)), np.asarray(df, dtype=np.float64))

    def _bounds(self, levels: FloatArray, *, two_sided: bool) -> FloatArray:
        """Give the boundary of each level: solved for a few, read off the table for many.

        A correction gives every comparison of a page its own level; the table is within 5e-5
        of the boundary.
        """
        if levels.size > _FEW_LEVELS:
            bounds, log_levels = _level_table(
                fractions=self.fractions, spending=self.spending, two_sided=two_sided, final=self.final
            )
            if bounds.size > 1 and levels.min() > np.exp(log_levels[-1]) and levels.max() < np.exp(log_levels[0]):
                curve = PchipInterpolator(log_levels[::-1], bounds[::-1])  # type: ignore[no-untyped-call]
                return np.asarray(curve(np.log(levels)))
        return np.array(
            [
                last_boundary(
                    fractions=self.fractions,
                    spending=self.spending,
                    alpha=float(level),
                    two_sided=two_sided,
                    final=self.final,
                )
                for level in levels
            ]
        )

    def log_p_value(self, *, statistic: ArrayLike, df: ArrayLike, units: ArrayLike, two_sided: bool) -> FloatArray:
        """Return the log of the repeated p-value; one-sided tests reject for large statistics.

        The level is read off boundaries at 120 levels from 1e-15 to 1 by monotone interpolation
        (to about 1e-5 of its value). A statistic beyond the boundary of 1e-15 has at most that p.
        """
        value = np.asarray(statistic, dtype=np.float64)
        size = _as_normal(np.abs(value) if two_sided else value, np.asarray(df, dtype=np.float64))
        bounds, log_levels = _level_table(
            fractions=self.fractions, spending=self.spending, two_sided=two_sided, final=self.final
        )
        if bounds.size < 2:
            return np.zeros(size.shape)
        curve = PchipInterpolator(bounds, log_levels, extrapolate=False)  # type: ignore[no-untyped-call]
        inside = curve(size)
        log_level = np.where(size >= bounds[-1], log_levels[-1], np.where(size <= bounds[0], 0.0, inside))
        return np.asarray(np.where(np.isnan(size), np.nan, log_level))


@lru_cache(maxsize=256)
def _level_table(
    *, fractions: tuple[float, ...], spending: SpendingFunction, two_sided: bool, final: bool
) -> tuple[FloatArray, FloatArray]:
    """Give boundaries, increasing, and the log of the level each belongs to."""
    log_levels = np.linspace(_HIGHEST_LOG_LEVEL, _LOWEST_LOG_LEVEL, _LEVELS)
    bounds = np.array(
        [
            last_boundary(
                fractions=fractions,
                spending=spending,
                alpha=float(np.exp(level)),
                two_sided=two_sided,
                final=final,
            )
            for level in log_levels
        ]
    )
    kept = np.isfinite(bounds)
    kept[kept] &= np.diff(bounds[kept], prepend=-np.inf) > 0
    return bounds[kept], log_levels[kept]


def _as_student(bound: FloatArray, df: FloatArray) -> FloatArray:
    """Give the t quantile of the nominal level of a normal boundary."""
    normal, degrees = np.broadcast_arrays(bound, df)
    with np.errstate(invalid="ignore"):
        student = -special.stdtrit(np.where(np.isfinite(degrees), degrees, 1.0), special.ndtr(-normal))
    return np.asarray(np.where(np.isfinite(degrees) & np.isfinite(normal), student, normal))


def _as_normal(statistic: FloatArray, df: FloatArray) -> FloatArray:
    """Give the normal value with the nominal level of a t statistic."""
    value, degrees = np.broadcast_arrays(statistic, df)
    tail = special.stdtr(np.where(np.isfinite(degrees), degrees, 1.0), -np.abs(value))
    normal = np.copysign(-special.ndtri(tail), value)
    return np.asarray(np.where(np.isfinite(degrees) & (tail > 0), normal, value))
