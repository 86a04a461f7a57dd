"""Power, sample size, detectable effect and margin against other engines and against each other."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.power import NormalIndPower, TTestIndPower

from analytics.stats.planning import (
    Alternative,
    ExperimentDesign,
    FixedHorizon,
    NonInferiority,
    Scale,
    Superiority,
    mean_baseline,
    minimum_detectable_effect,
    power,
    rate_baseline,
    ratio_baseline,
    sample_size,
    smallest_margin,
)
from analytics.stats.reasons import Reason, StatisticsError, reason_of, reasons_of

ORACLE = json.loads((Path(__file__).parents[1] / "oracles" / "planning.json").read_text())
NORMAL = FixedHorizon(normal=True)


def case(name: str) -> dict[str, Any]:
    return next(entry for entry in ORACLE["cases"] if entry["id"] == name)


def answer(name: str, engine: str, variant: str) -> dict[str, float]:
    return next(row["result"] for row in case(name)["engines"][engine] if row["variant"] == variant)


def baseline_of(inputs: dict[str, Any]):
    if "p" in inputs:
        return rate_baseline(rate=inputs["p"], same_variance=True)
    return mean_baseline(
        mean=inputs["mean"],
        standard_deviation=inputs["variance"] ** 0.5,
        covariate_correlation=inputs.get("cuped_rho", 0.0),
    )


@pytest.mark.parametrize("name", ["power_mean_gbpub", "power_mean_simple", "power_prop_10pct_lift5"])
@pytest.mark.parametrize("variant", ["t", "z"])
def test_power_equals_statsmodels(name: str, variant: str) -> None:
    inputs = case(name)["inputs"]
    design = ExperimentDesign(
        alpha=inputs["alpha"],
        allocation=(1.0,) * inputs["n_variations"],
        comparisons=1,
        monitoring=FixedHorizon(normal=variant == "z"),
    )
    result = power(baseline=baseline_of(inputs), effect=inputs["rel_effect"], total=inputs["n_total"], design=design)
    # statsmodels' noncentral t is a series whose error at 266,666 degrees of freedom is 5e-6;
    # the adaptive integral in test_tail.py decides in favour of ours.
    tolerance = 1e-5 if (name, variant) == ("power_mean_gbpub", "t") else 1e-9
    expected = answer(name, "statsmodels_scipy", variant)["power"]
    assert float(result.power) == pytest.approx(expected, rel=tolerance)


@pytest.mark.parametrize("name", ["n_mean_simple", "n_mean_cuped_rho07", "n_prop_10pct_lift5"])
@pytest.mark.parametrize("variant", ["t", "z"])
def test_sample_size_equals_statsmodels(name: str, variant: str) -> None:
    inputs = case(name)["inputs"]
    design = ExperimentDesign(alpha=inputs["alpha"], monitoring=FixedHorizon(normal=variant == "z"))
    size = sample_size(
        baseline=baseline_of(inputs), effect=inputs["rel_effect"], target_power=inputs["power"], design=design
    )
    expected = answer(name, "statsmodels_scipy", variant)["n_total_two_arms"]
    # statsmodels stops its search early; our own root has the asked power to 1e-12 (below).
    assert float(size.total_exact) == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("name", ["mde_mean_simple", "mde_prop_10pct"])
@pytest.mark.parametrize("variant", ["t", "z"])
def test_detectable_effect_equals_tea_tasting(name: str, variant: str) -> None:
    inputs = case(name)["inputs"]
    design = ExperimentDesign(alpha=inputs["alpha"], monitoring=FixedHorizon(normal=variant == "z"))
    effect = minimum_detectable_effect(
        baseline=baseline_of(inputs), total=inputs["n_total"], target_power=inputs["power"], design=design
    )
    # statsmodels differs in the fifth digit: its answer has power 0.79997, not 0.8.
    expected = answer(name, "tea_tasting_1.14.0", variant)["mde_rel"]
    assert float(effect.relative) == pytest.approx(expected, rel=1e-9)


def test_proportions_use_each_arms_variance_like_spotify() -> None:
    inputs = case("n_prop_10pct_lift5")["inputs"]
    size = sample_size(
        baseline=rate_baseline(rate=inputs["p"]),
        effect=inputs["rel_effect"],
        target_power=inputs["power"],
        design=ExperimentDesign(alpha=inputs["alpha"], monitoring=NORMAL),
    )
    expected = answer("n_prop_10pct_lift5", "spotify_confidence_4.1.0", "SampleSizeCalculator")
    assert float(size.total) == expected["n_total_two_arms"]


def test_absolute_statistic_needs_fewer_units_than_growthbooks_relative_one() -> None:
    size = sample_size(baseline=mean_baseline(mean=20, standard_deviation=20), effect=0.05, design=ExperimentDesign())
    relative = answer("n_mean_simple", "growthbook_ts", "growthbook_ts_bisected")["n_total_two_arms"]
    assert float(size.total) < relative


@pytest.mark.parametrize("allocation", [(1.0, 2.0), (2.0, 1.0), (99.0, 1.0)])
def test_unequal_split_where_tea_tasting_raises(allocation: tuple[float, float]) -> None:
    """The peer's bracket leaves one control unit, so that degrees of freedom divide by zero."""
    design = ExperimentDesign(allocation=allocation, monitoring=NORMAL)
    baseline = mean_baseline(mean=20, standard_deviation=20)
    size = sample_size(baseline=baseline, effect=0.05, design=design)
    control = NormalIndPower().solve_power(effect_size=0.05, power=0.8, alpha=0.05, ratio=allocation[1] / allocation[0])
    expected = control * (1.0 + allocation[1] / allocation[0])
    assert float(size.total_exact) == pytest.approx(expected, rel=1e-6)
    student = sample_size(baseline=baseline, effect=0.05, design=replace(design, monitoring=FixedHorizon()))
    assert float(student.total_exact) > float(size.total_exact)


