"""Reports: reasons instead of numbers, families, segments, guardrails, traces."""

import numpy as np
import pytest

from analytics.stats import (
    Alternative,
    AnalysisPlan,
    Capping,
    ConversionWindow,
    Correction,
    Covariate,
    Direction,
    ExperimentMoments,
    FunnelStep,
    Margin,
    MarginScale,
    Metric,
    Moments,
    Proportion,
    Quantile,
    QuantileSummary,
    Ratio,
    Reason,
    Retention,
    Role,
    StatisticsError,
    Verdict,
    adjust,
    analyse,
    explain,
    summarise,
)
from analytics.stats.adjustment import estimate_pairs
from analytics.stats.calibration.populations import simulated_moments
from analytics.stats.layout import Layout
from analytics.stats.sequential import AlwaysValid, GroupSequential

ARMS = ("A", "B")


def arm(values, **columns) -> Moments:
    return Moments.from_arrays(value=values, **columns)


def normal(*, size=400, mean=10.0, sd=2.0, seed=0, **more) -> Moments:
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 1, size)
    values = (values - values.mean()) / values.std(ddof=1)
    return arm(mean + sd * values, **more)


def row(control: Moments, treatment: Moments, metric: Metric | None = None, **plan):
    data = ExperimentMoments(arms=ARMS, metrics={"m": Moments.stack([control, treatment])})
    return analyse(AnalysisPlan(control="A", metrics=(metric or Metric(name="m"),), **plan), data).row(metric="m")


NUMBERS = (
    "difference", "standard_error", "statistic", "df", "interval", "lift", "lift_standard_error",
    "lift_interval", "p_value", "log_p_value", "adjusted_p_value", "log_adjusted_p_value",
    "adjusted_interval", "adjusted_lift_interval", "significant", "adjusted_control", "adjusted_treatment",
)  # fmt: skip

EMPTY = Moments.from_centred(columns=("value",), count=0, mean=[0.0], comoment=[[0.0]])
LOST = Moments.from_centred(columns=("value",), count=9, mean=[1e9], comoment=[[np.nan]])
BROKEN = Moments.from_centred(columns=("value",), count=9, mean=[np.inf], comoment=[[np.nan]])
OVERFLOWN = Moments.from_centred(columns=("value",), count=9, mean=[1.0], comoment=[[np.inf]])


@pytest.mark.parametrize(
    ("treatment", "reason"),
    [
        (EMPTY, Reason.NO_UNITS),
        (arm([5.0]), Reason.ONE_UNIT),
        (arm([5.0, 5.0, 5.0]), Reason.ZERO_VARIANCE),
        (LOST, Reason.PRECISION_LOST),
        (BROKEN, Reason.NOT_FINITE),
        (OVERFLOWN, Reason.NOT_FINITE),
    ],
)
def test_what_cannot_be_computed_is_a_reason_and_no_number(treatment, reason):
    for result in (row(normal(), treatment), row(treatment, normal())):
        assert result.reason is reason
        assert [name for name in NUMBERS if getattr(result, name) is not None] == []


def test_what_was_observed_is_still_shown():
    result = row(normal(), arm([5.0]))
    assert (result.control.value, result.control.reason) == (pytest.approx(10.0), None)
    assert (result.treatment.value, result.treatment.standard_error) == (5.0, None)
    assert result.treatment.reason is Reason.ONE_UNIT
    assert row(normal(), EMPTY).treatment.value is None


def test_no_conversions_in_one_arm_is_no_certainty():
    outcome = Moments.from_counts(count=[1000, 20], successes=[100, 0])
    result = row(outcome[0], outcome[1], Metric(name="m", measure=Proportion()))
    assert result.uses_score
    assert result.interval.lower < -0.1
    assert result.interval.upper > 0.05
    assert not result.significant


def test_a_ratio_without_denominator_is_a_reason():
    zeros = arm([1.0, 2.0, 3.0], denominator=[0.0, 0.0, 0.0])
    good = arm([1.0, 2.0, 4.0], denominator=[2.0, 3.0, 3.0])
    result = row(good, zeros, Metric(name="m", measure=Ratio()))
    assert result.reason is Reason.ZERO_DENOMINATOR
    assert result.treatment.value is None


