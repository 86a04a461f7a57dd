"""Interaction of two experiments against regression."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import WLS

from analytics.stats.interaction import interaction
from analytics.stats.reasons import Reason, StatisticsError

MEANS = np.array([[1.0, 1.2, 1.1], [1.5, 2.4, 1.6]])
VARIANCES = np.array([[1.0, 2.0, 1.5], [1.2, 0.7, 3.0]])
UNITS = np.array([[400, 300, 350], [390, 310, 340]])


def test_contrasts_and_wald_test_equal_weighted_regression() -> None:
    first = np.repeat([0, 1], 3)
    second = np.tile([0, 1, 2], 2)
    a, b, c = (first == 1).astype(float), (second == 1).astype(float), (second == 2).astype(float)
    design = np.column_stack([np.ones(6), a, b, c, a * b, a * c])
    error = VARIANCES.ravel() / UNITS.ravel()
    saturated = np.linalg.solve(design, MEANS.ravel())
    covariance = np.linalg.inv(design) @ np.diag(error) @ np.linalg.inv(design).T
    found = interaction(mean=MEANS, variance=VARIANCES, units=UNITS)
    assert found.contrast.ravel() == pytest.approx(saturated[4:], rel=1e-9)
    assert found.standard_error.ravel() == pytest.approx(np.sqrt(np.diag(covariance)[4:]), rel=1e-9)
    additive = WLS(MEANS.ravel(), design[:, :4], weights=1 / error).fit()
    lost = (additive.resid**2 / error).sum()
    assert found.statistic == pytest.approx(lost, rel=1e-9)
    assert found.p_value == pytest.approx(stats.chi2.sf(lost, 2), rel=1e-9)


def test_additive_effects_have_no_interaction() -> None:
    found = interaction(mean=np.add.outer([1.0, 3.0], [0.0, 5.0]), variance=np.ones((2, 2)), units=np.full((2, 2), 9))
    assert found.statistic == pytest.approx(0.0, abs=1e-20)
    assert found.p_value == pytest.approx(1.0)
    assert found.effect_by_arm.tolist() == [[2.0, 2.0]]


def test_assignments_that_depend_on_each_other_are_found() -> None:
    sound = interaction(mean=MEANS, variance=VARIANCES, units=UNITS)
    broken = interaction(mean=MEANS, variance=VARIANCES, units=UNITS + np.array([[200, 0, 0], [0, 0, 0]]))
    expected = stats.chi2_contingency(UNITS, correction=False)
    assert sound.assignment_p_value == pytest.approx(expected.pvalue, rel=1e-9)
    assert broken.assignment_p_value < 1e-4


@settings(deadline=None)
@given(shift=st.floats(-10, 10), factor=st.floats(0.01, 100))
def test_scale_and_level_do_not_matter_and_experiments_may_swap(shift: float, factor: float) -> None:
    base = interaction(mean=MEANS, variance=VARIANCES, units=UNITS)
    moved = interaction(mean=(MEANS + shift) * factor, variance=VARIANCES * factor**2, units=UNITS)
    swapped = interaction(mean=MEANS.T, variance=VARIANCES.T, units=UNITS.T)
    assert moved.p_value == pytest.approx(base.p_value, rel=1e-6)
    assert swapped.statistic == pytest.approx(base.statistic, rel=1e-9)


@pytest.mark.parametrize(
    ("variance", "units", "reason"),
    [
        (1.0, [[5, 0], [5, 5]], Reason.NO_UNITS),
        (1.0, [[5, 1], [5, 5]], Reason.ONE_UNIT),
        (0.0, [[5, 5], [5, 5]], Reason.ZERO_VARIANCE),
        (np.nan, [[5, 5], [5, 5]], Reason.NOT_FINITE),
    ],
)
def test_cells_that_cannot_be_compared_name_their_reason(
    variance: float, units: list[list[int]], reason: Reason
) -> None:
    found = interaction(mean=np.ones((2, 2)), variance=np.full((2, 2), variance), units=units)
    assert found.reason is reason
    assert np.isnan(found.p_value)
    assert np.isnan(found.contrast).all()


def test_one_armed_experiment_has_no_interaction() -> None:
    assert interaction(mean=[[1.0, 2.0]], variance=[[1, 1]], units=[[9, 9]]).reason is Reason.SINGLE_ARM


def test_shapes_that_differ_are_refused() -> None:
    with pytest.raises(StatisticsError):
        interaction(mean=MEANS, variance=VARIANCES[:, :2], units=UNITS)
