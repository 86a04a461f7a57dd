"""Thompson-sampling allocation."""

import numpy as np
import pytest

from analytics.stats.bandit import allocate_by_means, allocate_by_rates
from analytics.stats.reasons import Reason, StatisticsError, reason_of


def test_shares_are_the_chances_above_the_floor() -> None:
    found = allocate_by_rates(successes=[10, 30, 20], units=[100, 100, 100], minimum_share=0.1)
    assert found.share.sum() == pytest.approx(1.0)
    assert found.share.min() >= 0.1
    assert found.share == pytest.approx(0.1 + 0.7 * found.chance_to_be_best)


def test_same_data_give_the_same_shares() -> None:
    first, second = (allocate_by_means(means=[1.0, 1.1, 0.9], standard_errors=[0.1, 0.1, 0.1]) for _ in range(2))
    assert first.share.tolist() == second.share.tolist()


def test_arms_without_an_answer_keep_the_shares_of_before() -> None:
    found = allocate_by_means(means=[1.0, np.nan], standard_errors=[0.1, 0.1])
    assert reason_of(int(found.reason)) is Reason.NOT_FINITE
    assert np.isnan(found.share).all()


def test_bandit_moves_to_the_best_arm_and_loses_less_than_equal_shares() -> None:
    rng = np.random.default_rng(2)
    rates = np.array([0.05, 0.05, 0.08])
    regrets, last = [], []
    for _ in range(12):
        hits, units = np.zeros(3), np.zeros(3)
        share = np.full(3, 1 / 3)
        for _ in range(20):
            batch = rng.multinomial(300, share)
            hits += rng.binomial(batch, rates)
            units += batch
            share = allocate_by_rates(successes=hits, units=np.maximum(units, hits), minimum_share=0.02).share
        regrets.append((units * (rates.max() - rates)).sum())
        last.append(share[2])
    equal = 6_000 * (rates.max() - rates).mean()
    assert np.mean(regrets) < 0.6 * equal
    assert np.mean(last) > 0.85


@pytest.mark.parametrize("minimum", [-0.1, 0.5, 0.6])
def test_floor_that_leaves_nothing_is_refused(minimum: float) -> None:
    with pytest.raises(StatisticsError):
        allocate_by_rates(successes=[1, 2], units=[10, 10], minimum_share=minimum)
