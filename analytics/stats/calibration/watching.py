"""Do sequential methods keep their error rate when read every day for 28 days?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analytics.stats.calibration.row import Kind, Row, share_row
from analytics.stats.planning import (
    ExperimentDesign,
    WatchedAlways,
    WatchedAtLooks,
    mean_baseline,
    sample_size,
)
from analytics.stats.sequential import (
    AlwaysValid,
    Spending,
    SpendingFunction,
    confidence_sequence,
    spending_boundaries,
)

FloatArray = NDArray[np.float64]

_DAYS = 28
_EXPERIMENTS = 4_000
_BATCH = 250


@dataclass(frozen=True, kw_only=True, eq=False)
class _Watched:
    """Daily readings of many experiments: experiments by days.

    Attributes:
        estimate: Difference so far.
        standard_error: Its standard error.
        units: Units so far in both arms, per day.
    """

    estimate: FloatArray
    standard_error: FloatArray
    units: FloatArray


def _daily_units(total: int) -> NDArray[np.int64]:
    """Give new units per arm and day, falling as users come back, with a quiet weekend."""
    day = np.arange(1, _DAYS + 1)
    weight = day**-0.5 * np.where(day % 7 >= 5, 0.7, 1.0)
    reached = np.floor(np.cumsum(weight) / weight.sum() * total / 2 + 0.5)
    return np.asarray(np.maximum(np.diff(reached, prepend=0.0), 1.0), dtype=np.int64)


def _watch(*, seed: int, total: int, effect: float) -> _Watched:
    """Simulate skewed (exponential) units, mean and variance 1, and read every evening."""
    rng = np.random.default_rng(seed)
    ends = np.cumsum(_daily_units(total)) - 1
    units = np.asarray(ends + 1.0, dtype=np.float64)
    estimates, errors = [], []
    for _ in range(_EXPERIMENTS // _BATCH):
        sums = []
        for shift in (0.0, effect):
            values = rng.exponential(size=(_BATCH, ends[-1] + 1)) + shift
            mean = np.cumsum(values, axis=1)[:, ends] / units
            square = np.cumsum(values**2, axis=1)[:, ends] / units
            sums.append((mean, (square - mean**2) / (units - 1)))
        (first, noise), (second, other) = sums
        estimates.append(second - first)
        errors.append(np.sqrt(noise + other))
    return _Watched(estimate=np.concatenate(estimates), standard_error=np.concatenate(errors), units=2 * units)


def fixed_test_watched_daily() -> tuple[Row, ...]:
    """Show what watching does to a fixed-horizon test: the fault that the others repair."""
    seen = _watch(seed=201, total=4_000, effect=0.0)
    crossed = (np.abs(seen.estimate / seen.standard_error) > 1.959964).any(axis=1)
    return (
        share_row(
            method="Fixed-horizon test (wrongly) stopped at the first p < 0.05",
            scenario="28 daily looks",
            quantity="false positives",
            nominal=0.15,
            kind=Kind.AT_LEAST,
            events=crossed,
        ),
    )


def group_sequential_watched_daily() -> tuple[Row, ...]:
    """Spend the error over 28 unequal daily looks."""
    rows = []
    for place, (family, two_sided) in enumerate(
        ((Spending.OBRIEN_FLEMING, True), (Spending.POCOCK, True), (Spending.OBRIEN_FLEMING, False))
    ):
        seen = _watch(seed=210 + place, total=4_000, effect=0.0)
        bounds = spending_boundaries(
            fractions=seen.units / seen.units[-1], spending=SpendingFunction(family=family), two_sided=two_sided
        )
        statistic = seen.estimate / seen.standard_error
        rows.append(
            share_row(
                method=f"Group-sequential, {family.value} spending",
                scenario=f"28 daily looks, {'two-sided' if two_sided else 'one-sided'}",
                quantity="false positives",
                nominal=0.05,
                events=((statistic > bounds.upper) | (statistic < bounds.lower)).any(axis=1),
            )
        )
    return tuple(rows)


def group_sequential_power() -> tuple[Row, ...]:
    """Find the planned effect with the planned units."""
    effect = 0.1
    total = 3_000
    for _ in range(2):  # daily fractions follow from the total, and the total from the fractions
        units = np.cumsum(_daily_units(total))
        watch = WatchedAtLooks(fractions=tuple(float(share) for share in units / units[-1]))
        size = sample_size(
            baseline=mean_baseline(mean=1, standard_deviation=1),
            effect=effect,
            design=ExperimentDesign(monitoring=watch),
        )
        total = int(size.total)
    seen = _watch(seed=220, total=total, effect=effect)
    bounds = spending_boundaries(fractions=seen.units / seen.units[-1], spending=SpendingFunction())
    crossed = (np.abs(seen.estimate / seen.standard_error) > bounds.upper).any(axis=1)
    return (
        share_row(
            method="Group-sequential, obrien-fleming spending",
            scenario="planned size, 28 daily looks",
            quantity="power",
            nominal=0.8,
            events=crossed,
        ),
    )


def confidence_sequence_watched_daily() -> tuple[Row, ...]:
    """Hold the truth at every one of 28 looks."""
    rows = []
    for place, (alternative, effect) in enumerate((("two-sided", 0.0), ("two-sided", 0.1), ("greater", 0.0))):
        seen = _watch(seed=230 + place, total=4_000, effect=effect)
        found = confidence_sequence(
            estimate=seen.estimate,
            standard_error=seen.standard_error,
            units=seen.units,
            alternative=alternative,
            design=AlwaysValid(tuning_units=2_000),
        )
        missed = ((found.lower > effect) | (found.upper < effect)).any(axis=1)
        rows.append(
            share_row(
                method="Confidence sequence",
                scenario=f"28 daily looks, {alternative}, effect {effect}",
                quantity="coverage at all looks together",
                nominal=0.95,
                kind=Kind.AT_LEAST,
                events=~missed,
            )
        )
    return tuple(rows)


def confidence_sequence_power() -> tuple[Row, ...]:
    """Find the planned effect at one of 14 equal looks."""
    effect, looks = 0.15, 14
    sequence = AlwaysValid(tuning_units=2_500)
    size = sample_size(
        baseline=mean_baseline(mean=1, standard_deviation=1),
        effect=effect,
        design=ExperimentDesign(monitoring=WatchedAlways(sequence=sequence, looks=looks)),
    )
    rng = np.random.default_rng(240)
    steps = rng.normal(0.0, 1.0, size=(20_000, looks)) / np.sqrt(looks)
    fraction = np.arange(1, looks + 1) / looks
    shift = effect * np.sqrt(float(size.total) / 4.0)
    statistic = np.cumsum(steps + shift / looks, axis=1) / np.sqrt(fraction)
    width = sequence.critical(alpha=0.05, df=np.inf, units=float(size.total) * fraction, two_sided=True)
    return (
        share_row(
            method="Confidence sequence",
            scenario="planned size, 14 looks",
            quantity="power",
            nominal=0.8,
            events=(np.abs(statistic) > width).any(axis=1),
        ),
    )


WATCHING: dict[str, Callable[[], tuple[Row, ...]]] = {
    "fixed test watched daily": fixed_test_watched_daily,
    "group-sequential watched daily": group_sequential_watched_daily,
    "group-sequential power": group_sequential_power,
    "confidence sequence watched daily": confidence_sequence_watched_daily,
    "confidence sequence power": confidence_sequence_power,
}
