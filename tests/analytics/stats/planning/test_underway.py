"""Power of a running experiment and of a Bayesian decision, against gbstats and GrowthBook."""

import numpy as np
import pytest
from scipy import stats

from analytics.stats import AnalysisPlan, ExperimentMoments, Metric, Moments, NormalPrior, analyse
from analytics.stats.planning import Alternative, additional_units, credible_power
from analytics.stats.reasons import Reason, StatisticsError, reasons_of
from tests.analytics.stats.planning.test_size import answer, case
from tests.analytics.stats.test_bayes import ORACLE as BAYES


def test_units_still_needed_equal_gbstats():
    name = "midpower_mean_rel_freq"
    inputs = case(name)["inputs"]
    arms = [inputs["control"], inputs["treatment"]]
    moments = Moments.from_sums(
        count=[arm["n"] for arm in arms],
        sums={"value": [arm["sum"] for arm in arms]},
        products={("value", "value"): [arm["sum_squares"] for arm in arms]},
    )
    data = ExperimentMoments(arms=("A", "B"), metrics={"m": moments})
    row = analyse(AnalysisPlan(control="A", metrics=(Metric(name="m"),)), data).row(metric="m")
    expected = answer(name, "gbstats_head", "default")
    units = sum(arm["n"] for arm in arms)
    found = additional_units(effect=inputs["target_mde"], standard_error=row.lift_standard_error, units=units)
    assert float(found.power_now) == pytest.approx(expected["power_now"], rel=1e-9)
    # The peer searches until the power is within 1e-5.
    assert float(found.factor) == pytest.approx(expected["scaling_factor"], rel=1e-4)
    assert float(found.units) == pytest.approx(expected["additional_users"], rel=2e-4)
    # Our own test is that of the difference, whose noise leaves out the control's share of the lift's.
    ours = additional_units(effect=inputs["target_mde"] * 10, standard_error=row.standard_error, units=units)
    assert ours.units < found.units


@pytest.mark.parametrize("alternative", list(Alternative))
def test_with_the_units_asked_for_the_power_is_reached(alternative):
    effect = -0.02 if alternative is Alternative.LESS else 0.02
    found = additional_units(
        effect=effect, standard_error=0.015, units=1e6, target_power=0.9, alternative=alternative, alpha=0.01
    )
    error = 0.015 / np.sqrt(1 + found.factor)
    again = additional_units(
        effect=effect, standard_error=error, units=1e6, target_power=0.9, alternative=alternative, alpha=0.01
    )
    assert float(again.power_now) == pytest.approx(0.9, rel=1e-9)
    assert float(again.factor) == pytest.approx(0.0, abs=1e-9)


def test_enough_is_enough_and_what_cannot_be_is_named():
    found = additional_units(
        effect=[0.5, 0.0, 0.1, 0.1, np.nan, 1e-12],
        standard_error=[0.01, 0.01, 0.0, 0.01, 0.01, 1.0],
        units=[9, 9, 9, 0, 9, 9],
    )
    assert float(found.units[0]) == 0
    assert reasons_of(found.reason) == (
        None,
        Reason.ZERO_EFFECT,
        Reason.ZERO_VARIANCE,
        Reason.NO_UNITS,
        Reason.NOT_FINITE,
        Reason.TARGET_UNREACHABLE,
    )
    assert np.isnan(found.units[1:]).all()
    wrong = additional_units(effect=0.1, standard_error=0.01, units=9, alternative=Alternative.LESS)
    assert reasons_of(np.atleast_1d(wrong.reason)) == (Reason.WRONG_DIRECTION,)
    with pytest.raises(StatisticsError, match="target_power"):
        additional_units(effect=0.1, standard_error=0.01, units=9, target_power=0.01)


def test_power_of_a_belief_equals_growthbook():
    found_case = next(entry for entry in BAYES["cases"] if entry["id"] == "power_bayes_proper")
    inputs = found_case["inputs"]
    power, search = (row["result"] for row in found_case["engines"]["growthbook_ts"])
    prior = NormalPrior(mean=inputs["prior"]["mean"], standard_deviation=inputs["prior"]["sd"])
    units, lift = inputs["n_total"] / 2, inputs["rel_effect"]
    error = np.sqrt(inputs["variance"] / inputs["mean"] ** 2 / units * (1 + (1 + lift) ** 2))  # of the lift
    found = credible_power(effect=lift, standard_error=error, prior=prior, alpha=inputs["alpha"])
    assert float(found) == pytest.approx(power["power"], rel=1e-9)
    mde = search["mde_rel"]
    error = np.sqrt(inputs["variance"] / inputs["mean"] ** 2 / units * (1 + (1 + mde) ** 2))
    assert float(credible_power(effect=mde, standard_error=error, prior=prior)) == pytest.approx(0.8, abs=1e-4)


def test_a_flat_prior_has_the_power_of_the_test_and_scales_agree():
    flat = credible_power(effect=[0.0, 0.02], standard_error=0.01)
    np.testing.assert_allclose(
        flat, [0.05, stats.norm.sf(1.959963985 - 2) + stats.norm.cdf(-1.959963985 - 2)], rtol=1e-7
    )
    relative = credible_power(effect=0.02, standard_error=0.01, prior=NormalPrior(mean=0.01, standard_deviation=0.02))
    absolute = credible_power(
        effect=0.2, standard_error=0.1, relative=False, control_mean=-10.0,
        prior=NormalPrior(mean=0.01, standard_deviation=0.02),
    )  # fmt: skip
    assert float(absolute) == pytest.approx(float(relative), rel=1e-12)
    with pytest.raises(StatisticsError, match="alpha"):
        credible_power(effect=0.1, standard_error=0.1, alpha=0.0)
