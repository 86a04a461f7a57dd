"""Winner's curse: shrinkage by history and cumulative impact."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize

from analytics.stats.reasons import Reason, StatisticsError, reason_of, reasons_of
from analytics.stats.shrinkage import EffectHistory, cumulative_impact, effect_history, shrink

RNG = np.random.default_rng(17)
ERRORS = RNG.uniform(0.005, 0.03, 200)
TRUTH = RNG.normal(0.002, 0.01, 200)
OBSERVED = RNG.normal(TRUTH, ERRORS)


def test_history_maximises_the_restricted_likelihood() -> None:
    def loss(log_spread: float) -> float:
        total = ERRORS**2 + np.exp(log_spread)
        mean = (OBSERVED / total).sum() / (1 / total).sum()
        return float((np.log(total) + (OBSERVED - mean) ** 2 / total).sum() + np.log((1 / total).sum())) / 2

    best = optimize.minimize_scalar(loss, bounds=(-20, 0), method="bounded", options={"xatol": 1e-10})
    found = effect_history(estimate=OBSERVED, standard_error=ERRORS)
    assert found.standard_deviation**2 == pytest.approx(np.exp(best.x), rel=1e-5)
    assert found.standard_deviation == pytest.approx(0.01, abs=0.003)
    assert found.experiments == 200


def test_belief_in_the_spread_is_that_of_a_fine_grid() -> None:
    history = effect_history(estimate=OBSERVED[:12], standard_error=ERRORS[:12])
    tau = np.linspace(0.0, 0.3, 60_001)
    total = ERRORS[:12, None] ** 2 + tau**2
    mean = (OBSERVED[:12, None] / total).sum(axis=0) / (1 / total).sum(axis=0)
    log = -(np.log(total) + (OBSERVED[:12, None] - mean) ** 2 / total).sum(axis=0) / 2
    weight = np.exp(log - np.log((1 / total).sum(axis=0)) / 2 - log.max())
    expected = (weight * tau).sum() / weight.sum()
    assert (history.weights * history.spreads).sum() == pytest.approx(expected, rel=1e-4)
    assert history.mean == pytest.approx((weight * mean).sum() / weight.sum(), rel=1e-4)


def test_noise_alone_gives_no_spread_and_strong_shrinkage() -> None:
    history = effect_history(estimate=np.tile([-0.1, 0.1], 10), standard_error=[1.0] * 20)
    assert history.standard_deviation == 0.0
    found = shrink(estimate=3.0, standard_error=1.0, history=history)
    assert 0.9 < float(found.shrinkage) < 1.0
    assert 0.0 < float(found.estimate) < 0.3
    assert float(found.standard_deviation) > 0.0


def test_winners_are_overstated_and_shrunken_winners_are_not() -> None:
    rng = np.random.default_rng(4)
    truth = rng.normal(0.0, 0.01, 20_000)
    observed = rng.normal(truth, 0.01)
    won = observed / 0.01 > 1.96
    history = effect_history(estimate=observed, standard_error=np.full(20_000, 0.01))
    found = shrink(estimate=observed[won], standard_error=0.01, history=history)
    noise = 4 * 0.01 / np.sqrt(won.sum())
    assert observed[won].mean() - truth[won].mean() > 10 * noise
    assert found.estimate.mean() == pytest.approx(truth[won].mean(), abs=noise)
    covered = (found.lower <= truth[won]) & (truth[won] <= found.upper)
    assert covered.mean() == pytest.approx(0.95, abs=4 * (0.05 * 0.95 / won.sum()) ** 0.5)


@settings(deadline=None)
@given(estimate=st.floats(-1, 1), error=st.floats(1e-4, 1))
def test_shrinkage_lies_between_the_estimate_and_history(estimate: float, error: float) -> None:
    history = effect_history(estimate=OBSERVED, standard_error=ERRORS)
    found = shrink(estimate=estimate, standard_error=error, history=history)
    ends = [estimate, history.means.min(), history.means.max()]
    assert min(ends) - 1e-12 <= float(found.estimate) <= max(ends) + 1e-12
    assert float(found.lower) < float(found.estimate) < float(found.upper)


def test_more_precise_estimates_shrink_less() -> None:
    history = effect_history(estimate=OBSERVED, standard_error=ERRORS)
    found = shrink(estimate=0.05, standard_error=[0.001, 0.01, 0.1], history=history)
    assert np.all(np.diff(found.shrinkage) > 0)
    assert np.all(np.diff(found.estimate) < 0)


def test_short_history_is_a_reason() -> None:
    history = effect_history(estimate=[0.1] * 9 + [np.nan], standard_error=[0.1] * 10)
    assert (history.reason, history.experiments) == (Reason.TOO_FEW_EXPERIMENTS, 9)
    found = shrink(estimate=0.1, standard_error=0.1, history=history)
    assert reason_of(int(found.reason)) is Reason.TOO_FEW_EXPERIMENTS
    assert np.isnan(found.estimate)
    assert cumulative_impact(estimate=[0.1], standard_error=[0.1], history=history).reason is (
        Reason.TOO_FEW_EXPERIMENTS
    )


def test_impact_of_lifts_compounds_and_of_amounts_adds() -> None:
    sure = EffectHistory(
        mean=0.0,
        standard_deviation=1e6,
        spreads=np.array([1e6]),
        weights=np.ones(1),
        means=np.zeros(1),
        mean_variances=np.zeros(1),
        experiments=50,
        reason=None,
    )
    lifts = cumulative_impact(estimate=[0.1, 0.2], standard_error=[1e-6, 1e-6], history=sure)
    amounts = cumulative_impact(estimate=[10.0, 20.0], standard_error=[3.0, 4.0], history=sure, relative=False)
    assert lifts.impact == pytest.approx(0.32, rel=1e-9)
    assert amounts.impact == pytest.approx(30.0, rel=1e-9)
    assert amounts.upper - amounts.impact == pytest.approx(1.959964 * 5.0, rel=1e-6)


def test_impact_promises_less_than_adding_up_reports() -> None:
    history = effect_history(estimate=OBSERVED, standard_error=ERRORS)
    found = cumulative_impact(estimate=[0.05, 0.06], standard_error=[0.02, 0.02], history=history)
    assert 0.0 < found.impact < found.unshrunk
    assert found.lower < found.impact < found.upper


def test_impact_without_an_answer_names_its_reason() -> None:
    history = effect_history(estimate=OBSERVED, standard_error=ERRORS)
    for estimate, error, reason in (
        ([], [], Reason.NO_DATA),
        ([np.nan], [0.1], Reason.NO_DATA),
        ([-1.5], [0.1], Reason.OUT_OF_RANGE),
    ):
        found = cumulative_impact(estimate=estimate, standard_error=error, history=history)
        assert found.reason is reason
        assert np.isnan(found.impact)
    mixed = shrink(estimate=[0.1, np.inf, 0.1], standard_error=[0.1, 0.1, 0.0], history=history)
    assert reasons_of(mixed.reason) == (None, Reason.NOT_FINITE, Reason.ZERO_VARIANCE)


def test_contradictory_inputs_are_refused() -> None:
    with pytest.raises(StatisticsError):
        effect_history(estimate=[1.0, 2.0], standard_error=[1.0])