@pytest.mark.parametrize("units", [10**5, 999_999, 10**6, 10**7, 10**9, 10**12])
def test_no_solver_fails_around_a_million_units(units: int) -> None:
    """The peer's noncentral t is NaN at a million."""
    baseline = rate_baseline(rate=0.1)
    design = ExperimentDesign()
    effect = minimum_detectable_effect(baseline=baseline, total=units, design=design)
    assert reason_of(int(effect.reason)) is None
    assert float(power(baseline=baseline, effect=effect.relative, total=units, design=design).power) == (
        pytest.approx(0.8, rel=1e-9)
    )
    size = sample_size(baseline=baseline, effect=effect.relative, design=design)
    assert float(size.total_exact) == pytest.approx(units, rel=1e-9)


def test_correction_divides_alpha_by_arms_and_metrics() -> None:
    baseline = mean_baseline(mean=1, standard_deviation=1)
    three = ExperimentDesign(allocation=(1, 1, 1), metrics=2)
    alone = ExperimentDesign(alpha=0.05 / 4, monitoring=three.monitoring)
    assert three.alpha_per_test == pytest.approx(0.0125)
    many = sample_size(baseline=baseline, effect=0.05, design=three)
    pair = sample_size(baseline=baseline, effect=0.05, design=alone)
    assert float(many.total_exact) == pytest.approx(1.5 * float(pair.total_exact), rel=1e-9)


def test_smallest_arm_decides() -> None:
    baseline = mean_baseline(mean=1, standard_deviation=1)
    design = ExperimentDesign(allocation=(4, 4, 1), comparisons=1)
    result = power(baseline=baseline, effect=0.1, total=9_000, design=design)
    assert result.per_comparison[0] > result.per_comparison[1]
    assert float(result.power) == float(result.per_comparison[1])