def test_a_numerator_proportional_to_its_denominator_has_no_noise():
    table = np.array([1.0, 2.0, 3.0, 7.0])
    result = row(arm(table / 3, denominator=table), arm(table, denominator=table), Metric(name="m", measure=Ratio()))
    assert result.reason is Reason.ZERO_VARIANCE


def test_an_outcome_explained_entirely_by_its_covariate_has_no_noise():
    before = np.arange(50.0)
    metric = Metric(name="m", covariates=(Covariate(column="before"),))
    result = row(arm(before + 1, before=before), arm(before + 2, before=before), metric)
    assert result.reason is Reason.ZERO_VARIANCE


def test_a_metric_without_data_is_named_and_the_rest_is_analysed():
    metrics = (Metric(name="missing"), Metric(name="m"), Metric(name="slow", measure=Quantile(probability=0.9)))
    data = ExperimentMoments(arms=ARMS, metrics={"m": Moments.stack([normal(), normal(seed=1)])})
    report = analyse(AnalysisPlan(control="A", metrics=metrics), data)
    assert [r.reason for r in report.rows()] == [Reason.NO_DATA, None, Reason.NO_DATA]
    assert report.row(metric="missing").control.units == 0
    assert explain(report=report, metric="missing").arms == ()


def test_a_single_arm_has_nothing_to_compare():
    data = ExperimentMoments(arms=("A",), metrics={"m": normal().reshape(1)})
    report = analyse(AnalysisPlan(control="A", metrics=(Metric(name="m"),)), data)
    assert report.reason is Reason.SINGLE_ARM
    assert list(report.rows()) == []
    assert report.arm(metric="m", arm="A").value == pytest.approx(10.0)


# -- lifts ------------------------------------------------------------------------------


def test_an_improvement_of_a_negative_baseline_is_a_positive_lift():
    result = row(normal(mean=-10.0), normal(mean=-9.5, seed=1))
    assert result.difference == pytest.approx(0.5)
    assert result.lift == pytest.approx(0.05)
    assert 0 < result.lift_interval.lower < result.lift < result.lift_interval.upper


@pytest.mark.parametrize("mean", [0.0, 0.15])
def test_a_baseline_near_zero_has_no_lift(mean):
    result = row(normal(mean=mean), normal(mean=5.0, seed=1))
    assert result.lift_reason is Reason.BASELINE_NEAR_ZERO
    assert (result.lift, result.lift_interval, result.lift_standard_error) == (None, None, None)
    assert result.difference == pytest.approx(5.0 - mean)
    assert result.significant


def test_fieller_ends_are_the_lifts_the_test_just_does_not_reject():
    control, treatment = normal(mean=10.0), normal(mean=11.0, seed=1, sd=3.0)
    result = row(control, treatment)
    for lift in (result.lift_interval.lower, result.lift_interval.upper):
        scaled = Moments.from_centred(
            columns=("value",), count=control.count, mean=control.mean * (1 + lift),
            comoment=control.comoment * (1 + lift) ** 2,
        )  # fmt: skip
        moved = row(scaled, treatment)
        assert abs(moved.statistic) == pytest.approx(
            result.interval.upper / result.standard_error - result.statistic, rel=1e-9
        )


def test_one_sided_lift_interval_matches_its_test():
    result = row(normal(mean=10.0), normal(mean=10.25, seed=1), alternative=Alternative.GREATER)
    assert result.p_value < 0.05 < 2 * result.p_value
    assert result.lift_interval.lower > 0
    assert result.lift_interval.upper == np.inf


# -- adjustment -------------------------------------------------------------------------


def test_a_covariate_measured_after_exposure_is_refused():
    with pytest.raises(StatisticsError, match="measured after exposure"):
        Covariate(column="clicks", measured="after_exposure")


