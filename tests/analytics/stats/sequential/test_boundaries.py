"""Group-sequential boundaries against published tables and their defining properties."""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from analytics.stats.reasons import StatisticsError
from analytics.stats.sequential import (
    Classical,
    GroupSequential,
    Spending,
    SpendingFunction,
    classical_boundaries,
    crossing_probability,
    spending_boundaries,
)

TABLES = json.loads((Path(__file__).parents[1] / "oracles" / "jennison_turnbull.json").read_text())


@pytest.mark.parametrize("shape", list(Classical))
@pytest.mark.parametrize("alpha", [0.1, 0.05, 0.01])
def test_constants_are_those_of_jennison_and_turnbull(shape: Classical, alpha: float) -> None:
    expected = TABLES[shape.value][str(alpha)]
    found = [classical_boundaries(looks=looks, shape=shape, alpha=alpha).upper[-1] for looks in TABLES["looks"]]
    assert found == pytest.approx(expected, abs=5.1e-4)


@pytest.mark.parametrize("shape", list(Classical))
def test_inflation_is_that_of_jennison_and_turnbull(shape: Classical) -> None:
    table = TABLES["inflation_power_0.8_alpha_0.05"]
    fixed = (stats.norm.isf(0.025) + stats.norm.isf(0.2)) ** 2
    for looks, expected in zip(table["looks"], table[shape.value], strict=True):
        bounds = classical_boundaries(looks=looks, shape=shape)

        def missing(drift: float, bounds=bounds) -> float:
            found = crossing_probability(
                fractions=bounds.fractions, upper=bounds.upper, lower=bounds.lower, drift=drift
            )
            return float(found.total) - 0.8

        drift = optimize.brentq(missing, 1.0, 6.0)
        assert drift**2 / fixed == pytest.approx(expected, abs=7e-4)


@pytest.mark.parametrize("family", [Spending.OBRIEN_FLEMING, Spending.POCOCK])
def test_lan_demets_boundaries_are_the_published_ones(family: Spending) -> None:
    bounds = spending_boundaries(fractions=np.arange(1, 6) / 5, spending=SpendingFunction(family=family))
    # Printed to four decimals from a coarser integration; the next test is the sharp one.
    assert bounds.upper == pytest.approx(TABLES["lan_demets"][family.value], abs=1.5e-4)


def test_second_boundary_is_that_of_the_bivariate_normal() -> None:
    bounds = spending_boundaries(fractions=[0.2, 0.4, 1.0], spending=SpendingFunction())
    first, second = bounds.upper[:2]
    joint = stats.multivariate_normal(mean=[0, 0], cov=[[1, np.sqrt(0.5)], [np.sqrt(0.5), 1]])
    inside = joint.cdf([first, second], lower_limit=[-first, -second])
    assert 1.0 - inside == pytest.approx(bounds.spent[1], rel=1e-6)


def test_single_look_is_the_fixed_test() -> None:
    bounds = spending_boundaries(fractions=[1.0], spending=SpendingFunction(), alpha=0.05)
    assert bounds.upper[0] == pytest.approx(stats.norm.isf(0.025), rel=1e-12)


fractions = (
    st.lists(st.floats(0.01, 1.0), min_size=1, max_size=6, unique=True)
    .map(sorted)
    .filter(lambda looks: all(second - first > 0.01 for first, second in pairwise(looks)))
)
spendings = st.builds(
    SpendingFunction,
    family=st.sampled_from(list(Spending)),
    parameter=st.floats(0.3, 4.0),
)


@settings(max_examples=40, deadline=None)
@given(looks=fractions, spending=spendings, alpha=st.floats(0.001, 0.3), two_sided=st.booleans(), final=st.booleans())
def test_what_is_spent_is_what_crosses(
    looks: list[float], spending: SpendingFunction, alpha: float, two_sided: bool, final: bool
) -> None:
    bounds = spending_boundaries(fractions=looks, spending=spending, alpha=alpha, two_sided=two_sided, final=final)
    crossed = crossing_probability(fractions=looks, upper=bounds.upper, lower=bounds.lower)
    assert np.cumsum(crossed.upper + crossed.lower) == pytest.approx(bounds.spent, rel=1e-8, abs=1e-13)
    assert np.all(np.diff(bounds.spent) >= 0)
    if final or looks[-1] == 1.0:
        assert bounds.spent[-1] == pytest.approx(alpha, rel=1e-12)
    else:
        assert bounds.spent[-1] <= alpha


