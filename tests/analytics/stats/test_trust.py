"""Sample ratio, its cause, multiple exposures and balance before exposure."""

import numpy as np
import pytest
from scipy import stats

from analytics.stats import (
    Moments,
    Reason,
    StatisticsError,
    mismatch_sources,
    multiple_exposures,
    pre_exposure_balance,
    sample_ratio,
    sequential_sample_ratio,
)


def test_units_in_an_arm_of_weight_zero_are_unplanned():
    result = sample_ratio(observed=[5000, 5100, 40], weights=[0.5, 0.5, 0.0])
    assert result.p_value == pytest.approx(0.3197181768128675)
    assert (result.df, result.unplanned_units, result.mismatch) == (1, 40, True)
    assert result.expected == (5050.0, 5050.0, 0.0)


def test_weights_may_have_any_scale():
    small = sample_ratio(observed=[900, 120], weights=[0.9, 0.1])
    assert sample_ratio(observed=[900, 120], weights=[9, 1]) == small


def test_an_extreme_mismatch_keeps_its_logarithm():
    result = sample_ratio(observed=[10**6, 2 * 10**6], weights=[1, 1])
    assert 0 < result.p_value < 1e-300
    assert result.log_p_value == pytest.approx(stats.norm.logsf(np.sqrt(result.statistic)) + np.log(2))


@pytest.mark.parametrize(
    ("observed", "weights", "reason"),
    [
        ([100, 100], None, Reason.NO_WEIGHTS),
        ([100, 100], [1, 0], Reason.NO_WEIGHTS),
        ([100, 100], [0, 0], Reason.NO_WEIGHTS),
        ([0, 0], [1, 1], Reason.NO_UNITS),
        ([4, 4], [1, 1], Reason.TOO_FEW_UNITS),
    ],
)
def test_no_test_without_a_plan_or_units(observed, weights, reason):
    result = sample_ratio(observed=observed, weights=weights)
    assert result.reason is reason
    assert (result.p_value, result.statistic, result.df, result.expected) == (None, None, None, None)


@pytest.mark.parametrize("weights", [[1.0], [-1.0, 2.0], [np.inf, 1.0]])
def test_impossible_weights_are_refused(weights):
    with pytest.raises(StatisticsError, match="weights"):
        sample_ratio(observed=[1, 2], weights=weights)


# -- sequential -------------------------------------------------------------------------


def test_sequential_evidence_is_the_inverse_bayes_factor():
    counts, shares, concentration = np.array([60, 40]), np.array([0.5, 0.5]), 20.0
    alternative = stats.dirichlet_multinomial(concentration * shares, 100).logpmf(counts)
    planned = stats.multinomial(100, shares).logpmf(counts)
    result = sequential_sample_ratio(cumulative=[counts], weights=[1, 1], concentration=concentration)
    assert result.log_p_values[0] == pytest.approx(min(planned - alternative, 0.0))


def test_evidence_never_falls_and_is_dated():
    looks = [[100, 100], [1000, 1500], [3000, 3000]]
    result = sequential_sample_ratio(cumulative=looks, weights=[1, 1], concentration=100)
    assert result.detected_at == 1
    assert result.mismatch
    assert result.p_values[2] == result.p_values[1] < 0.001


def test_sequential_test_ignores_arms_that_were_not_planned():
    two = sequential_sample_ratio(cumulative=[[500, 600]], weights=[1, 1])
    three = sequential_sample_ratio(cumulative=[[500, 600, 0]], weights=[1, 1, 0])
    assert three == two


def test_sequential_test_refuses_what_is_not_cumulative():
    with pytest.raises(StatisticsError, match="cannot fall"):
        sequential_sample_ratio(cumulative=[[5, 5], [4, 6]], weights=[1, 1])
    assert sequential_sample_ratio(cumulative=[[5, 5]], weights=[1, 0]).reason is Reason.NO_WEIGHTS


# -- sources ----------------------------------------------------------------------------