def test_the_lift_of_an_adjusted_mean_carries_the_noise_of_the_pooled_covariate():
    """Against a simulation of the whole procedure: the lift's standard error is right."""
    rng = np.random.default_rng(11)
    metric = Metric(name="m", covariates=(Covariate(column="before"),))
    lifts, errors = [], []
    for _ in range(1500):
        arms = []
        for size, effect in ((60, 0.0), (90, 0.5)):
            before = rng.normal(5, 2, size)
            arms.append(arm(3 + before + effect + rng.normal(0, 1, size), before=before))
        result = row(*arms, metric)
        lifts.append(result.lift)
        errors.append(result.lift_standard_error)
    assert np.mean(errors) == pytest.approx(np.std(lifts), rel=0.06)


def stratified(seed=4, sizes=((80, 70), (60, 66), (25, 30))):
    rng = np.random.default_rng(seed)
    return Moments.stack(
        [
            Moments.stack([arm(rng.normal(10 * s, 1 + s, size), before=rng.normal(size=size)) for size in cells])
            for s, cells in enumerate(sizes)
        ]
    ).reshape(1, 3, 2)


def stratified_report(moments, metric=None, **plan):
    data = ExperimentMoments(arms=ARMS, strata=("x", "y", "z"), metrics={"m": moments})
    return analyse(AnalysisPlan(control="A", metrics=(metric or Metric(name="m"),), **plan), data)


def test_strata_are_pooled_unless_the_plan_stratifies():
    moments = stratified()
    pooled = stratified_report(moments).row(metric="m")
    assert pooled.difference == pytest.approx(float(np.diff(moments.pooled(axis=1).mean[0, :, 0])[0]))
    assert pooled.variance_reduction is None
    assert stratified_report(moments, post_stratify=True).row(metric="m").variance_reduction > 0.5


def test_stratified_ratio_is_the_ratio_of_stratified_means():
    rng = np.random.default_rng(8)
    cells = [
        Moments.stack([arm(rng.poisson(2 + s, 200), denominator=rng.poisson(5, 200) + 1.0) for _ in ARMS])
        for s in range(3)
    ]
    moments = Moments.stack(cells).reshape(1, 3, 2)
    result = stratified_report(moments, Metric(name="m", measure=Ratio()), post_stratify=True).row(metric="m")
    means = moments.mean[0].mean(axis=0)  # equal strata
    assert result.difference == pytest.approx(means[1, 0] / means[1, 1] - means[0, 0] / means[0, 1])


def test_covariates_and_strata_work_together():
    rng = np.random.default_rng(9)
    cells = []
    for s in range(3):
        pair = []
        for effect in (0.0, 0.3):
            before = rng.normal(size=150)
            pair.append(arm(10 * s + 2 * before + effect + rng.normal(size=150), before=before))
        cells.append(Moments.stack(pair))
    moments = Moments.stack(cells).reshape(1, 3, 2)
    covariates = (Covariate(column="before"),)
    both = stratified_report(moments, Metric(name="m", covariates=covariates), post_stratify=True).row(metric="m")
    strata = stratified_report(moments, post_stratify=True).row(metric="m")
    cuped = stratified_report(moments, Metric(name="m", covariates=covariates)).row(metric="m")
    assert both.standard_error < strata.standard_error
    assert both.standard_error < cuped.standard_error
    assert both.standard_error == pytest.approx(np.sqrt(2 / 450), rel=0.1)


def test_a_ratio_may_be_adjusted_by_a_plain_covariate():
    rng = np.random.default_rng(3)
    arms = []
    for _ in ARMS:
        taste = rng.beta(2, 4, 800)
        views = rng.poisson(6, 800) + 1.0
        arms.append(arm(rng.binomial(views.astype(int), taste).astype(float), denominator=views, before=taste))
    metric = Metric(name="m", measure=Ratio(), covariates=(Covariate(column="before"),))
    assert row(*arms, metric).variance_reduction > 0.3
    assert metric.columns == ("value", "denominator", "before")
    assert QUANTILE_METRIC.columns == ()


def test_a_stratum_too_small_for_a_variance_is_a_reason():
    moments = stratified(sizes=((80, 70), (60, 66), (25, 1)))
    assert stratified_report(moments, post_stratify=True).row(metric="m").reason is Reason.SMALL_STRATUM
    assert stratified_report(moments).row(metric="m").reason is None


