"""Quantiles of units and of clustered events."""

import numpy as np
import pytest

from analytics.stats import QuantileSummary, Reason, StatisticsError, quantile_pairs, summarise
from analytics.stats.quantiles import quantile_arms
from analytics.stats.reasons import reasons_of


def test_summary_takes_order_statistics():
    summary = summarise(values=np.random.default_rng(0).permutation(np.arange(1.0, 1001.0)), probability=0.5)
    assert (float(summary.lower), float(summary.value), float(summary.upper)) == (469.0, 500.0, 531.0)


def test_standard_error_is_that_of_the_density():
    values = np.random.default_rng(5).exponential(1, 40_000)
    arm = quantile_arms(summary=summarise(values=values, probability=0.9))
    # sqrt(p q / n) / f(x_p), and f(x_p) = 0.1 for the 0.9 quantile of Exp(1).
    assert np.sqrt(arm.variance) == pytest.approx(np.sqrt(0.09 / 40_000) / 0.1, rel=0.1)


def test_clusters_of_one_event_are_units():
    values = np.random.default_rng(5).normal(size=2000)
    units = quantile_arms(summary=summarise(values=values, probability=0.5))
    events = quantile_arms(summary=summarise(values=values, probability=0.5, cluster=np.arange(2000)))
    assert events.units == units.units == 2000
    assert events.variance == pytest.approx(units.variance, rel=1e-3)


def test_clustered_events_are_noisier_than_independent_ones():
    rng = np.random.default_rng(6)
    user = np.repeat(np.arange(1000), 10)
    values = rng.normal(size=1000)[user] + 0.1 * rng.normal(size=10_000)
    naive = quantile_arms(summary=summarise(values=values, probability=0.5))
    clustered = quantile_arms(summary=summarise(values=values, probability=0.5, cluster=user))
    assert clustered.variance / naive.variance == pytest.approx(10, rel=0.15)
    assert clustered.units == 1000


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([], Reason.NO_UNITS),
        ([1.0], Reason.ONE_UNIT),
        (list(range(20)), Reason.TOO_FEW_UNITS),
        ([3.0] * 500, Reason.ZERO_VARIANCE),
        ([np.inf] * 500, Reason.NO_DATA),
    ],
)
def test_quantiles_that_cannot_be_compared(values, reason):
    fine = summarise(values=np.arange(500.0), probability=0.9)
    pair = QuantileSummary.stack([fine, summarise(values=values, probability=0.9)])
    assert reasons_of(quantile_arms(summary=pair).reason)[1] is reason
    assert reasons_of(quantile_pairs(summary=pair).reason) == (reason,)


def test_limits_beyond_the_sample_are_a_reason():
    summary = QuantileSummary.of_units(probability=0.5, count=500, value=3.0, lower=-np.inf, upper=4.0)
    assert reasons_of([int(quantile_arms(summary=summary).reason)]) == (Reason.NOT_FINITE,)


def test_different_quantiles_are_not_stacked():
    with pytest.raises(StatisticsError, match="different quantiles"):
        QuantileSummary.stack([summarise(values=range(100), probability=p) for p in (0.5, 0.9)])