def test_the_broken_browser_is_found_among_many():
    rng = np.random.default_rng(7)
    browsers = {name: rng.multinomial(20_000, [0.5, 0.5]).tolist() for name in ("Chrome", "Firefox", "Edge")}
    browsers["Safari"] = [5000, 4300]
    browsers["Lynx"] = [2, 1]
    countries = {name: rng.multinomial(20_000, [0.5, 0.5]).tolist() for name in ("KR", "JP")}
    sources = mismatch_sources(counts={"browser": browsers, "country": countries}, weights=[1, 1])
    assert [(s.dimension, s.value) for s in sources if s.explains] == [("browser", "Safari")]
    assert sources[0].excess == (350.0, -350.0)
    assert sources[0].p_value_without > 0.001
    assert "Lynx" not in {s.value for s in sources}
    assert all(s.adjusted_p_value >= s.p_value for s in sources)


def test_a_mismatch_everywhere_is_explained_by_no_value():
    counts = {"browser": {"Chrome": [6000, 5000], "Safari": [6000, 5000]}}
    assert not any(s.explains for s in mismatch_sources(counts=counts, weights=[1, 1]))
    assert mismatch_sources(counts={"browser": {"Lynx": [1, 1]}}, weights=[1, 1]) == ()


# -- multiple exposures -----------------------------------------------------------------


def test_multiple_exposures_agree_with_wilson():
    result = multiple_exposures(units=1000, multiple=7)
    interval = stats.binomtest(7, 1000).proportion_ci(method="wilson")
    assert (result.lower, result.upper) == (pytest.approx(interval.low), pytest.approx(interval.high))
    assert not result.excessive


def test_multiple_exposures_need_units():
    assert multiple_exposures(units=0, multiple=0).reason is Reason.NO_UNITS
    assert multiple_exposures(units=50, multiple=0).lower == 0.0
    with pytest.raises(StatisticsError, match="part of"):
        multiple_exposures(units=5, multiple=6)


# -- balance ----------------------------------------------------------------------------


def covariates(shift=0.0, size=3000):
    rng = np.random.default_rng(12)
    group = np.arange(size) % 3
    visits = rng.poisson(5, size) + shift * (group == 2)
    return Moments.from_groups(group=group, groups=3, visits=visits, spend=visits * 3 + rng.normal(0, 4, size))


def test_balanced_arms_pass_and_shifted_ones_do_not():
    assert not pre_exposure_balance(moments=covariates(), arms=("A", "B", "C"), control="A").imbalanced
    result = pre_exposure_balance(moments=covariates(shift=1.0), arms=("A", "B", "C"), control="A")
    assert result.imbalanced
    assert {(c.treatment, c.column) for c in result.covariates if c.imbalanced} == {("C", "visits"), ("C", "spend")}
    assert result.joint_p_value["C"] < 1e-6 < result.joint_p_value["B"]
    worst = next(c for c in result.covariates if c.imbalanced and c.column == "visits")
    assert worst.standardised_difference == pytest.approx(1 / np.sqrt(5), rel=0.2)


def test_joint_test_of_two_columns_is_hotelling_without_its_small_sample_part():
    moments = covariates()
    result = pre_exposure_balance(moments=moments, arms=("A", "B", "C"), control="A")
    covariance = moments.covariance()
    matrix = covariance[0] / moments.count[0] + covariance[1] / moments.count[1]
    gap = moments.mean[1] - moments.mean[0]
    assert result.joint_p_value["B"] == pytest.approx(stats.chi2.sf(gap @ np.linalg.solve(matrix, gap), 2))


def test_a_constant_covariate_is_named_and_the_others_are_tested():
    size = 300
    moments = Moments.from_groups(
        group=np.arange(size) % 2, groups=2, constant=np.ones(size), spend=np.random.default_rng(1).normal(size=size)
    )
    result = pre_exposure_balance(moments=moments, arms=("A", "B"), control="A")
    assert result.covariates[0].reason is Reason.ZERO_VARIANCE
    assert result.covariates[0].p_value is None
    assert result.covariates[1].adjusted_p_value == result.covariates[1].p_value
    assert result.joint_p_value == {"B": None}


def test_balance_needs_more_units_than_columns_and_one_group_per_arm():
    moments = Moments.from_groups(group=[0, 0, 1, 1], groups=2, a=[1.0, 2, 3, 5], b=[2.0, 1, 7, 3])
    assert pre_exposure_balance(moments=moments, arms=("A", "B"), control="A").joint_p_value == {"B": None}
    with pytest.raises(StatisticsError, match="control among them"):
        pre_exposure_balance(moments=moments, arms=("A", "B"), control="Z")