# -- guardrails -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "better", "verdict"),
    [
        (0.0, Direction.HIGHER, Verdict.SAFE),
        (-0.1, Direction.HIGHER, Verdict.SAFE),
        (-2.0, Direction.HIGHER, Verdict.HARMED),
        (-0.5, Direction.HIGHER, Verdict.HARMED),
        (2.0, Direction.HIGHER, Verdict.SAFE),
        (2.0, Direction.LOWER, Verdict.HARMED),
        (-2.0, Direction.LOWER, Verdict.SAFE),
    ],
)
def test_a_guardrail_is_safe_or_harmed_by_its_direction(change, better, verdict):
    for margin in (Margin(size=0.05), Margin(size=0.5, scale=MarginScale.ABSOLUTE)):
        metric = Metric(name="m", role=Role.GUARDRAIL, better=better, margin=margin)
        result = row(normal(size=800), normal(size=800, mean=10.0 + change, seed=1), metric).guardrail
        assert result.verdict is verdict
        assert np.sign(result.worsening) == (np.sign(-change) if better is Direction.HIGHER else np.sign(change))


def test_a_small_experiment_proves_no_safety():
    metric = Metric(name="m", role=Role.GUARDRAIL, margin=Margin(size=0.02))
    result = row(normal(size=30), normal(size=30, seed=1), metric)
    assert result.p_value > 0.9
    assert result.guardrail.verdict is Verdict.UNDECIDED
    assert result.guardrail.power < 0.2


def test_the_relative_bound_and_the_relative_verdict_agree():
    for seed in range(40):
        rng = np.random.default_rng(seed)
        for better in Direction:
            metric = Metric(name="m", better=better, margin=Margin(size=0.05))
            result = row(arm(rng.normal(10, 2, 100)), arm(rng.normal(10.2, 2, 100)), metric).guardrail
            assert (result.verdict is Verdict.SAFE) == (result.relative_worst_case < 0.05)
            assert result.beyond_margin == (result.relative_best_case > 0.05)


def test_a_negative_baseline_keeps_the_direction_of_harm():
    metric = Metric(name="m", margin=Margin(size=0.05))
    worse = row(normal(mean=-10.0, size=800), normal(mean=-12.0, size=800, seed=1), metric).guardrail
    assert worse.verdict is Verdict.HARMED
    assert worse.relative_worsening == pytest.approx(0.2)


def test_a_guardrail_that_cannot_be_computed_has_a_reason():
    metric = Metric(name="m", role=Role.GUARDRAIL, margin=Margin(size=0.02))
    result = row(normal(), EMPTY, metric).guardrail
    assert (result.verdict, result.reason) == (None, Reason.NO_UNITS)
    assert row(normal(), normal(seed=1)).guardrail is None


def test_guardrail_power_is_the_chance_of_safe_when_nothing_changed():
    rng = np.random.default_rng(2)
    metric = Metric(name="m", margin=Margin(size=0.05, scale=MarginScale.RELATIVE_TO_OBSERVED))
    results = [row(arm(rng.normal(10, 2, 150)), arm(rng.normal(10, 2, 150)), metric).guardrail for _ in range(1000)]
    safe = np.mean([r.verdict is Verdict.SAFE for r in results])
    assert safe == pytest.approx(np.mean([r.power for r in results]), abs=0.05)


# -- families and segments --------------------------------------------------------------


def many(count=6, segments=1, arms=3, seed=1):
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(segments * arms), 60)
    shift = rng.normal(0, 0.4, segments * arms)[group]
    names = [f"m{i}" for i in range(count)]
    data = {
        name: Moments.from_groups(
            group=group, groups=segments * arms, value=5 + shift * (i % 3) + rng.normal(size=group.size)
        ).reshape(segments, arms)
        for i, name in enumerate(names)
    }
    return names, ExperimentMoments(
        arms=tuple("ABC"[:arms]), segments=tuple(f"s{i}" for i in range(segments)), metrics=data
    )


