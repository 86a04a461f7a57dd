"""What may be said of a metric before the experiment."""

import numpy as np
import pytest

from analytics.stats.planning import mean_baseline, rate_baseline, ratio_baseline
from analytics.stats.reasons import StatisticsError


def test_ratio_variance_is_that_of_the_linearised_unit() -> None:
    rng = np.random.default_rng(3)
    sessions = 1.0 + rng.poisson(3.0, size=200_000)
    revenue = sessions * 2.0 + rng.normal(size=sessions.size)
    ratio = revenue.mean() / sessions.mean()
    linear = (revenue - ratio * sessions) / sessions.mean()
    covariance = np.cov(revenue, sessions)
    baseline = ratio_baseline(
        numerator_mean=revenue.mean(),
        denominator_mean=sessions.mean(),
        numerator_variance=covariance[0, 0],
        denominator_variance=covariance[1, 1],
        covariance=covariance[0, 1],
    )
    assert float(baseline.mean) == pytest.approx(ratio)
    assert float(baseline.variance) == pytest.approx(linear.var(ddof=1), rel=1e-9)


def test_values_out_of_range_are_refused() -> None:
    with pytest.raises(StatisticsError):
        mean_baseline(mean=1, standard_deviation=-1)
    with pytest.raises(StatisticsError):
        mean_baseline(mean=1, standard_deviation=1, covariate_correlation=1)
    with pytest.raises(StatisticsError):
        rate_baseline(rate=1.1)
    with pytest.raises(StatisticsError):
        ratio_baseline(numerator_mean=1, denominator_mean=0, numerator_variance=1, denominator_variance=1, covariance=0)
    with pytest.raises(StatisticsError):
        ratio_baseline(numerator_mean=1, denominator_mean=1, numerator_variance=1, denominator_variance=1, covariance=9)
