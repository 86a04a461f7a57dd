"""What must hold for any data."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analytics.stats import (
    AnalysisPlan,
    Correction,
    Covariate,
    ExperimentMoments,
    Margin,
    Mean,
    Metric,
    Moments,
    Proportion,
    Ratio,
    Role,
    Verdict,
    adjust,
    analyse,
)

values = st.floats(-1e3, 1e3, allow_nan=False, width=32)
units = st.lists(st.tuples(values, values, st.floats(0.5, 20, width=32)), min_size=4, max_size=40)


@st.composite
def steady_units(draw):
    """Draw units whose mean is far enough from zero for a lift, of either sign."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size, sign = draw(st.integers(12, 60)), draw(st.sampled_from([-1.0, 1.0]))
    before = rng.normal(0, 1, size)
    noise = draw(st.floats(0.1, 5)) * rng.normal(0, 1, size)
    value = sign * (draw(st.floats(20, 40)) + before + noise)
    return list(zip(value, before, rng.uniform(5, 8, size), strict=True))


@st.composite
def steady_pairs(draw):
    """Draw two arms on the same side of zero, close enough that either verdict occurs."""
    first, second = draw(steady_units()), draw(steady_units())
    target = np.mean([v for v, _, _ in first]) + draw(st.floats(-3, 3))
    shift = target - np.mean([v for v, _, _ in second])
    return first, [(v + shift, x, d) for v, x, d in second]


MEASURES = {
    "mean": Metric(name="m"),
    "cuped": Metric(name="m", covariates=(Covariate(column="before"),)),
    "ratio": Metric(name="m", measure=Ratio()),
    "cuped_ratio": Metric(name="m", measure=Ratio(), covariates=(Covariate(column="before"),)),
}


def moments_of(rows, *, scale=1.0, shift=0.0):
    table = np.array(rows, dtype=np.float64)
    return Moments.from_arrays(value=table[:, 0] * scale + shift, before=table[:, 1], denominator=table[:, 2])


def compare(control, treatment, metric=None, **plan):
    chosen = metric or Metric(name="m")
    data = ExperimentMoments(arms=("A", "B"), metrics={"m": Moments.stack([control, treatment])})
    return analyse(AnalysisPlan(control="A", metrics=(chosen,), **plan), data).row(metric="m")


def computable(row):
    assume(row.reason is None)
    assume(row.standard_error > 1e-6 * (1 + abs(row.control.value) + abs(row.treatment.value)))


@pytest.mark.parametrize("kind", MEASURES)
@given(first=units, second=units)
def test_swapping_arms_flips_the_sign_and_keeps_p(kind, first, second):
    a, b = moments_of(first), moments_of(second)
    row, swapped = compare(a, b, MEASURES[kind]), compare(b, a, MEASURES[kind])
    computable(row)
    assert swapped.difference == pytest.approx(-row.difference, rel=1e-6, abs=1e-9)
    assert swapped.standard_error == pytest.approx(row.standard_error, rel=1e-6)
    assert swapped.log_p_value == pytest.approx(row.log_p_value, rel=1e-5, abs=1e-6)
    assert swapped.interval.lower == pytest.approx(-row.interval.upper, rel=1e-6, abs=1e-6 * row.standard_error)


@given(first=units, second=units, scale=st.sampled_from([1e-6, 0.5, 3.0, 1e6]))
def test_scaling_the_data_scales_the_difference_and_leaves_lift_and_p(first, second, scale):
    row = compare(moments_of(first), moments_of(second))
    computable(row)
    scaled = compare(moments_of(first, scale=scale), moments_of(second, scale=scale))
    assert scaled.difference == pytest.approx(scale * row.difference, rel=1e-9, abs=1e-9 * scale)
    assert scaled.log_p_value == pytest.approx(row.log_p_value, rel=1e-6, abs=1e-9)
    assert scaled.lift_reason == row.lift_reason
    if row.lift is not None:
        assert scaled.lift == pytest.approx(row.lift, rel=1e-6, abs=1e-9)


