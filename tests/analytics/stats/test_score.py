"""Score tests and intervals of two proportions: published values, brute force, and the whole analysis."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special, stats
from statsmodels.stats.proportion import confint_proportions_2indep

from analytics.stats import (
    Alternative,
    AnalysisPlan,
    Correction,
    Covariate,
    Direction,
    ExperimentMoments,
    Margin,
    MarginScale,
    Metric,
    Moments,
    Proportion,
    RateTest,
    Reason,
    Retention,
    Role,
    Verdict,
    analyse,
    explain,
)
from analytics.stats.score import (
    Counts,
    difference_interval,
    difference_statistic,
    ratio_interval,
    ratio_statistic,
)
from analytics.stats.sequential import AlwaysValid

Z = np.array([-special.ndtri(0.025)])
SCORE = Proportion(test=RateTest.SCORE)


def counts(x_t, n_t, x_c, n_c) -> Counts:
    return Counts(
        **{name: np.array([float(v)]) for name, v in {"x_c": x_c, "n_c": n_c, "x_t": x_t, "n_t": n_t}.items()}
    )


def ends(interval) -> tuple[float, float]:
    return float(interval[0][0]), float(interval[1][0])


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ((56, 70, 48, 80), (0.0528, 0.3382)),
        ((9, 10, 3, 10), (0.1700, 0.8406)),
        ((10, 10, 0, 20), (0.7156, 1.0)),
    ],
)
def test_interval_of_the_difference_equals_published_values(table, expected):
    """Newcombe (1998), Statistics in Medicine 17, 873-890: three examples, method of Miettinen and Nurminen."""
    assert ends(difference_interval(counts=counts(*table), critical=Z)) == pytest.approx(expected, abs=5e-5)


@pytest.mark.parametrize("table", [(120, 1000, 100, 1000), (25, 100_000, 12, 100_000), (3, 40, 7, 300), (5, 50, 1, 70)])
def test_interval_of_the_ratio_equals_statsmodels(table):
    # For differences statsmodels 0.15 has a wrong term in its cubic (successes where units belong).
    expected = confint_proportions_2indep(*table, method="score", compare="ratio", correction=True)
    assert ends(ratio_interval(counts=counts(*table), critical=Z)) == pytest.approx(expected, rel=1e-6)


@settings(max_examples=60, deadline=None)
@given(
    units=st.tuples(st.integers(2, 400), st.integers(2, 400)),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    delta=st.floats(-0.9, 0.9),
)
def test_restricted_rates_are_the_most_likely_ones(units, shares, delta):
    n_t, n_c = units
    x_t, x_c = round(n_t * shares[0]), round(n_c * shares[1])

    def unlikelihood(rate):
        other = rate + delta
        part = special.xlogy(x_c, rate) + special.xlog1py(n_c - x_c, -rate)
        return -(part + special.xlogy(x_t, other) + special.xlog1py(n_t - x_t, -other))

    best = optimize.minimize_scalar(
        unlikelihood, bounds=(max(0, -delta), min(1, 1 - delta)), method="bounded", options={"xatol": 1e-12}
    ).x
    total = n_t + n_c
    variance = ((best + delta) * (1 - best - delta) / n_t + best * (1 - best) / n_c) * total / (total - 1)
    expected = (x_t / n_t - x_c / n_c - delta) / np.sqrt(max(variance, 1e-300))
    found = float(difference_statistic(counts=counts(x_t, n_t, x_c, n_c), difference=np.array([delta]))[0])
    if variance > 1e-6 and abs(expected) < 50:
        assert found == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_tiny_rates_keep_their_digits():
    table = counts(1, 1_000_000, 4, 500_000)
    expected = (1e-6 - 8e-6) / np.sqrt(table.null_variance())
    for found in (
        difference_statistic(counts=table, difference=np.zeros(1)),
        ratio_statistic(counts=table, ratio=np.ones(1)),
    ):
        np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_impossible_hypotheses_are_refused_and_true_ones_are_not():
    all_of_none = counts(10, 10, 0, 10)
    assert difference_statistic(counts=all_of_none, difference=np.array([-1.0]))[0] > 1e5
    assert ratio_statistic(counts=counts(0, 10, 0, 10), ratio=np.array([1.0]))[0] == 0.0


def row(control, treatment, measure=None, **options):
    count, successes = zip(control, treatment, strict=True)
    metric = Metric(name="m", measure=measure or Proportion(), **options.pop("metric", {}))
    data = ExperimentMoments(arms=("A", "B"), metrics={"m": Moments.from_counts(count=count, successes=successes)})
    return analyse(AnalysisPlan(control="A", metrics=(metric,), **options), data).row(metric="m")


@pytest.mark.parametrize(
    ("control", "treatment", "lift"),
    [((500, 0), (500, 9), None), ((500, 9), (500, 0), -1.0), ((80, 80), (70, 62), 62 / 70 - 1)],
)
@pytest.mark.parametrize("measure", [Proportion(), Retention(from_day=7), SCORE])
def test_an_arm_without_variance_is_judged_by_the_score_test(control, treatment, lift, measure):
    result = row(control, treatment, measure)
    assert result.uses_score
    assert result.reason is None
    assert result.difference == pytest.approx(treatment[1] / treatment[0] - control[1] / control[0])
    assert result.interval.lower < result.difference < result.interval.upper
    assert result.interval.excludes_zero is (result.p_value <= 0.05)
    table = [[control[1], control[0] - control[1]], [treatment[1], treatment[0] - treatment[1]]]
    total = control[0] + treatment[0]
    chi_square = stats.chi2_contingency(table, correction=False).statistic * (total - 1) / total
    assert result.p_value == pytest.approx(stats.chi2.sf(chi_square, 1), rel=1e-9)
    assert (result.df, result.lift_standard_error) == (None, None)
    if lift is None:
        assert (result.lift, result.lift_reason) == (None, Reason.BASELINE_NEAR_ZERO)
    else:
        assert result.lift == pytest.approx(lift)
        assert result.lift_interval.lower <= result.lift <= result.lift_interval.upper
        assert result.lift_interval.excludes_zero is result.interval.excludes_zero


@pytest.mark.parametrize(
    ("control", "treatment", "reason"),
    [
        ((50, 0), (60, 0), Reason.ZERO_VARIANCE),
        ((50, 50), (60, 60), Reason.ZERO_VARIANCE),
        ((50, 0), (1, 1), Reason.ONE_UNIT),
        ((50, 0), (0, 0), Reason.NO_UNITS),
        ((0, 0), (50, 0), Reason.NO_UNITS),
    ],
)
@pytest.mark.parametrize("measure", [Proportion(), SCORE])
def test_where_nothing_was_observed_there_is_still_no_number(control, treatment, reason, measure):
    result = row(control, treatment, measure)
    assert result.reason in (reason, Reason.ZERO_VARIANCE)
    assert (result.interval, result.p_value, result.uses_score) == (None, None, False)


def test_a_mean_without_variance_stays_refused():
    moments = Moments.from_counts(count=[50, 50], successes=[0, 5])
    data = ExperimentMoments(arms=("A", "B"), metrics={"m": moments})
    result = analyse(AnalysisPlan(control="A", metrics=(Metric(name="m"),)), data).row(metric="m")
    assert result.reason is Reason.ZERO_VARIANCE


def test_covariates_and_strata_leave_no_place_for_the_score_test():
    units = np.arange(80)
    moments = Moments.from_groups(group=units // 40, groups=2, value=(units > 60).astype(float), before=units % 7)
    metric = Metric(name="m", measure=SCORE, covariates=(Covariate(column="before"),))
    data = ExperimentMoments(arms=("A", "B"), metrics={"m": moments})
    assert analyse(AnalysisPlan(control="A", metrics=(metric,)), data).row(metric="m").reason is Reason.ZERO_VARIANCE


def test_a_planned_score_test_compares_every_pair_and_welch_none_that_it_can():
    assert row((1000, 20), (1000, 30), SCORE).uses_score
    assert not row((1000, 20), (1000, 30)).uses_score


@settings(max_examples=40, deadline=None)
@given(
    hits=st.tuples(st.integers(0, 30), st.integers(0, 30)), units=st.tuples(st.integers(31, 90), st.integers(31, 90))
)
def test_one_verdict_and_mirrored_arms(hits, units):
    here = row((units[0], hits[0]), (units[1], hits[1]), SCORE)
    there = row((units[1], hits[1]), (units[0], hits[0]), SCORE)
    if here.reason is not None:
        assert hits == (0, 0)
        return
    assert here.p_value == pytest.approx(there.p_value, rel=1e-9)
    assert here.interval.lower == pytest.approx(-there.interval.upper, abs=1e-9)
    assert here.interval.excludes_zero is here.significant
    if here.lift_interval is not None:
        assert here.lift_interval.excludes_zero is here.significant


def test_directions_corrections_and_sequences_use_the_same_test():
    greater = row((500, 0), (500, 9), alternative=Alternative.GREATER)
    two_sided = row((500, 0), (500, 9))
    assert greater.p_value == pytest.approx(two_sided.p_value / 2, rel=1e-9)
    assert (greater.interval.upper, greater.interval.lower > two_sided.interval.lower) == (np.inf, True)
    less = row((500, 9), (500, 0), alternative=Alternative.LESS)
    assert less.lift_interval.lower == -np.inf
    assert less.lift_interval.upper < 0
    watched = row((500, 0), (500, 9), design=AlwaysValid(tuning_units=1000))
    assert watched.interval.lower < two_sided.interval.lower
    assert watched.p_value > two_sided.p_value
    both = Moments.from_counts(count=[500, 500, 500], successes=[0, 7, 9])
    metric = Metric(name="m", measure=Proportion(), role=Role.PRIMARY)
    plan = AnalysisPlan(control="A", metrics=(metric,), corrections={Role.PRIMARY: Correction.BONFERRONI})
    report = analyse(plan, ExperimentMoments(arms=("A", "B", "C"), metrics={"m": both}))
    corrected = report.row(metric="m", treatment="C")
    assert corrected.adjusted_p_value == pytest.approx(2 * two_sided.p_value, rel=1e-9)
    assert corrected.adjusted_interval.excludes_zero is corrected.significant
    assert corrected.adjusted_interval.lower < corrected.interval.lower


@pytest.mark.parametrize("scale", list(MarginScale))
def test_a_guardrail_without_events_in_one_arm_has_a_verdict(scale):
    """Crashes: 12 of 4,000 in control, none in treatment."""
    margin = Margin(size=0.5 if scale is not MarginScale.ABSOLUTE else 0.0015, scale=scale)
    guarded = {"better": Direction.LOWER, "margin": margin, "role": Role.GUARDRAIL}
    verdict = row((4000, 12), (4000, 0), metric=guarded).guardrail
    assert verdict.verdict is Verdict.SAFE
    assert verdict.worst_case < verdict.margin
    assert verdict.worsening == pytest.approx(-0.003)
    assert verdict.best_case < verdict.worsening < verdict.worst_case
    assert verdict.p_value < 0.05
    assert 0 < verdict.power < 1


def test_crashes_that_control_does_not_have_are_harm():
    guarded = {"better": Direction.LOWER, "role": Role.GUARDRAIL}
    bad = row((4000, 0), (4000, 12), metric={**guarded, "margin": Margin(size=0.0005, scale=MarginScale.ABSOLUTE)})
    assert bad.guardrail.verdict is Verdict.HARMED
    assert bad.guardrail.beyond_margin
    relative = row((4000, 0), (4000, 12), metric={**guarded, "margin": Margin(size=0.1)})
    assert relative.guardrail.verdict is Verdict.HARMED
    assert relative.guardrail.relative_worsening is None


def test_safe_agrees_with_the_bound_at_the_margin():
    """A bound within the margin and a small p-value are one statement, absolute and relative."""
    for crashes in range(0, 30, 3):
        for scale, size in ((MarginScale.ABSOLUTE, 0.002), (MarginScale.RELATIVE, 0.4)):
            guarded = {"better": Direction.LOWER, "role": Role.GUARDRAIL, "margin": Margin(size=size, scale=scale)}
            verdict = row((5000, 20), (5000, crashes), SCORE, metric=guarded).guardrail
            worst = verdict.worst_case if scale is MarginScale.ABSOLUTE else verdict.relative_worst_case
            assert (worst < size) is (verdict.verdict is Verdict.SAFE)


def test_the_trace_names_the_score_test():
    moments = Moments.from_counts(count=[500, 500], successes=[0, 9])
    data = ExperimentMoments(arms=("A", "B"), metrics={"m": moments})
    report = analyse(AnalysisPlan(control="A", metrics=(Metric(name="m", measure=Proportion()),)), data)
    trace = explain(report=report, metric="m")
    assert trace.method == "score"
    assert "Miettinen" in next(step for step in trace.steps if step.name == "interval").reference