def test_families_are_corrected_apart():
    names, data = many()
    roles = [Role.PRIMARY, Role.PRIMARY, Role.SECONDARY, Role.SECONDARY, Role.GUARDRAIL, Role.GUARDRAIL]
    metrics = tuple(Metric(name=n, role=r) for n, r in zip(names, roles, strict=True))
    report = analyse(AnalysisPlan(control="A", metrics=metrics), data)
    raw, corrected = report.effects.log_p_value, report.corrected.log_p_value
    holm = adjust(log_p=raw[:2].ravel(), correction=Correction.HOLM, alpha=0.05)
    discovery = adjust(log_p=raw[2:4].ravel(), correction=Correction.BENJAMINI_HOCHBERG, alpha=0.05)
    np.testing.assert_allclose(corrected[:2].ravel(), holm.log_p_value)
    np.testing.assert_allclose(corrected[2:4].ravel(), discovery.log_p_value)
    np.testing.assert_array_equal(corrected[4:], raw[4:])


@pytest.mark.parametrize("correction", list(Correction))
def test_adjusted_intervals_agree_with_adjusted_p_values(correction):
    names, data = many(count=10, segments=4)
    metrics = tuple(Metric(name=n, role=Role.PRIMARY) for n in names)
    plan = AnalysisPlan(control="A", metrics=metrics, corrections={Role.PRIMARY: correction})
    rows = list(analyse(plan, data).rows())
    assert len(rows) == 80
    assert any(r.significant for r in rows)
    assert not all(r.significant for r in rows)
    for r in rows:
        assert r.significant is r.adjusted_interval.excludes_zero
        assert r.significant is r.adjusted_lift_interval.excludes_zero
        assert r.significant is (r.adjusted_p_value <= 0.05)


def test_segments_are_one_family_or_one_each():
    names, data = many(count=2, segments=3)
    metrics = tuple(Metric(name=n, role=Role.PRIMARY) for n in names)
    together = analyse(AnalysisPlan(control="A", metrics=metrics), data)
    apart = analyse(AnalysisPlan(control="A", metrics=metrics, family_spans_segments=False), data)
    for s in range(3):
        expected = adjust(log_p=together.effects.log_p_value[:, s].ravel(), correction=Correction.HOLM, alpha=0.05)
        np.testing.assert_allclose(apart.corrected.log_p_value[:, s].ravel(), expected.log_p_value)
    assert (together.corrected.log_p_value >= apart.corrected.log_p_value - 1e-12).all()


def test_one_call_gives_what_single_calls_give():
    names, data = many(count=4, segments=3)
    metrics = tuple(Metric(name=n) for n in names)
    whole = analyse(AnalysisPlan(control="A", metrics=metrics), data)
    for m, metric in enumerate(metrics):
        for s in range(3):
            for t, treatment in enumerate("BC"):
                pair = data.metrics[metric.name][s][[0, 1 + t]]
                alone = analyse(
                    AnalysisPlan(control="A", metrics=(metric,)),
                    ExperimentMoments(arms=("A", treatment), metrics={metric.name: pair}),
                ).row(metric=metric.name)
                assert whole.effects.p_value[m, s, t] == alone.p_value
                row = whole.row(metric=metric.name, segment=f"s{s}", treatment=treatment)
                assert (row.interval, row.lift_interval) == (alone.interval, alone.lift_interval)


def test_control_may_stand_anywhere():
    names, data = many(count=1, arms=3)
    report = analyse(AnalysisPlan(control="B", metrics=(Metric(name=names[0]),)), data)
    assert report.treatments == ("A", "C")
    row = report.row(metric=names[0], treatment="C")
    assert row.difference == pytest.approx(row.treatment.value - row.control.value)
    assert row.control.arm == "B"


def test_quantiles_stand_beside_means():
    rng = np.random.default_rng(6)
    summary = QuantileSummary.stack([summarise(values=rng.exponential(s, 4000), probability=0.9) for s in (10, 12)])
    data = ExperimentMoments(arms=ARMS, metrics={"slow": summary, "m": Moments.stack([normal(), normal(seed=1)])})
    metrics = (Metric(name="slow", measure=Quantile(probability=0.9)), Metric(name="m"))
    report = analyse(AnalysisPlan(control="A", metrics=metrics), data)
    slow = report.row(metric="slow")
    assert slow.interval.lower < 2 * np.log(10) < slow.interval.upper
    trace = explain(report=report, metric="slow")
    assert trace.method == "quantile"
    assert trace.arms == ()