@given(pair=steady_pairs())
def test_turning_the_data_round_turns_the_lift_round(pair):
    first, second = pair
    row = compare(moments_of(first), moments_of(second))
    mirrored = compare(moments_of(first, scale=-1.0), moments_of(second, scale=-1.0))
    assert mirrored.difference == pytest.approx(-row.difference)
    assert mirrored.lift == pytest.approx(-row.lift)
    assert mirrored.lift_interval.lower == pytest.approx(-row.lift_interval.upper)


@given(first=units, second=units, shift=st.floats(-1e4, 1e4))
def test_shifting_the_data_changes_no_difference(first, second, shift):
    row = compare(moments_of(first), moments_of(second))
    computable(row)
    shifted = compare(moments_of(first, shift=shift), moments_of(second, shift=shift))
    assert shifted.difference == pytest.approx(row.difference, rel=1e-6, abs=1e-8 * (1 + abs(shift)))
    assert shifted.standard_error == pytest.approx(row.standard_error, rel=1e-5)


@pytest.mark.parametrize("kind", MEASURES)
@given(first=units, second=units, cut=st.integers(1, 3))
def test_splitting_the_data_and_adding_the_moments_changes_nothing(kind, first, second, cut):
    whole = compare(moments_of(first), moments_of(second), MEASURES[kind])
    computable(whole)
    parts = compare(
        moments_of(first[:cut]) + moments_of(first[cut:]),
        moments_of(second[:cut]) + moments_of(second[cut:]),
        MEASURES[kind],
    )
    assert parts.difference == pytest.approx(whole.difference, rel=1e-7, abs=1e-9)
    assert parts.standard_error == pytest.approx(whole.standard_error, rel=1e-6)


@given(first=units, second=units, times=st.integers(2, 10))
def test_more_data_of_the_same_kind_narrows_the_interval(first, second, times):
    row = compare(moments_of(first), moments_of(second))
    computable(row)
    more = compare(moments_of(first * times), moments_of(second * times))
    assert more.difference == pytest.approx(row.difference, rel=1e-9, abs=1e-9)
    assert more.interval.upper - more.interval.lower < row.interval.upper - row.interval.lower


@pytest.mark.parametrize("kind", MEASURES)
@given(pair=steady_pairs(), alpha=st.sampled_from([0.001, 0.05, 0.3]))
def test_lift_interval_excludes_zero_exactly_when_the_difference_does(kind, pair, alpha):
    first, second = pair
    row = compare(moments_of(first), moments_of(second), MEASURES[kind], alpha=alpha)
    near = min(abs(row.interval.lower), abs(row.interval.upper)) < 1e-9 * row.standard_error
    assume(not near)
    assert row.lift_interval.excludes_zero is row.interval.excludes_zero
    assert row.interval.excludes_zero is (row.p_value <= alpha)
    assert row.lift_interval.lower <= row.lift <= row.lift_interval.upper


@given(first=units, second=units)
def test_a_mean_is_a_ratio_whose_denominator_is_one(first, second):
    def with_ones(rows):
        table = np.array(rows, dtype=np.float64)
        return Moments.from_arrays(value=table[:, 0], denominator=np.ones(len(rows)), before=table[:, 1])

    a, b = with_ones(first), with_ones(second)
    covariates = (Covariate(column="before"),)
    for extra in ((), covariates):
        mean = compare(a, b, Metric(name="m", covariates=extra))
        ratio = compare(a, b, Metric(name="m", measure=Ratio(), covariates=extra))
        computable(mean)
        assert ratio.difference == pytest.approx(mean.difference, rel=1e-9, abs=1e-9)
        assert ratio.standard_error == pytest.approx(mean.standard_error, rel=1e-6)