@settings(max_examples=30, deadline=None)
@given(looks=fractions, alpha=st.floats(0.001, 0.2))
def test_looks_to_come_do_not_change_boundaries_already_used(looks: list[float], alpha: float) -> None:
    whole = spending_boundaries(fractions=looks, spending=SpendingFunction(), alpha=alpha)
    for count in range(1, len(looks)):
        part = spending_boundaries(fractions=looks[:count], spending=SpendingFunction(), alpha=alpha)
        assert part.upper == pytest.approx(whole.upper[:count], rel=1e-9)


@pytest.mark.parametrize("looks", [2, 5, 28])
def test_obrien_fleming_boundaries_fall_from_look_to_look(looks: int) -> None:
    bounds = spending_boundaries(fractions=np.arange(1, looks + 1) / looks, spending=SpendingFunction())
    assert np.all(np.diff(bounds.upper) < 0)
    assert bounds.upper[-1] > stats.norm.isf(0.025)


def test_more_information_than_planned_spends_no_more_than_alpha() -> None:
    bounds = spending_boundaries(fractions=[0.5, 0.9, 1.2], spending=SpendingFunction())
    crossed = crossing_probability(fractions=bounds.fractions, upper=bounds.upper, lower=bounds.lower)
    assert float(crossed.total) == pytest.approx(0.05, rel=1e-9)


def test_drift_gives_the_power_of_a_simulation() -> None:
    rng = np.random.default_rng(5)
    looks = np.array([0.2, 0.35, 0.7, 1.0])
    bounds = spending_boundaries(fractions=looks, spending=SpendingFunction(family=Spending.POCOCK), two_sided=False)
    steps = np.diff(looks, prepend=0.0)
    paths = np.cumsum(rng.normal(2.5 * steps, np.sqrt(steps), size=(200_000, 4)), axis=1) / np.sqrt(looks)
    simulated = np.mean((paths > bounds.upper).any(axis=1))
    found = crossing_probability(fractions=looks, upper=bounds.upper, lower=bounds.lower, drift=[0.0, 2.5])
    assert found.total[0] == pytest.approx(0.05, rel=1e-9)
    assert found.total[1] == pytest.approx(simulated, abs=4 * 0.5 / np.sqrt(200_000))


@pytest.mark.parametrize("two_sided", [True, False])
@pytest.mark.parametrize("level", [0.2, 0.05, 1e-3, 1e-8])
def test_repeated_p_value_is_the_level_of_the_interval_that_touches(two_sided: bool, level: float) -> None:
    design = GroupSequential(fractions=(0.3, 0.6, 1.0))
    width = design.critical(alpha=level, df=np.inf, units=0, two_sided=two_sided)
    p_value = np.exp(design.log_p_value(statistic=width, df=np.inf, units=0, two_sided=two_sided))
    assert float(p_value) == pytest.approx(level, rel=1e-4)


def test_many_levels_at_once_equal_single_levels() -> None:
    design = GroupSequential(fractions=(0.2, 0.5, 1.0))
    levels = np.geomspace(1e-6, 0.3, 50)
    together = design.critical(alpha=levels, df=np.inf, units=0, two_sided=True)
    alone = [float(design.critical(alpha=level, df=np.inf, units=0, two_sided=True)) for level in levels]
    assert together == pytest.approx(alone, rel=5e-5)
    assert np.all(np.diff(together) < 0)


def test_repeated_p_value_counts_the_sign_only_one_sided() -> None:
    design = GroupSequential(fractions=(0.5, 1.0))
    values = np.array([-3.0, 3.0])
    both = design.log_p_value(statistic=values, df=np.inf, units=0, two_sided=True)
    upper = design.log_p_value(statistic=values, df=np.inf, units=0, two_sided=False)
    assert both[0] == both[1]
    assert upper[0] == 0.0
    assert upper[1] < both[1]


def test_student_widens_the_repeated_interval() -> None:
    design = GroupSequential(fractions=(0.5, 1.0))
    few, many, normal = (
        float(design.critical(alpha=0.05, df=df, units=0, two_sided=True)) for df in (20.0, 1e9, np.inf)
    )
    assert few > many
    assert many == pytest.approx(normal, rel=1e-7)


@pytest.mark.parametrize("bad", [[], [0.0, 1.0], [0.5, 0.5], [0.5, 0.4], [np.nan], [0.5, 0.50001]])
def test_looks_that_do_not_increase_are_refused(bad: list[float]) -> None:
    with pytest.raises(StatisticsError):
        spending_boundaries(fractions=bad, spending=SpendingFunction())


def test_spending_of_a_power_starts_at_nothing() -> None:
    with pytest.raises(StatisticsError):
        SpendingFunction(family=Spending.POWER, parameter=0.0)