@pytest.mark.parametrize("design", [AlwaysValid(tuning_units=2000), GroupSequential(fractions=(0.3, 0.6))])
def test_sequential_designs_hold_for_every_part_of_a_report(design):
    names, data = many(count=6, arms=3)
    metrics = tuple(Metric(name=n, role=Role.PRIMARY, margin=Margin(size=0.1)) for n in names)
    fixed = analyse(AnalysisPlan(control="A", metrics=metrics), data)
    watched = analyse(AnalysisPlan(control="A", metrics=metrics, design=design), data)
    assert (watched.effects.critical > fixed.effects.critical).all()
    assert (watched.effects.log_p_value >= fixed.effects.log_p_value).all()
    assert (watched.guardrails.worst_case > fixed.guardrails.worst_case).all()
    for r in watched.rows():
        assert r.interval.excludes_zero is r.lift_interval.excludes_zero is (r.p_value <= 0.05)
        assert r.significant is r.adjusted_interval.excludes_zero
    assert explain(report=watched, metric="m0", treatment="B").design == design.name


# -- trace, sample ratio ----------------------------------------------------------------


def test_a_trace_repeats_the_numbers_of_its_row():
    metric = Metric(name="m", role=Role.GUARDRAIL, margin=Margin(size=0.02), covariates=(Covariate(column="before"),))
    report = stratified_report(stratified(), metric, post_stratify=True)
    row, trace = report.row(metric="m"), explain(report=report, metric="m")
    assert trace.method == "welch+cuped+post_stratified"
    steps = {step.name: step.value for step in trace.steps}
    for name in (
        "difference",
        "standard_error",
        "df",
        "statistic",
        "p_value",
        "lift",
        "adjusted_p_value",
        "variance_reduction",
    ):
        assert steps[name] == getattr(row, name)
    assert steps["interval"] == (row.interval.lower, row.interval.upper)
    assert steps["guardrail_power"] == row.guardrail.power
    half = steps["critical"] * steps["standard_error"]
    assert steps["difference"] + half == pytest.approx(row.interval.upper)
    assert [(a.arm, a.stratum) for a in trace.arms] == [(a, s) for a in "AB" for s in "xyz"]
    assert trace.arms[0].count == 80


@pytest.mark.parametrize(
    ("metric", "method"),
    [
        (Metric(name="m", measure=Proportion()), "binomial"),
        (Metric(name="m", measure=Retention(from_day=7)), "binomial"),
        (Metric(name="m", measure=Ratio(denominator="before")), "delta_ratio"),
        (Metric(name="m", measure=FunnelStep(base="before")), "delta_ratio"),
        (Metric(name="m"), "welch"),
    ],
)
def test_a_trace_names_its_method(metric, method):
    outcome = np.tile([0.0, 1.0], 20)
    arms = Moments.stack([arm(outcome, before=np.ones(40)), arm(np.sort(outcome)[5:], before=np.ones(35))])
    report = analyse(AnalysisPlan(control="A", metrics=(metric,)), ExperimentMoments(arms=ARMS, metrics={"m": arms}))
    trace = explain(report=report, metric="m")
    assert trace.method == method
    assert trace.arms[0].columns == metric.columns
    assert trace.arms[1].covariance is not None


def test_a_trace_of_nothing_has_no_numbers():
    data = ExperimentMoments(arms=ARMS, metrics={"m": Moments.stack([normal(), EMPTY])})
    trace = explain(report=analyse(AnalysisPlan(control="A", metrics=(Metric(name="m"),)), data), metric="m")
    assert {step.value for step in trace.steps} == {None}
    assert trace.arms[1].covariance is None


