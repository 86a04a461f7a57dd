"""The price of looks: against the engine's own sample size with looks, and against simulated paths."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.stats import planning
from analytics.stats.reasons import StatisticsError

BASELINE = planning.mean_baseline(mean=20, standard_deviation=20)


def fixed_total(power=0.8, alpha=0.05):
    design = planning.ExperimentDesign(alpha=alpha, monitoring=planning.FixedHorizon(normal=True))
    return float(planning.sample_size(baseline=BASELINE, design=design, effect=0.05, target_power=power).total_exact)


@pytest.mark.parametrize("looks", [1, 2, 4, 8])
@pytest.mark.parametrize("power", [0.8, 0.9])
def test_inflation_is_that_of_a_sample_size_with_looks(looks, power):
    price = planning.watched_at_looks(looks=looks, alpha=0.05, target_power=power)
    watched = planning.WatchedAtLooks(fractions=tuple(float(share) for share in price.fractions))
    design = planning.ExperimentDesign(monitoring=watched)
    size = planning.sample_size(baseline=BASELINE, design=design, effect=0.05, target_power=power)
    assert fixed_total(power) * price.inflation == pytest.approx(float(size.total_exact), rel=1e-6)


def test_reading_once_costs_nothing():
    price = planning.watched_at_looks(looks=1, alpha=0.05, target_power=0.8)
    assert price.inflation == pytest.approx(1)
    assert price.average == pytest.approx(1)


def test_any_time_needs_what_a_confidence_sequence_tuned_to_its_end_needs():
    price = planning.watched_at_any_time(looks=14, alpha=0.05, target_power=0.8)
    total = fixed_total() * price.inflation
    sequence = planning.WatchedAlways(looks=14, sequence=planning_sequence(total))
    design = planning.ExperimentDesign(monitoring=sequence)
    power = planning.power(baseline=BASELINE, design=design, effect=0.05, total=total)
    assert float(power.power) == pytest.approx(0.8, abs=1e-6)


def planning_sequence(total):
    from analytics.stats.sequential import AlwaysValid  # noqa: PLC0415 - the one use

    return AlwaysValid(tuning_units=total)


@pytest.mark.parametrize("make", [planning.watched_at_looks, planning.watched_at_any_time])
def test_average_end_and_power_are_those_of_simulated_paths(make):
    price = make(looks=6, alpha=0.05, target_power=0.8)
    random = np.random.default_rng(7)
    steps = random.normal(size=(200_000, 6)) * np.sqrt(1 / 6) + price.drift / 6
    statistic = steps.cumsum(axis=1) / np.sqrt(price.fractions)
    crossed = np.abs(statistic) > price.boundary
    stops = np.where(crossed.any(axis=1), crossed.argmax(axis=1), 5)
    assert crossed.any(axis=1).mean() == pytest.approx(0.8, abs=0.004)
    assert price.fractions[stops].mean() == pytest.approx(price.average, abs=0.004)


def test_power_without_an_effect_is_at_most_alpha():
    for make in (planning.watched_at_looks, planning.watched_at_any_time):
        price = make(looks=5, alpha=0.05, target_power=0.8)
        assert float(price.power(drift=0.0)) <= 0.05 + 1e-9


@pytest.mark.parametrize("wrong", [{"looks": 0}, {"target_power": 0.04}, {"target_power": 1.0}])
def test_impossible_designs_are_refused(wrong):
    with pytest.raises(StatisticsError):
        planning.watched_at_looks(**{"looks": 3, "alpha": 0.05, "target_power": 0.8, **wrong})
