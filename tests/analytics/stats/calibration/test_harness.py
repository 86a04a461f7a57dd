"""The judge of the studies judges rightly."""

import numpy as np
import pytest

from analytics.stats.calibration import Bound, Quantity, check, table
from analytics.stats.calibration.populations import simulated_moments
from analytics.stats.reasons import StatisticsError


def rate(observed: float, bound: Bound):
    outcomes = np.arange(10_000) < observed * 10_000
    return check(method="m", quantity=Quantity.COVERAGE, nominal=0.95, outcomes=outcomes, bound=bound)


@pytest.mark.parametrize(
    ("bound", "low", "middle", "high"),
    [(Bound.EQUAL, False, True, False), (Bound.AT_MOST, True, True, False), (Bound.AT_LEAST, False, True, True)],
)
def test_a_rate_agrees_on_its_side_of_nominal(bound, low, middle, high):
    assert [rate(value, bound).agrees for value in (0.93, 0.951, 0.97)] == [low, middle, high]


def test_the_table_shouts_about_disagreement():
    assert "DISAGREES" in table([rate(0.9, Bound.EQUAL)])


def test_too_few_experiments_make_no_rate():
    with pytest.raises(StatisticsError, match="hundred"):
        check(method="m", quantity=Quantity.POWER, nominal=0.5, outcomes=[1.0] * 99)
    with pytest.raises(StatisticsError, match="experiment, unit"):
        simulated_moments(control={"y": np.zeros(3)})
