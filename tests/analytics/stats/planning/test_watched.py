"""Planning of experiments that are watched while they run."""

import numpy as np
import pytest

from analytics.stats.planning import (
    Alternative,
    ExperimentDesign,
    FixedHorizon,
    NonInferiority,
    Superiority,
    WatchedAlways,
    WatchedAtLooks,
    mean_baseline,
    minimum_detectable_effect,
    power,
    sample_size,
)
from analytics.stats.reasons import StatisticsError
from analytics.stats.sequential import AlwaysValid, Spending, SpendingFunction

BASELINE = mean_baseline(mean=20, standard_deviation=20)
WATCHES = [
    WatchedAtLooks(fractions=(0.25, 0.5, 1.0)),
    WatchedAtLooks(fractions=(0.5, 1.0), spending=SpendingFunction(family=Spending.POCOCK)),
    WatchedAlways(),
    WatchedAlways(sequence=AlwaysValid(tuning_units=20_000), looks=14),
]


@pytest.mark.parametrize("watch", WATCHES, ids=repr)
@pytest.mark.parametrize(
    "hypothesis",
    [Superiority(), Superiority(alternative=Alternative.LESS), NonInferiority(margin=0.05)],
    ids=repr,
)
def test_size_power_and_effect_are_inverse(watch: WatchedAlways | WatchedAtLooks, hypothesis: Superiority) -> None:
    design = ExperimentDesign(monitoring=watch, hypothesis=hypothesis, allocation=(2, 1))
    effect = -0.05 if design.alternative == Alternative.LESS else 0.05
    size = sample_size(baseline=BASELINE, effect=effect, target_power=0.9, design=design)
    reached = power(baseline=BASELINE, effect=effect, total=size.total_exact, design=design)
    assert float(reached.power) == pytest.approx(0.9, rel=1e-8)
    if isinstance(hypothesis, Superiority):
        found = minimum_detectable_effect(baseline=BASELINE, total=size.total_exact, target_power=0.9, design=design)
        assert float(found.relative) == pytest.approx(effect, rel=1e-8)


def test_watching_costs_units_and_watching_always_costs_most() -> None:
    designs = [ExperimentDesign(monitoring=watch) for watch in (FixedHorizon(normal=True), WATCHES[0], WATCHES[3])]
    totals = [float(sample_size(baseline=BASELINE, effect=0.05, design=design).total) for design in designs]
    assert totals == sorted(totals)
    assert totals[1] < 1.03 * totals[0]


def test_power_of_sequences_is_that_of_a_simulation() -> None:
    rng = np.random.default_rng(8)
    looks, total, shift = 10, 10_000, 3.2
    watch = WatchedAlways(looks=looks)
    steps = rng.normal(shift / looks, np.sqrt(1.0 / looks), size=(100_000, looks))
    fraction = np.arange(1, looks + 1) / looks
    paths = np.cumsum(steps, axis=1) / np.sqrt(fraction)
    width = watch.sequence.critical(alpha=0.05, df=np.inf, units=total * fraction, two_sided=True)
    simulated = np.mean((np.abs(paths) > width).any(axis=1))
    effect = shift * 20.0 / np.sqrt(total / 4) / 20.0
    found = power(baseline=BASELINE, effect=effect, total=total, design=ExperimentDesign(monitoring=watch))
    assert float(found.power) == pytest.approx(simulated, abs=4 * 0.5 / np.sqrt(100_000))


def test_last_planned_look_has_all_information() -> None:
    with pytest.raises(StatisticsError):
        WatchedAtLooks(fractions=(0.5, 0.9))
    with pytest.raises(StatisticsError):
        WatchedAlways(looks=0)
