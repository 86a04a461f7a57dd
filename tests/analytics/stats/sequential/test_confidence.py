"""Confidence sequences against gbstats and the closed form."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.stats.reasons import Reason, StatisticsError, reasons_of
from analytics.stats.sequential import AlwaysValid, confidence_sequence, running_intersection

CASES: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "oracles" / "sequential.json").read_text())[
    "cases"
]
TWO_SIDED = [case for case in CASES if "alternative" not in case["inputs"]]


@pytest.mark.parametrize("case", TWO_SIDED, ids=lambda case: case["id"])
def test_interval_and_p_value_equal_gbstats_and_the_closed_form(case: dict[str, Any]) -> None:
    inputs = case["inputs"]
    for answers in case["engines"].values():
        expected = answers[0]["result"]
        found = confidence_sequence(
            estimate=expected["point"],
            standard_error=expected["se"],
            units=inputs["control"]["n"] + inputs["treatment"]["n"],
            alpha=inputs["alpha"],
            design=AlwaysValid(tuning_units=inputs["tuning"], tuning_alpha=inputs["alpha"]),
        )
        assert float(found.lower) == pytest.approx(expected["ci_lower"], rel=1e-9)
        assert float(found.upper) == pytest.approx(expected["ci_upper"], rel=1e-9)
        assert float(found.p_value) == pytest.approx(expected["p_value"], rel=1e-9)


def test_one_sided_bound_equals_gbstats_head() -> None:
    case = next(case for case in CASES if case["inputs"].get("alternative") == "greater")
    expected = case["engines"]["gbstats_head"][0]["result"]
    units = case["inputs"]["control"]["n"] + case["inputs"]["treatment"]["n"]
    found = confidence_sequence(
        estimate=expected["point"], standard_error=expected["se"], units=units, alternative="greater"
    )
    assert float(found.lower) == pytest.approx(expected["ci_lower"], rel=1e-9)
    assert np.isposinf(found.upper)
    # gbstats searches the level by bisection, retunes the mixture at every level it tries, and
    # clips to [1e-5, 0.4999]. A mixture that depends on the level is not one martingale; ours is
    # tuned once, so that p < alpha exactly when the bound of that alpha excludes zero.
    level = float(found.p_value)
    touching = confidence_sequence(
        estimate=expected["point"], standard_error=expected["se"], units=units, alpha=level, alternative="greater"
    )
    assert float(touching.lower) == pytest.approx(0.0, abs=1e-15)


def test_one_sided_p_value_is_not_clipped() -> None:
    sure = confidence_sequence(estimate=30.0, standard_error=1.0, units=10_000, alternative="greater")
    assert float(sure.p_value) < 1e-100
    none = confidence_sequence(estimate=-1.0, standard_error=1.0, units=10_000, alternative="greater")
    assert float(none.p_value) == 1.0


def test_log_p_value_does_not_underflow() -> None:
    found = confidence_sequence(estimate=100.0, standard_error=1.0, units=10_000)
    assert float(found.log_p_value) < -4_000


@settings(deadline=None)
@given(
    estimate=st.floats(-10, 10),
    error=st.floats(0.01, 5),
    units=st.floats(10, 1e8),
    alpha=st.floats(0.001, 0.2),
    tuning=st.floats(100, 1e7),
    alternative=st.sampled_from(["two-sided", "greater", "less"]),
)
def test_interval_excludes_zero_exactly_when_p_is_below_alpha(
    *, estimate: float, error: float, units: float, alpha: float, tuning: float, alternative: str
) -> None:
    found = confidence_sequence(
        estimate=estimate,
        standard_error=error,
        units=units,
        alpha=alpha,
        alternative=alternative,
        design=AlwaysValid(tuning_units=tuning),
    )
    nearest = min(abs(float(found.lower)), abs(float(found.upper)))
    if nearest > 1e-9 * error:
        excludes = not float(found.lower) <= 0.0 <= float(found.upper)
        assert excludes == (float(found.p_value) < alpha)
    mirrored = confidence_sequence(
        estimate=-estimate,
        standard_error=error,
        units=units,
        alpha=alpha,
        alternative={"greater": "less", "less": "greater"}.get(alternative, alternative),
        design=AlwaysValid(tuning_units=tuning),
    )
    assert float(mirrored.lower) == -float(found.upper)
    assert float(mirrored.p_value) == float(found.p_value)


def test_sequence_is_relatively_tightest_near_its_tuning() -> None:
    units = np.geomspace(50, 5e6, 400)
    width = AlwaysValid(tuning_units=5_000).critical(alpha=0.05, df=np.inf, units=units, two_sided=True)
    assert 4_000 < units[np.argmin(width)] < 6_500


def test_impossible_elements_have_a_reason_and_no_number() -> None:
    found = confidence_sequence(
        estimate=[1.0, 1.0, np.nan, 1.0], standard_error=[1.0, 0.0, 1.0, 1.0], units=[10, 10, 10, 0]
    )
    assert reasons_of(found.reason) == (None, Reason.ZERO_VARIANCE, Reason.NOT_FINITE, Reason.NO_UNITS)
    for numbers in (found.lower, found.upper, found.p_value, found.log_p_value):
        assert np.isnan(numbers).tolist() == [False, True, True, True]


def test_running_intersection_narrows_and_skips_looks_without_numbers() -> None:
    lower, upper = running_intersection(lower=[-2.0, np.nan, -3.0, 0.5], upper=[2.0, np.nan, 1.0, 4.0])
    assert lower.tolist() == [-2.0, -2.0, -2.0, 0.5]
    assert upper.tolist() == [2.0, 2.0, 1.0, 1.0]


@pytest.mark.parametrize("change", [{"tuning_units": 0.0}, {"tuning_alpha": 0.5}, {"tuning_units": np.inf}])
def test_meaningless_tuning_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(StatisticsError):
        AlwaysValid(**change)


def test_unknown_alternative_is_refused() -> None:
    with pytest.raises(StatisticsError):
        confidence_sequence(estimate=1.0, standard_error=1.0, units=10, alternative="bigger")