def test_cuped_leaves_the_unexplained_share_of_the_units() -> None:
    design = ExperimentDesign(monitoring=NORMAL)
    plain, adjusted = (
        sample_size(
            baseline=mean_baseline(mean=20, standard_deviation=20, covariate_correlation=correlation),
            effect=0.05,
            design=design,
        )
        for correlation in (0.0, 0.6)
    )
    assert float(adjusted.total_exact / plain.total_exact) == pytest.approx(0.64, rel=1e-12)


def test_ratio_with_constant_denominator_is_a_mean() -> None:
    ratio = ratio_baseline(
        numerator_mean=20, denominator_mean=1, numerator_variance=400, denominator_variance=0, covariance=0
    )
    mean = mean_baseline(mean=20, standard_deviation=20)
    design = ExperimentDesign()
    assert sample_size(baseline=ratio, effect=0.05, design=design).total == (
        sample_size(baseline=mean, effect=0.05, design=design).total
    )


def test_non_inferiority_with_absolute_margin_is_a_one_sided_test_of_that_size() -> None:
    design = ExperimentDesign(hypothesis=NonInferiority(margin=1.0, scale=Scale.ABSOLUTE))
    size = sample_size(baseline=mean_baseline(mean=20, standard_deviation=20), design=design)
    expected = TTestIndPower().solve_power(effect_size=0.05, power=0.8, alpha=0.05, alternative="larger")
    assert float(size.total_exact) == pytest.approx(2 * expected, rel=1e-6)


@pytest.mark.parametrize("higher_is_better", [True, False])
@pytest.mark.parametrize("mean", [20.0, -20.0])
@pytest.mark.parametrize("scale", list(Scale))
def test_margin_and_units_are_inverse(higher_is_better: bool, mean: float, scale: Scale) -> None:
    baseline = mean_baseline(mean=mean, standard_deviation=20)
    hypothesis = NonInferiority(margin=0.04, scale=scale, higher_is_better=higher_is_better)
    design = ExperimentDesign(hypothesis=hypothesis)
    size = sample_size(baseline=baseline, design=design)
    margin = smallest_margin(baseline=baseline, total=size.total_exact, design=design)
    found = margin.relative if scale is Scale.RELATIVE else margin.absolute
    assert float(found) == pytest.approx(0.04, rel=1e-9)


def test_power_of_a_harmful_treatment_to_pass_as_safe_at_the_margin_is_alpha() -> None:
    design = ExperimentDesign(hypothesis=NonInferiority(margin=0.05))
    result = power(
        baseline=mean_baseline(mean=-10, standard_deviation=5), effect=-0.05, total=[100, 10_000], design=design
    )
    assert result.power == pytest.approx([0.05, 0.05], rel=1e-9)


def test_relative_effect_of_a_negative_mean_keeps_its_direction() -> None:
    design = ExperimentDesign(hypothesis=Superiority(alternative=Alternative.GREATER))
    up, down = (
        power(baseline=mean_baseline(mean=-10, standard_deviation=5), effect=effect, total=2_000, design=design)
        for effect in (0.05, -0.05)
    )
    assert float(up.power) > 0.5
    assert float(down.power) < 0.05


@pytest.mark.parametrize(
    ("baseline", "effect", "alternative", "expected"),
    [
        (mean_baseline(mean=0, standard_deviation=1), 0.1, "two-sided", Reason.BASELINE_NEAR_ZERO),
        (mean_baseline(mean=1, standard_deviation=0), 0.1, "two-sided", Reason.ZERO_VARIANCE),
        (mean_baseline(mean=1, standard_deviation=1), 0.0, "two-sided", Reason.ZERO_EFFECT),
        (mean_baseline(mean=1, standard_deviation=1), -0.1, "greater", Reason.WRONG_DIRECTION),
        (mean_baseline(mean=1, standard_deviation=1), np.nan, "two-sided", Reason.NOT_FINITE),
        (rate_baseline(rate=0.6), 0.9, "two-sided", Reason.OUT_OF_RANGE),
        (rate_baseline(rate=0.0), 0.1, "two-sided", Reason.ZERO_VARIANCE),
        (mean_baseline(mean=1, standard_deviation=1), 1e-12, "two-sided", Reason.TARGET_UNREACHABLE),
    ],
)
def test_impossible_plan_names_its_reason(baseline: Any, effect: float, alternative: str, expected: Reason) -> None:
    design = ExperimentDesign(hypothesis=Superiority(alternative=Alternative(alternative)))
    size = sample_size(baseline=baseline, effect=effect, design=design)
    assert reason_of(int(size.reason)) is expected
    assert np.isnan(size.total)
    assert np.isnan(size.per_arm).all()


