"""Tails far beyond what a float64 probability can hold."""

import numpy as np
import pytest
from scipy import integrate, special, stats

from analytics.stats.distributions import log_t_tail, t_quantile
from analytics.stats.trust import log_chi_square_tail


@pytest.mark.parametrize("df", [1.5, 5.0, 40.0, 1000.0, 1e5, 1e7])
@pytest.mark.parametrize("statistic", [-3.0, 0.0, 0.5, 2.0, 10.0])
def test_near_tail_is_that_of_scipy(df, statistic):
    expected = stats.t.sf(statistic, df)
    assert np.exp(log_t_tail(np.asarray(statistic), np.asarray(df))) == pytest.approx(expected, rel=1e-9)


def log_tail_by_quadrature(statistic: float, df: float) -> float:
    """Integrate the density relative to its value at the statistic, on a scale that fits it."""
    log_density = stats.t.logpdf(statistic, df)
    slope = (df + 1) * statistic / (df + statistic**2)
    area, _ = integrate.quad(
        lambda u: np.exp(stats.t.logpdf(statistic + u / slope, df) - log_density),
        0,
        200,
        epsabs=0,
        epsrel=1e-11,
        limit=400,
    )
    return float(log_density + np.log(area / slope))


@pytest.mark.parametrize(
    ("statistic", "df"), [(52.34, 4e5), (60.0, 1000.0), (40.0, 1e5), (500.0, 1e7), (3000.0, 2000.0)]
)
def test_far_tail_agrees_with_quadrature(statistic, df):
    assert stats.t.sf(statistic, df) < 1e-280
    ours = float(log_t_tail(np.asarray(statistic), np.asarray(df)))
    assert ours == pytest.approx(log_tail_by_quadrature(statistic, df), rel=1e-10)


def test_heavy_far_tail_follows_its_power_law():
    # With 5 degrees of freedom P(T > t) falls as t^-5.
    near, far = (float(log_t_tail(np.asarray(t), np.asarray(5.0))) for t in (1e60, 1e61))
    assert near - far == pytest.approx(5 * np.log(10), rel=1e-12)


def test_normal_far_tail():
    assert log_t_tail(np.asarray([100.0]), np.asarray([np.inf]))[0] == pytest.approx(special.log_ndtr(-100.0))


def test_tail_is_continuous_where_the_method_changes():
    t = np.linspace(35.5, 37.5, 400)
    values = log_t_tail(t, np.full(t.shape, 1e6))
    assert np.isfinite(values).all()
    assert np.abs(np.diff(values, n=2)).max() < 1e-4


def test_quantile_inverts_the_tail():
    tail = np.array([0.025, 1e-4, 0.4])
    df = np.array([10.0, 300.0, np.inf])
    np.testing.assert_allclose(np.exp(log_t_tail(t_quantile(tail, df), df)), tail, rtol=1e-9)


@pytest.mark.parametrize(("statistic", "df"), [(0.5, 1), (10.0, 3), (1000.0, 4), (5000.0, 1), (20_000.0, 7)])
def test_chi_square_tail(statistic, df):
    ours = log_chi_square_tail(statistic, df)
    if special.chdtrc(df, statistic) > 0:
        assert ours == pytest.approx(np.log(special.chdtrc(df, statistic)), rel=1e-12)
    elif df == 1:
        assert ours == pytest.approx(special.log_ndtr(-np.sqrt(statistic)) + np.log(2), rel=1e-12)
    else:
        # Leading term of the asymptotic series, DLMF 8.11.2.
        a, x = df / 2, statistic / 2
        leading = -x + (a - 1) * np.log(x) - special.gammaln(a)
        assert ours == pytest.approx(leading + np.log1p((a - 1) / x + (a - 1) * (a - 2) / x**2), rel=1e-9)