@given(first=units, second=units)
def test_adding_a_copy_of_a_covariate_changes_nothing(first, second):
    def doubled(rows):
        table = np.array(rows, dtype=np.float64)
        return Moments.from_arrays(value=table[:, 0], before=table[:, 1], copy=table[:, 1] * 2)

    a, b = doubled(first), doubled(second)
    one = compare(a, b, Metric(name="m", covariates=(Covariate(column="before"),)))
    computable(one)
    two = compare(a, b, Metric(name="m", covariates=(Covariate(column="before"), Covariate(column="copy"))))
    assert two.difference == pytest.approx(one.difference, rel=1e-6, abs=1e-6 * one.standard_error)
    assert two.standard_error == pytest.approx(one.standard_error, rel=1e-6)


@given(counts=st.lists(st.tuples(st.integers(5, 500), st.integers(5, 500)), min_size=2, max_size=2))
def test_a_constant_covariate_changes_nothing_about_a_proportion(counts):
    def arm(yes, no):
        outcome = np.repeat([1.0, 0.0], [yes, no])
        return Moments.from_arrays(value=outcome, before=np.full(yes + no, 0.1))

    a, b = (arm(*pair) for pair in counts)
    plain = compare(a, b, Metric(name="m", measure=Proportion()))
    adjusted = compare(a, b, Metric(name="m", measure=Proportion(), covariates=(Covariate(column="before"),)))
    assert adjusted.difference == pytest.approx(plain.difference, rel=1e-12)
    assert adjusted.p_value == pytest.approx(plain.p_value, rel=1e-9)


p_values = st.lists(st.floats(1e-12, 1.0), min_size=1, max_size=12)


@pytest.mark.parametrize("correction", list(Correction))
@given(p=p_values, alpha=st.sampled_from([0.01, 0.05, 0.2]))
def test_corrected_intervals_agree_with_corrected_p_values(correction, p, alpha):
    log_p = np.log(p)
    result = adjust(log_p=log_p, correction=correction, alpha=alpha)
    level = result.interval_level
    clear = np.abs(log_p - np.log(level)) > 1e-9
    assert ((log_p < np.log(level)) == result.rejected)[clear].all()
    assert (level <= alpha * (1 + 1e-12)).all()
    assert (level >= alpha / (len(p) * sum(1 / k for k in range(1, len(p) + 1))) * (1 - 1e-9)).all()
    assert (result.log_p_value >= log_p - 1e-12).all()
    assert (np.diff(result.log_p_value[np.argsort(log_p, kind="stable")]) >= -1e-12).all()


@given(p=p_values)
def test_uncomputable_tests_are_no_part_of_a_family(p):
    for correction in Correction:
        alone = adjust(log_p=np.log(p), correction=correction, alpha=0.05)
        padded = adjust(log_p=np.append(np.log(p), [np.nan, np.nan]), correction=correction, alpha=0.05)
        np.testing.assert_allclose(padded.log_p_value[:-2], alone.log_p_value)
        np.testing.assert_allclose(padded.interval_level[:-2], alone.interval_level)
        assert np.isnan(padded.log_p_value[-2:]).all()
        assert not padded.rejected[-2:].any()


@settings(max_examples=50)
@given(pair=steady_pairs(), size=st.floats(0.01, 0.5))
def test_guardrail_with_a_larger_margin_is_at_least_as_safe(pair, size):
    first, second = pair

    def verdict(margin):
        metric = Metric(name="m", measure=Mean(), role=Role.GUARDRAIL, margin=Margin(size=margin))
        return compare(moments_of(first), moments_of(second), metric).guardrail

    small, large = verdict(size), verdict(2 * size)
    assert small.worsening == large.worsening
    assert large.power >= small.power - 1e-9
    if small.verdict is Verdict.SAFE and small.p_value < 1e-4:
        # A wider relative margin is also a noisier one, so only clear cases must stay safe.
        assert large.verdict is Verdict.SAFE
