"""Planned comparisons as columns of numbers, and the power each of them has."""

from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.stats.planning.baseline import Baseline
from analytics.stats.planning.design import ExperimentDesign, NonInferiority, Scale, WatchedAlways, WatchedAtLooks
from analytics.stats.planning.tail import rejection_probability
from analytics.stats.planning.watched import power_always, power_at_looks
from analytics.stats.reasons import Codes, Reason, StatisticsError, mark, no_reasons

FloatArray = NDArray[np.float64]

MIN_UNITS_PER_ARM = 2.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Cases:
    """Comparisons to plan, one element each; all fields have the same shape.

    Attributes:
        mean: Metric in control.
        variance: Variance of one unit.
        remaining: Share of the variance left by CUPED.
        difference: True difference, treatment minus control.
        margin: Non-inferiority margin in the design's scale; 0 for superiority.
        total: Units over all arms.
        target: Power asked for.
    """

    mean: FloatArray
    variance: FloatArray
    remaining: FloatArray
    difference: FloatArray
    margin: FloatArray
    total: FloatArray
    target: FloatArray

    @classmethod
    def broadcast(
        cls,
        *,
        baseline: Baseline,
        design: ExperimentDesign,
        effect: ArrayLike = 0.0,
        scale: Scale = Scale.ABSOLUTE,
        margin: ArrayLike | None = None,
        total: ArrayLike = 1.0,
        target: ArrayLike = 0.5,
    ) -> Self:
        """Bring everything to one shape and the effect to a difference.

        A relative effect is a share of ``|mean|``: with a mean of -10, +5% is -9.5, an increase.
        """
        value = np.asarray(effect, dtype=np.float64)
        if scale == Scale.RELATIVE:
            value = value * np.abs(baseline.mean)
        if margin is None:
            hypothesis = design.hypothesis
            margin = hypothesis.margin if isinstance(hypothesis, NonInferiority) else 0.0
        wanted = np.asarray(target, dtype=np.float64)
        if not np.all((wanted > design.alpha_per_test) & (wanted < 1)):
            message = "target_power must lie between the error rate of one test and 1"
            raise StatisticsError(message)
        columns = np.broadcast_arrays(
            baseline.mean, baseline.variance, baseline.remaining, value, margin, total, target
        )
        names = (column.name for column in fields(cls))
        pairs = zip(names, columns, strict=True)
        return cls(**{name: np.array(column, dtype=np.float64) for name, column in pairs})

    @property
    def columns(self) -> tuple[FloatArray, ...]:
        """Give the fields in order."""
        return tuple(getattr(self, column.name) for column in fields(self))

    def where(self, mask: NDArray[np.bool_]) -> Self:
        """Keep the elements of a mask, flattened."""
        kept = {column.name: getattr(self, column.name)[mask] for column in fields(self)}
        return replace(self, **kept)

    def noncentrality(self, *, design: ExperimentDesign, is_rate: bool) -> FloatArray:
        """Give the distance from the null value in standard errors, per treatment arm."""
        control, treatment = self._unit_variances(design=design, is_rate=is_rate)
        units = self.total[..., None]
        shares = np.asarray(design.shares)
        error = np.sqrt(control / (units * shares[0]) + treatment / (units * shares[1:]))
        return np.asarray(self.distance(design)[..., None] / error)

    def degrees_of_freedom(self, *, design: ExperimentDesign, is_rate: bool) -> FloatArray:
        """Give Welch's degrees of freedom (Welch, 1947), per treatment arm."""
        control, treatment = self._unit_variances(design=design, is_rate=is_rate)
        units = self.total[..., None] * np.asarray(design.shares)
        first, second = control / units[..., :1], treatment / units[..., 1:]
        below = first**2 / (units[..., :1] - 1.0) + second**2 / (units[..., 1:] - 1.0)
        return np.asarray((first + second) ** 2 / below)

    def distance(self, design: ExperimentDesign) -> FloatArray:
        """Give the true difference minus its value at the edge of the null hypothesis."""
        hypothesis = design.hypothesis
        if not isinstance(hypothesis, NonInferiority):
            return self.difference
        relative = hypothesis.scale == Scale.RELATIVE
        margin = self.margin * np.abs(self.mean) if relative else self.margin
        return self.difference + (margin if hypothesis.higher_is_better else -margin)

    def power(self, *, design: ExperimentDesign, is_rate: bool) -> FloatArray:
        """Give the probability that the design's test rejects, per treatment arm."""
        shift = self.noncentrality(design=design, is_rate=is_rate)
        monitoring, alpha, alternative = design.monitoring, design.alpha_per_test, design.alternative
        if isinstance(monitoring, WatchedAtLooks):
            return power_at_looks(noncentrality=shift, alpha=alpha, alternative=alternative, monitoring=monitoring)
        if isinstance(monitoring, WatchedAlways):
            shares = np.asarray(design.shares)
            return power_always(
                noncentrality=shift,
                units=self.total[..., None] * (shares[0] + shares[1:]),
                alpha=alpha,
                alternative=alternative,
                monitoring=monitoring,
            )
        degrees = None if monitoring.normal else self.degrees_of_freedom(design=design, is_rate=is_rate)
        return rejection_probability(noncentrality=shift, alpha=alpha, alternative=alternative, df=degrees)

    def reasons(self, *, design: ExperimentDesign, is_rate: bool, relative: bool) -> Codes:
        """Name what makes an element impossible; 0 where it is possible."""
        hypothesis = design.hypothesis
        by_margin = isinstance(hypothesis, NonInferiority) and hypothesis.scale == Scale.RELATIVE
        treated = self.mean + self.difference
        checks = (
            (self.variance == 0, Reason.ZERO_VARIANCE),
            ((self.mean == 0) & (relative or by_margin), Reason.BASELINE_NEAR_ZERO),
            (((treated < 0) | (treated > 1)) & is_rate, Reason.OUT_OF_RANGE),
            (self.total * min(design.shares) < MIN_UNITS_PER_ARM, Reason.TOO_FEW_UNITS),
            (~np.isfinite(np.stack(self.columns)).all(axis=0), Reason.NOT_FINITE),
        )
        codes = no_reasons(self.mean.shape)
        for mask, reason in checks:
            mark(codes, np.asarray(mask), reason)
        return codes

    def _unit_variances(self, *, design: ExperimentDesign, is_rate: bool) -> tuple[FloatArray, FloatArray]:
        """Give the variance of one unit of control and of treatment, with a column axis."""
        control = self.variance * self.remaining
        treatment = control
        if is_rate:
            rate = self.mean + self.difference
            treatment = rate * (1.0 - rate) * self.remaining
        hypothesis = design.hypothesis
        if isinstance(hypothesis, NonInferiority) and hypothesis.scale == Scale.RELATIVE:
            worse = -np.sign(self.mean) if hypothesis.higher_is_better else np.sign(self.mean)
            control = control * (1.0 + worse * self.margin) ** 2
        return control[..., None], treatment[..., None]
