"""Segments and trends against textbook formulas, statsmodels and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import GLS
from statsmodels.stats.meta_analysis import combine_effects
from statsmodels.stats.multitest import multipletests

from analytics.stats.heterogeneity import Drift, effect_trend, holm, segment_effects
from analytics.stats.reasons import Reason, StatisticsError, reason_of, reasons_of

EFFECTS = np.array([0.02, 0.05, -0.01, 0.08, 0.03])
ERRORS = np.array([0.01, 0.02, 0.015, 0.02, 0.03])


def test_q_and_pooled_effect_equal_statsmodels() -> None:
    expected = combine_effects(EFFECTS, ERRORS**2, method_re="chi2")
    found = segment_effects(estimate=EFFECTS, standard_error=ERRORS)
    assert float(found.q) == pytest.approx(expected.q, rel=1e-9)
    assert float(found.pooled) == pytest.approx(expected.mean_effect_fe, rel=1e-9)
    assert float(found.pooled_standard_error) == pytest.approx(expected.sd_eff_w_fe, rel=1e-9)
    assert float(found.tau) ** 2 == pytest.approx(expected.tau2, rel=1e-9)
    assert float(found.i_squared) == pytest.approx(expected.i2, rel=1e-9)
    assert float(found.p_value) == pytest.approx(stats.chi2.sf(expected.q, 4), rel=1e-9)


def test_two_segments_are_the_z_test_of_their_difference() -> None:
    found = segment_effects(estimate=[0.1, 0.3], standard_error=[0.05, 0.08])
    z = 0.2 / np.hypot(0.05, 0.08)
    assert float(found.q) == pytest.approx(z**2, rel=1e-12)
    assert found.deviation[1] == pytest.approx(0.2, rel=1e-12)
    assert found.deviation_p_value[1] == pytest.approx(min(1.0, 2 * 2 * stats.norm.sf(z)), rel=1e-9)


@pytest.mark.parametrize("p_values", [[0.01, 0.04, 0.03, 0.2], [0.5, 0.5], [0.001]])
def test_holm_equals_statsmodels(p_values: list[float]) -> None:
    assert holm(np.array(p_values)) == pytest.approx(multipletests(p_values, method="holm")[1])


def test_one_significant_segment_is_no_interaction() -> None:
    """The classical fallacy: significant here, not significant there, hence different."""
    found = segment_effects(estimate=[0.05, 0.04], standard_error=[0.02, 0.03])
    assert found.segment_p_value[0] < 0.05 < found.segment_p_value[1]
    assert float(found.p_value) > 0.5


def test_many_sets_in_one_call_equal_single_calls() -> None:
    estimates = np.stack([EFFECTS, EFFECTS[::-1]])
    both = segment_effects(estimate=estimates, standard_error=ERRORS)
    single = segment_effects(estimate=EFFECTS[::-1], standard_error=ERRORS)
    assert float(both.q[1]) == float(single.q)
    assert both.lower[1].tolist() == single.lower.tolist()


def test_segment_without_numbers_is_left_out_and_named() -> None:
    found = segment_effects(estimate=[0.1, np.nan, 0.3, 0.2], standard_error=[0.1, 0.1, 0.1, 0.0])
    without = segment_effects(estimate=[0.1, 0.3], standard_error=[0.1, 0.1])
    assert reasons_of(found.segment_reason) == (None, Reason.NO_DATA, None, Reason.ZERO_VARIANCE)
    assert float(found.q) == float(without.q)
    assert found.lower[[0, 2]] == pytest.approx(without.lower)
    assert np.isnan(found.segment_p_value[[1, 3]]).all()


def test_a_single_usable_segment_is_no_comparison() -> None:
    found = segment_effects(estimate=[0.1, np.nan], standard_error=[0.1, 0.1])
    assert reason_of(int(found.reason)) is Reason.TOO_FEW_SEGMENTS
    for number in (found.q, found.p_value, found.pooled, found.i_squared, found.tau):
        assert np.isnan(number)
    assert np.isfinite(found.lower[0])


@settings(deadline=None)
@given(effects=st.lists(st.floats(-3, 3), min_size=2, max_size=8), shift=st.floats(-3, 3), factor=st.floats(0.1, 10))
def test_shifting_effects_keeps_q_and_scaling_keeps_p(effects: list[float], shift: float, factor: float) -> None:
    errors = np.linspace(0.3, 1.0, len(effects))
    base = segment_effects(estimate=effects, standard_error=errors)
    moved = segment_effects(estimate=(np.array(effects) + shift) * factor, standard_error=errors * factor)
    assert float(moved.q) == pytest.approx(float(base.q), rel=1e-7, abs=1e-9)
    assert float(moved.p_value) == pytest.approx(float(base.p_value), rel=1e-6)
    assert 0.0 <= float(base.i_squared) <= 1.0
    assert float(base.p_value) > 0.0


def test_trend_equals_generalised_least_squares() -> None:
    days = np.arange(1.0, 8.0)
    effects = np.array([4.0, 3.1, 2.9, 2.2, 1.4, 1.5, 0.7])
    covariance = 0.05 * np.exp(-np.abs(np.subtract.outer(days, days)) / 2)
    expected = GLS(effects, np.column_stack([np.ones(7), days]), sigma=covariance).fit(cov_type="fixed scale")
    found = effect_trend(day=days, estimate=effects, covariance=covariance)
    assert found.slope == pytest.approx(expected.params[1], rel=1e-9)
    assert found.standard_error == pytest.approx(expected.bse[1], rel=1e-9)
    assert found.drift is Drift.NOVELTY
    assert found.first == pytest.approx(expected.params @ [1, 1], rel=1e-9)


def test_growing_effect_is_primacy_in_either_direction() -> None:
    for sign in (1.0, -1.0):
        found = effect_trend(day=[1, 2, 3, 4], estimate=sign * np.array([0.1, 1.0, 2.0, 3.0]), standard_error=[0.1] * 4)
        assert found.drift is Drift.PRIMACY


def test_no_evidence_of_a_trend_is_called_stable() -> None:
    found = effect_trend(day=[1, 2, 3], estimate=[1.0, 1.1, 0.9], standard_error=[0.5] * 3)
    assert found.drift is Drift.STABLE
    assert found.p_value > 0.5


def test_logarithmic_trend_is_straight_in_the_log_of_the_day() -> None:
    days = np.array([1.0, 2.0, 4.0, 8.0])
    found = effect_trend(day=days, estimate=3.0 - np.log(days), standard_error=[0.1] * 4, logarithmic=True)
    assert found.slope == pytest.approx(-1.0)


@pytest.mark.parametrize(
    ("days", "effects"), [([1, 2], [1.0, 2.0]), ([1, 2, 3], [1.0, np.nan, 2.0]), ([2, 2, 2], [1.0, 2.0, 3.0])]
)
def test_too_few_days_have_no_trend(days: list[int], effects: list[float]) -> None:
    found = effect_trend(day=days, estimate=effects, standard_error=[0.1] * len(days))
    assert (found.drift, found.reason) == (None, Reason.TOO_FEW_SEGMENTS)
    assert np.isnan(found.slope)


def test_contradictory_inputs_are_refused() -> None:
    with pytest.raises(StatisticsError):
        effect_trend(day=[1, 2, 3], estimate=[1, 2, 3])
    with pytest.raises(StatisticsError):
        effect_trend(day=[0, 1, 2], estimate=[1, 2, 3], standard_error=[1, 1, 1], logarithmic=True)
    with pytest.raises(StatisticsError):
        segment_effects(estimate=1.0, standard_error=1.0)