def test_exposures_are_checked_against_the_plan():
    data = ExperimentMoments(
        arms=ARMS, metrics={"m": Moments.stack([normal(), normal(seed=1)])}, exposed=(5000, 5600), multiply_exposed=300
    )
    plan = AnalysisPlan(control="A", metrics=(Metric(name="m"),), weights={"A": 1, "B": 1})
    report = analyse(plan, data)
    assert report.sample_ratio.mismatch
    assert report.multiple_exposures.excessive
    assert report.multiple_exposures.units == 10_900


# -- refusals ---------------------------------------------------------------------------

PLAN = AnalysisPlan(control="A", metrics=(Metric(name="m"),))
DATA = ExperimentMoments(arms=ARMS, metrics={"m": Moments.stack([normal(), normal(seed=1)])}, exposed=(1, 1))
FIRST_ONLY = AnalysisPlan(control="A", metrics=(Metric(name="m0"),))
ONE_COLUMN = Layout(width=1, terms=((0, None),), ddof=1)
QUANTILE_METRIC = Metric(name="m", measure=Quantile(probability=0.5))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: AnalysisPlan(control="A", metrics=(), alpha=0.0), "error level"),
        (lambda: AnalysisPlan(control="A", metrics=(Metric(name="m"), Metric(name="m"))), "repeat"),
        (lambda: analyse(AnalysisPlan(control="Z", metrics=()), DATA), "none of the arms"),
        (lambda: analyse(AnalysisPlan(control="A", metrics=(), post_stratify=True), DATA), "by stratum"),
        (lambda: analyse(AnalysisPlan(control="A", metrics=(), stratum_weights=(1.0,)), DATA), "one weight per"),
        (lambda: analyse(AnalysisPlan(control="A", metrics=(), weights={"Q": 1.0}), DATA), "weights for arms"),
        (lambda: analyse(AnalysisPlan(control="A", metrics=(QUANTILE_METRIC,)), DATA), "not quantiles"),
        (lambda: analyse(PLAN, DATA).row(metric="z"), "no metric"),
        (lambda: analyse(PLAN, DATA).row(metric="m", treatment="A"), "no treatment"),
        (lambda: many(segments=2)[1].cells("zzz"), "zzz"),
        (lambda: analyse(FIRST_ONLY, many()[1]).row(metric="m0"), "name the treatment"),
        (lambda: ExperimentMoments(arms=("A", "A"), metrics={}), "must not repeat"),
        (lambda: ExperimentMoments(arms=ARMS, metrics={"m": normal()}), "batch shape"),
        (lambda: ExperimentMoments(arms=ARMS, metrics={}, exposed=(1,)), "exposed units"),
        (lambda: Metric(name="m", measure=Quantile(probability=0.5), covariates=(Covariate(column="x"),)), "quantiles"),
        (lambda: Metric(name="m", measure=Retention(from_day=1), window=ConversionWindow()), "own window"),
        (lambda: estimate_pairs(moments=normal().reshape(1), layout=ONE_COLUMN), "stratum, arm"),
        (lambda: simulated_moments(control={"y": np.zeros(3)}), "experiment, unit"),
        (lambda: Margin(size=-0.1), "zero or positive"),
        (lambda: Capping(percentile=1.5), "between 0 and 1"),
        (lambda: Capping(percentile=0.9, upper=3.0), "not at both"),
        (lambda: Capping(lower=3.0, upper=3.0), "below the upper"),
        (lambda: ConversionWindow(length_hours=0.0), "positive length"),
        (lambda: Quantile(probability=1.0), "between 0 and 1"),
        (lambda: Retention(from_day=0), "one day after"),
    ],
)  # fmt: skip
def test_wrong_plans_are_refused_by_name(wrong, message):
    with pytest.raises((StatisticsError, KeyError), match=message):
        wrong()


def test_quantile_data_must_be_of_the_planned_quantile():
    summary = QuantileSummary.stack([summarise(values=np.arange(100.0), probability=0.5)] * 2)
    data = ExperimentMoments(arms=ARMS, metrics={"m": summary})
    with pytest.raises(StatisticsError, match="another quantile"):
        analyse(AnalysisPlan(control="A", metrics=(Metric(name="m", measure=Quantile(probability=0.9)),)), data)
    with pytest.raises(StatisticsError, match="not moments"):
        analyse(PLAN, data)
