"""The noncentral t against an adaptive integral and scipy, and beyond where scipy holds."""

import numpy as np
import pytest
from scipy import integrate, stats

from analytics.stats.planning import Alternative
from analytics.stats.planning.tail import noncentral_t_sf, rejection_probability


@pytest.mark.parametrize("df", [1, 2, 3, 5, 10, 50, 1_000])
@pytest.mark.parametrize("shift", [-3.0, 0.0, 1.0, 2.8, 8.0])
def test_equals_scipy_where_scipy_holds(df: float, shift: float) -> None:
    critical = stats.t.isf(0.025, df)
    expected = stats.nct.sf(critical, df, shift)
    assert float(noncentral_t_sf(x=critical, df=df, noncentrality=shift)) == pytest.approx(
        expected, rel=1e-9, abs=1e-13
    )


@pytest.mark.parametrize("df", [400.0, 266_664.67, 1e6])
def test_equals_the_adaptive_integral(df: float) -> None:
    x, shift = 1.96, 2.1

    def integrand(chi: float) -> float:
        return float(stats.norm.cdf(shift - x * chi / np.sqrt(df)) * stats.chi.pdf(chi, df))

    middle = np.sqrt(df)
    expected, _ = integrate.quad(integrand, middle - 9, middle + 9, epsabs=1e-13, epsrel=1e-12)
    assert float(noncentral_t_sf(x=x, df=df, noncentrality=shift)) == pytest.approx(expected, rel=1e-8)


def test_tends_to_the_normal_without_a_break() -> None:
    df = np.logspace(2, 15, 60)
    tail = noncentral_t_sf(x=1.96, df=df, noncentrality=2.8)
    assert np.all(np.diff(tail) >= -1e-14)
    assert tail[-1] == pytest.approx(stats.norm.sf(1.96 - 2.8), rel=1e-12)


@pytest.mark.parametrize("alternative", list(Alternative))
@pytest.mark.parametrize("df", [None, 5.0, 1e6])
def test_without_effect_the_test_rejects_at_its_error_rate(alternative: Alternative, df: float | None) -> None:
    reached = rejection_probability(noncentrality=0.0, alpha=0.03, alternative=alternative, df=df)
    assert float(reached) == pytest.approx(0.03, rel=1e-9)


def test_alternatives_mirror_each_other() -> None:
    greater = rejection_probability(noncentrality=1.3, alpha=0.05, alternative=Alternative.GREATER, df=9.0)
    less = rejection_probability(noncentrality=-1.3, alpha=0.05, alternative=Alternative.LESS, df=9.0)
    assert float(greater) == float(less)
