"""Posteriors against gbstats and the closed form, and chances against simulation."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, stats

from analytics.stats.bayes import NormalPrior, chance_to_be_best, normal_posterior
from analytics.stats.bayes_rates import BetaPrior, rate_posterior
from analytics.stats.reasons import Reason, StatisticsError, reason_of, reasons_of

ORACLE = json.loads((Path(__file__).parent / "oracles" / "bayes.json").read_text())
CASES: list[dict[str, Any]] = [case for case in ORACLE["cases"] if case["id"].startswith("bayes_")]
REL = 1e-9


def moments(arm: dict[str, float]) -> tuple[float, float]:
    """Mean and squared standard error of an arm, by the convention the oracle states."""
    n, mean = arm["n"], arm["sum"] / arm["n"]
    if "sum_squares" not in arm:
        return mean, mean * (1 - mean) / n
    return mean, (arm["sum_squares"] - n * mean**2) / (n - 1) / n


def estimates(inputs: dict[str, Any]) -> tuple[float, float, float]:
    """Estimate, standard error and control mean on the scale of a case."""
    (control, noise), (treatment, other) = moments(inputs["control"]), moments(inputs["treatment"])
    if inputs["difference"] == "absolute":
        return treatment - control, (noise + other) ** 0.5, control
    spread = other / control**2 + noise * treatment**2 / control**4
    return treatment / control - 1, spread**0.5, control


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_posterior_equals_gbstats_and_the_closed_form(case: dict[str, Any]) -> None:
    inputs = case["inputs"]
    given_prior = inputs["prior"]
    prior = NormalPrior(
        mean=given_prior["mean"] if given_prior["proper"] else 0.0,
        standard_deviation=given_prior["variance"] ** 0.5 if given_prior["proper"] else np.inf,
    )
    for answers in case["engines"].values():
        expected = answers[0]["result"]
        if "sum" in inputs["control"]:
            estimate, error, control = estimates(inputs)
        else:  # CUPED and ratio: their standard errors are other modules' business
            estimate, error, control = expected["expected"], expected["posterior_sd"], 1.0
        found = normal_posterior(
            estimate=estimate,
            standard_error=error,
            prior=prior,
            relative=inputs["difference"] == "relative",
            control_mean=control,
            alpha=inputs["alpha"],
        )
        assert float(found.mean) == pytest.approx(expected["expected"], rel=REL)
        assert float(found.standard_deviation) == pytest.approx(expected["posterior_sd"], rel=REL)
        assert float(found.lower) == pytest.approx(expected["ci_lower"], rel=REL)
        assert float(found.upper) == pytest.approx(expected["ci_upper"], rel=REL)
        assert float(found.chance_to_win) == pytest.approx(expected["chance_to_win"], rel=REL)
        assert float(found.loss_of_control) == pytest.approx(expected["risk_control"], rel=REL)
        # gbstats loses a far tail to cancellation (5e-4 relative at 1e-6, 0.0 at 51 deviations).
        assert float(found.loss_of_treatment) == pytest.approx(expected["risk_treatment"], rel=1e-6, abs=1e-20)


def test_absolute_prior_counts_for_a_relative_effect() -> None:
    """gbstats ignores it: it compares its configuration object with a word."""
    prior = NormalPrior(mean=0.0, standard_deviation=0.5, relative=False)
    found = normal_posterior(estimate=0.2, standard_error=0.1, prior=prior, control_mean=-10.0)
    same = normal_posterior(estimate=0.2, standard_error=0.1, prior=NormalPrior(mean=0.0, standard_deviation=0.05))
    assert float(found.mean) == pytest.approx(float(same.mean), rel=1e-12)
    assert float(found.mean) == pytest.approx(0.04, rel=1e-12)


@pytest.mark.parametrize("relative", [True, False])
@pytest.mark.parametrize("prior_relative", [True, False])
def test_no_scale_ignores_the_prior(relative: bool, prior_relative: bool) -> None:
    prior = NormalPrior(mean=0.0, standard_deviation=0.01, relative=prior_relative)
    found = normal_posterior(estimate=0.2, standard_error=0.1, prior=prior, relative=relative, control_mean=2.0)
    assert abs(float(found.mean)) < 0.02


def test_tiny_losses_and_chances_do_not_cancel() -> None:
    found = normal_posterior(estimate=40.0, standard_error=1.0)
    exact = integrate.quad(lambda x: x * np.exp(-((x + 40.0) ** 2 - 1600.0) / 2.0), 0.0, 2.0, epsrel=1e-12)[0]
    expected = exact * np.exp(-800.0 + 700.0) * np.exp(-700.0) / np.sqrt(2.0 * np.pi)
    assert float(found.loss_of_treatment) == pytest.approx(expected, rel=1e-6)
    assert float(normal_posterior(estimate=-9.0, standard_error=1.0).chance_to_win) == pytest.approx(
        stats.norm.sf(9.0), rel=1e-12
    )


@settings(deadline=None)
@given(estimate=st.floats(-5, 5), error=st.floats(0.01, 3), mean=st.floats(-2, 2), spread=st.floats(0.01, 10))
def test_swapping_arms_flips_everything(estimate: float, error: float, mean: float, spread: float) -> None:
    ours, theirs = (
        normal_posterior(
            estimate=sign * estimate,
            standard_error=error,
            prior=NormalPrior(mean=sign * mean, standard_deviation=spread),
        )
        for sign in (1, -1)
    )
    assert float(ours.mean) == -float(theirs.mean)
    assert float(ours.lower) == -float(theirs.upper)
    assert float(ours.loss_of_control) == float(theirs.loss_of_treatment)
    assert float(ours.chance_to_win) + float(theirs.chance_to_win) == pytest.approx(1.0)
    assert float(ours.loss_of_control) - float(ours.loss_of_treatment) == pytest.approx(
        float(ours.mean), rel=1e-9, abs=1e-12
    )
    inverse = normal_posterior(
        estimate=estimate,
        standard_error=error,
        prior=NormalPrior(mean=mean, standard_deviation=spread),
        higher_is_better=False,
    )
    assert float(inverse.chance_to_win) == float(theirs.chance_to_win)


def test_impossible_effects_have_a_reason_and_no_number() -> None:
    found = normal_posterior(
        estimate=[1.0, np.nan, 1.0],
        standard_error=[0.0, 1.0, 1.0],
        prior=NormalPrior(standard_deviation=1.0),
        relative=False,
        control_mean=[1.0, 1.0, 0.0],
    )
    assert reasons_of(found.reason) == (Reason.ZERO_VARIANCE, Reason.NOT_FINITE, Reason.BASELINE_NEAR_ZERO)
    assert np.isnan(found.mean).all()
    assert np.isnan(found.chance_to_win).all()


def test_best_of_two_is_the_chance_of_their_difference() -> None:
    best = chance_to_be_best(means=[1.0, 1.3], standard_deviations=[0.2, 0.1])
    assert best.chance[1] == pytest.approx(stats.norm.cdf(0.3 / 0.05**0.5), rel=1e-10)
    assert best.expected_loss[0] - best.expected_loss[1] == pytest.approx(0.3, rel=1e-10)


def test_best_of_several_is_that_of_a_simulation() -> None:
    means, spreads = np.array([1.0, 1.05, 1.02, 0.4]), np.array([0.03, 0.02, 0.001, 5.0])
    draws = np.random.default_rng(1).normal(means, spreads, size=(400_000, 4))
    best = chance_to_be_best(means=means, standard_deviations=spreads)
    shares = np.bincount(draws.argmax(axis=1), minlength=4) / len(draws)
    assert best.chance == pytest.approx(shares, abs=4e-3)
    losses = draws.max(axis=1, keepdims=True) - draws
    assert best.expected_loss == pytest.approx(losses.mean(axis=0), abs=0.03)
    assert best.chance.sum() == pytest.approx(1.0)


def test_arms_of_very_different_spread_keep_the_closed_form() -> None:
    best = chance_to_be_best(means=[0.0, 1e-3], standard_deviations=[1e-6, 1.0])
    assert best.chance[1] == pytest.approx(stats.norm.cdf(1e-3), rel=1e-9)


def test_lowest_is_best_when_asked() -> None:
    up = chance_to_be_best(means=[[1.0, 2.0, 3.0]], standard_deviations=1.0)
    down = chance_to_be_best(means=[[3.0, 2.0, 1.0]], standard_deviations=1.0, higher_is_better=False)
    assert up.chance == pytest.approx(down.chance)


def test_sets_without_an_answer_keep_their_place() -> None:
    best = chance_to_be_best(means=[[1.0, 2.0], [1.0, np.nan]], standard_deviations=[[1.0, 1.0], [1.0, 1.0]])
    assert reasons_of(best.reason) == (None, Reason.NOT_FINITE)
    assert np.isnan(best.chance[1]).all()
    alone = chance_to_be_best(means=[1.0], standard_deviations=[1.0])
    assert reason_of(int(alone.reason)) is Reason.SINGLE_ARM


@pytest.mark.parametrize(
    ("successes", "units"), [([1, 5], [100, 100]), ([0, 3], [1_000, 800]), ([0, 10], [10, 10]), ([9, 2], [9, 90])]
)
def test_chance_of_small_rates_is_the_double_integral(successes: list[int], units: list[int]) -> None:
    first, second = (stats.beta(0.5 + hits, 0.5 + total - hits) for hits, total in zip(successes, units, strict=True))
    expected, _ = integrate.quad(lambda u: first.cdf(second.ppf(u)), 0.0, 1.0, epsabs=1e-11, limit=500)
    found = rate_posterior(successes=successes, units=units)
    assert found.chance_to_be_best[1] == pytest.approx(expected, abs=1e-7)
    assert found.expected_loss[0] - found.expected_loss[1] == pytest.approx(second.mean() - first.mean(), abs=1e-10)
    assert found.lower[0] == pytest.approx(first.ppf(0.025), rel=1e-9)
    assert found.upper[0] == pytest.approx(first.isf(0.025), rel=1e-9)


def test_large_rates_agree_with_the_normal_posterior() -> None:
    rates = rate_posterior(successes=[100_000, 100_500], units=[10**6, 10**6])
    p, q = 0.1, 0.1005
    normal = normal_posterior(estimate=q - p, standard_error=((p * (1 - p) + q * (1 - q)) / 1e6) ** 0.5, relative=False)
    assert rates.chance_to_be_best[1] == pytest.approx(float(normal.chance_to_win), abs=1e-5)


@settings(deadline=None)
@given(arms=st.lists(st.integers(1, 10_000), min_size=2, max_size=5), share=st.floats(0, 1), higher=st.booleans())
def test_chances_add_to_one_and_losses_are_not_negative(arms: list[int], share: float, higher: bool) -> None:
    hits = [round(share * units) for units in arms]
    found = rate_posterior(successes=hits, units=arms, higher_is_better=higher)
    assert found.chance_to_be_best.sum() == pytest.approx(1.0)
    assert np.all(found.chance_to_be_best >= 0)
    assert np.all(found.expected_loss >= -1e-15)
    mirrored = rate_posterior(successes=np.array(arms) - hits, units=arms, higher_is_better=not higher)
    assert found.chance_to_be_best == pytest.approx(mirrored.chance_to_be_best, abs=1e-9)


def test_rates_without_an_answer_name_their_reason() -> None:
    found = rate_posterior(successes=[[0, 0], [1, 2]], units=[[0, 10], [10, 10]])
    assert reasons_of(found.reason) == (Reason.NO_UNITS, None)
    assert np.isnan(found.chance_to_be_best[0]).all()
    assert reason_of(int(rate_posterior(successes=[1], units=[2]).reason)) is Reason.SINGLE_ARM


def test_impossible_inputs_are_refused() -> None:
    with pytest.raises(StatisticsError):
        rate_posterior(successes=[3, 1], units=[2, 2])
    with pytest.raises(StatisticsError):
        rate_posterior(successes=1, units=2)
    with pytest.raises(StatisticsError):
        NormalPrior(standard_deviation=0.0)
    with pytest.raises(StatisticsError):
        BetaPrior(successes=0.0)
    with pytest.raises(StatisticsError):
        normal_posterior(estimate=1.0, standard_error=1.0, alpha=1.0)
