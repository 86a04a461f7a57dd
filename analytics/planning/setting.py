"""A plan's question in the terms of the statistics engine: what is asked, and what any number of units would give."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analytics.stats import planning
from analytics.stats.reasons import Reason, reason_of
from experiments.planning.planning_hooks import AT_ANY_TIME, ONCE, PlanQuestion

FloatArray = NDArray[np.float64]

FEWEST_DAYS = 7
HORIZON_DAYS = 365
# Types whose value of a unit is 0 or 1, so that the deviation follows from the baseline.
SHARES = frozenset({"proportion", "retention"})
# How often a watched experiment is taken to be read: daily for four weeks. More readings change its power little.
READINGS = 28


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the engine is asked about.

    The one planned number of units is that of the analysis' own test (Student's t). Curves, and designs with looks, use
    the normal distribution, which the eye cannot tell from it and which is quick enough to follow a dragged slider.
    """

    question: PlanQuestion
    baseline: planning.Baseline

    @cached_property
    def exact(self) -> planning.ExperimentDesign:
        """The test read once, as the analysis does it."""
        return planning.ExperimentDesign(alpha=self.question.alpha, allocation=self.question.weights)

    @cached_property
    def quick(self) -> planning.ExperimentDesign:
        """The same with the normal distribution."""
        normal = planning.FixedHorizon(normal=True)
        return planning.ExperimentDesign(alpha=self.question.alpha, allocation=self.question.weights, monitoring=normal)

    @cached_property
    def watching(self) -> planning.Watching | None:
        """The price of the looks; None where the results are read once."""
        level, power, looks = self.exact.alpha_per_test, self.question.power, self.question.looks
        if looks == ONCE:
            return None
        if looks == AT_ANY_TIME:
            return planning.watched_at_any_time(looks=READINGS, alpha=level, target_power=power)
        return planning.watched_at_looks(looks=looks, alpha=level, target_power=power)

    @property
    def inflation(self) -> float:
        """Units as a multiple of those of a test that is read once."""
        return self.watching.inflation if self.watching else 1.0

    @property
    def sign(self) -> float:
        """Which way the metric is to move."""
        return -1.0 if self.question.metric.direction == "decrease" else 1.0

    @cached_property
    def traffic(self) -> planning.Traffic | None:
        """The observed arrival of new units, scaled to the daily number; an even flow where too little is known.

        On the days of the ramp only its shares are let in.
        """
        daily, observed = self.question.daily_units, self.question.new_units
        if daily is None:
            return None
        average = sum(observed) / len(observed) if observed else 0.0
        if len(observed) < FEWEST_DAYS or average == 0:
            whole = planning.Traffic.constant(new_units_per_day=daily)
        else:
            whole = planning.Traffic.observed(new_units=[units * daily / average for units in observed])
        return whole.ramped(admitted=self.question.ramp) if self.question.ramp else whole

    def arriving(self, *, days: int) -> FloatArray:
        """Give units that take part up to the end of each day; none without a daily number."""
        if self.traffic is None:
            return np.empty(0)
        return self.traffic.cumulative(days=days) * self.question.coverage

    def sizes(self, effects: ArrayLike) -> FloatArray:
        """Give units in all for relative effects; NaN where none suffices."""
        found = planning.sample_size(
            baseline=self.baseline,
            design=self.quick,
            effect=self.sign * np.asarray(effects),
            target_power=self.question.power,
        )
        return np.asarray(np.ceil(found.total_exact * self.inflation))

    def size(self, effect: float) -> tuple[tuple[int, ...], Reason | None]:
        """Give the units of each arm for one relative effect, or why there are none."""
        found = planning.sample_size(
            baseline=self.baseline,
            design=self.quick if self.watching else self.exact,
            effect=self.sign * effect,
            target_power=self.question.power,
        )
        reason = reason_of(int(found.reason))
        if reason is not None:
            return (), reason
        if self.watching is None:
            return tuple(int(units) for units in found.per_arm), None
        return self.split(float(found.total_exact) * self.inflation), None

    def split(self, total: float) -> tuple[int, ...]:
        """Give whole units of each arm, rounded up."""
        return tuple(math.ceil(total * share * (1.0 - 1e-12)) for share in self.exact.shares)

    def powers(self, *, totals: ArrayLike, effect: float) -> FloatArray:
        """Give the power for one relative effect with each number of units."""
        design = self.quick if self.watching else self.exact
        found = planning.power(baseline=self.baseline, effect=self.sign * effect, total=totals, design=design)
        if self.watching is None:
            return found.power
        drift = np.abs(found.noncentrality).min(axis=-1)
        known = np.isfinite(drift)
        power = np.full(drift.shape, np.nan)
        power[known] = self.watching.power(drift=drift[known])
        return power

    def effects(self, totals: ArrayLike) -> FloatArray:
        """Give the smallest relative effect that each number of units finds, above zero."""
        found = planning.minimum_detectable_effect(
            baseline=self.baseline,
            total=np.asarray(totals, dtype=np.float64) / self.inflation,
            design=self.quick,
            target_power=self.question.power,
            increase=self.sign > 0,
        )
        return np.abs(found.relative)


def setting_of(question: PlanQuestion) -> Setting | None:
    """Return the engine's view of the question; None where the deviation is missing.

    Raises:
        StatisticsError: A number lies outside what the engine allows.
    """
    if question.metric.type in SHARES:
        baseline = planning.rate_baseline(rate=question.baseline, covariate_correlation=question.correlation)
    elif question.deviation is None:
        return None
    else:
        baseline = planning.mean_baseline(
            mean=question.baseline,
            standard_deviation=question.deviation,
            covariate_correlation=question.correlation,
        )
    return Setting(question=question, baseline=baseline)