def test_reasons_stand_at_their_place_in_an_array() -> None:
    result = power(
        baseline=mean_baseline(mean=[1, 0, 1], standard_deviation=1),
        effect=0.1,
        total=[1_000, 1_000, 3],
        design=ExperimentDesign(),
    )
    assert reasons_of(result.reason) == (None, Reason.BASELINE_NEAR_ZERO, Reason.TOO_FEW_UNITS)
    assert np.isfinite(result.power).tolist() == [True, False, False]


def test_detectable_rate_effect_beyond_the_possible_is_unreachable() -> None:
    effect = minimum_detectable_effect(
        baseline=rate_baseline(rate=0.05), total=40, design=ExperimentDesign(), increase=False
    )
    assert reason_of(int(effect.reason)) is Reason.TARGET_UNREACHABLE


@pytest.mark.parametrize(
    "change",
    [{"alpha": 0.0}, {"allocation": (1.0,)}, {"allocation": (1.0, 0.0)}, {"metrics": 0}, {"comparisons": 0}],
)
def test_meaningless_design_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(StatisticsError):
        ExperimentDesign(**change)


def test_power_below_the_error_rate_is_refused_as_a_target() -> None:
    with pytest.raises(StatisticsError):
        sample_size(
            baseline=mean_baseline(mean=1, standard_deviation=1),
            effect=0.1,
            target_power=0.05,
            design=ExperimentDesign(),
        )


designs = st.builds(
    ExperimentDesign,
    alpha=st.floats(0.001, 0.2),
    allocation=st.lists(st.floats(0.2, 5.0), min_size=2, max_size=4).map(tuple),
    hypothesis=st.builds(Superiority, alternative=st.just(Alternative.TWO_SIDED)),
    monitoring=st.builds(FixedHorizon, normal=st.booleans()),
)


@settings(deadline=None)
@given(
    design=designs,
    rate=st.floats(0.01, 0.6),
    effect=st.floats(0.002, 0.5),
    target=st.floats(0.3, 0.99),
)
def test_power_at_the_solved_size_is_the_target(
    design: ExperimentDesign, rate: float, effect: float, target: float
) -> None:
    baseline = rate_baseline(rate=rate)
    size = sample_size(baseline=baseline, effect=effect, target_power=target, design=design)
    if float(size.total_exact) > 2.001 / min(design.shares):
        reached = power(baseline=baseline, effect=effect, total=size.total_exact, design=design)
        assert float(reached.power) == pytest.approx(target, rel=1e-9)
    assert float(size.power) >= target - 1e-9


@settings(deadline=None)
@given(design=designs, deviation=st.floats(0.1, 100), total=st.floats(500, 1e8), target=st.floats(0.3, 0.99))
def test_effect_and_size_are_inverse_and_more_units_find_less(
    design: ExperimentDesign, deviation: float, total: float, target: float
) -> None:
    baseline = mean_baseline(mean=10, standard_deviation=deviation)
    effects = minimum_detectable_effect(baseline=baseline, total=[total, 2 * total], target_power=target, design=design)
    assert effects.absolute[1] < effects.absolute[0]
    size = sample_size(
        baseline=baseline, effect=effects.absolute, target_power=target, design=design, scale=Scale.ABSOLUTE
    )
    assert size.total_exact == pytest.approx([total, 2 * total], rel=1e-7)
