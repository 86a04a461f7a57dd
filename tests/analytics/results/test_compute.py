"""Every number of a report agrees with a computation from the raw rows, by other means."""

from datetime import timedelta

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

from analytics.results import compute
from experiments.public import ExposureInput, get_run_design, record
from tests.analytics.traffic import Unit, event, store

pytestmark = pytest.mark.django_db


def report_of(key="hero-discount"):
    return compute(get_run_design(key))


def by_variant(units, value):
    return {
        variant: np.array([value(unit) for unit in units if unit.variant == variant])
        for variant in ("control", "discount")
    }


def test_proportion_agrees_with_scipy_and_statsmodels(winner):
    row = report_of().oec.comparisons[0]
    clicked = by_variant(winner, lambda unit: float(unit.clicks > 0))
    c, t = clicked["control"], clicked["discount"]
    variance = t.var() / len(t) + c.var() / len(c)
    df = variance**2 / ((t.var() / len(t)) ** 2 / (len(t) - 1) + (c.var() / len(c)) ** 2 / (len(c) - 1))
    assert row.difference == pytest.approx(t.mean() - c.mean(), rel=1e-12)
    assert row.p_value == pytest.approx(2 * stats.t.sf(abs(t.mean() - c.mean()) / variance**0.5, df), rel=1e-9)
    low, high = confint_proportions_2indep(
        int(t.sum()), len(t), int(c.sum()), len(c), method="wald", compare="diff", alpha=0.05
    )
    assert (row.low, row.high) == pytest.approx((low, high), abs=2e-4)  # statsmodels takes the normal distribution
    assert row.lift == pytest.approx(t.mean() / c.mean() - 1, rel=1e-12)
    assert row.significant
    assert row.improved


def test_lift_interval_is_fiellers(winner):
    row = report_of().oec.comparisons[0]
    clicked = by_variant(winner, lambda unit: float(unit.clicks > 0))
    c, t = clicked["control"], clicked["discount"]
    vc, vt = c.var() / len(c), t.var() / len(t)
    critical = stats.t.ppf(0.975, row.df)
    for end in (row.lift_low, row.lift_high):  # the ends are where the linear hypothesis is just rejected
        ratio = 1 + end
        assert abs(t.mean() - ratio * c.mean()) / (vt + ratio**2 * vc) ** 0.5 == pytest.approx(critical, rel=1e-9)


def test_ratio_agrees_with_a_delta_method_on_raw_rows(winner):
    metric = report_of().guardrails[0]
    amounts = by_variant(winner, lambda unit: float(sum(unit.orders)))
    counts = by_variant(winner, lambda unit: float(len(unit.orders)))
    value, variance = {}, {}
    for variant in amounts:
        m, d = amounts[variant], counts[variant]
        value[variant] = m.sum() / d.sum()
        residual = m - value[variant] * d  # the linearised ratio
        variance[variant] = residual.var(ddof=1) / len(m) / d.mean() ** 2
    row = metric.comparisons[0]
    assert [arm.value for arm in metric.arms] == pytest.approx([value["control"], value["discount"]], rel=1e-12)
    assert row.standard_error == pytest.approx((variance["control"] + variance["discount"]) ** 0.5, rel=1e-9)
    assert row.p_value == pytest.approx(
        2 * stats.t.sf(abs(value["discount"] - value["control"]) / row.standard_error, row.df), rel=1e-9
    )
    assert [arm.denominator for arm in metric.arms] == [counts["control"].sum(), counts["discount"].sum()]


def test_guardrail_is_a_one_sided_test_against_the_relative_margin(winner):
    metric = report_of().guardrails[0]
    guardrail, row = metric.comparisons[0].guardrail, metric.comparisons[0]
    control, treatment = metric.arms
    slack = treatment.value - (1 - metric.margin) * control.value
    error = (treatment.standard_error**2 + ((1 - metric.margin) * control.standard_error) ** 2) ** 0.5
    assert guardrail.p_value == pytest.approx(stats.t.sf(slack / error, row.df), rel=1e-6)
    assert (guardrail.verdict == "safe") == (row.lift_low > -metric.margin) == (guardrail.p_value <= 0.025)


def test_mean_agrees_with_welch(draft, analyst, started_with_revenue, winner_of_revenue):
    row = report_of().oec.comparisons[0]
    spent = by_variant(winner_of_revenue, lambda unit: float(sum(unit.orders)))
    welch = stats.ttest_ind(spent["discount"], spent["control"], equal_var=False)
    assert row.p_value == pytest.approx(welch.pvalue, rel=1e-9)
    compared = CompareMeans(DescrStatsW(spent["discount"]), DescrStatsW(spent["control"]))
    assert (row.low, row.high) == pytest.approx(compared.tconfint_diff(usevar="unequal"), rel=1e-9)


def test_sample_ratio_agrees_with_scipy(winner):
    report = report_of()
    assert [arm.units for arm in report.allocation] == [1010, 1000]
    assert report.sample_ratio.p_value == pytest.approx(stats.chisquare([1010, 1000]).pvalue, rel=1e-12)
    assert report.sample_ratio.mismatch is False


def test_lopsided_allocation_is_a_mismatch(started, winner):
    store(started, [Unit(f"extra-{n}", "discount", started.started_at + timedelta(hours=1)) for n in range(250)])
    report = report_of()
    assert report.sample_ratio.p_value == pytest.approx(stats.chisquare([1010, 1250]).pvalue, rel=1e-9)
    assert report.sample_ratio.mismatch


def test_unit_in_two_variants_counts_in_neither_and_as_a_fault(started, winner):
    ids = {variant["key"]: variant["id"] for variant in started.snapshot["variants"]}
    before = report_of()
    again = [
        ExposureInput(
            run_id=started.pk, variant_id=ids["discount"], unit_id=f"control-{n}", exposed_at=started.started_at
        )
        for n in range(15)
    ]
    record(events=[], exposures=again)
    report = report_of()
    assert (report.multiple.units, report.multiple.excessive) == (15, False)
    assert [arm.units for arm in report.allocation] == [995, 1000]
    assert before.oec.comparisons[0].difference != report.oec.comparisons[0].difference


def test_only_events_from_the_first_exposure_to_the_stop_count(started, analyst):
    at = started.started_at.replace(microsecond=0) + timedelta(hours=1)
    store(started, [Unit(f"{variant}-{n}", variant, at) for variant in ("control", "discount") for n in range(5)])
    stopped = at + timedelta(hours=2)
    counted = [
        event("click", "control-0", at, component="x"),
        event("click", "control-1", stopped - timedelta(milliseconds=1), component="x"),
    ]
    ignored = [
        event("click", "control-2", at - timedelta(milliseconds=1), component="x"),
        event("click", "control-3", stopped, component="x"),
        event("click", "stranger", at, component="x"),
        event("search", "control-4", at, query="x", results=0),
    ]
    record(events=[*counted, *ignored])
    started.experiment.refresh_from_db()
    from experiments.running import lifecycle  # noqa: PLC0415

    lifecycle.stop(started.experiment, actor=analyst, now=stopped)
    assert [arm.numerator for arm in report_of().oec.arms] == [2, 0]


def test_series_ends_at_the_headline_and_adds_up_by_day(winner):
    report = report_of()
    assert report.bucket == "day"
    last, headline = report.series[-1], report.oec.comparisons[0]
    assert (last.difference, last.low, last.high) == pytest.approx((headline.difference, headline.low, headline.high))
    assert [point.units for point in report.series] == sorted(point.units for point in report.series)
    assert last.units == 2010
    first_day = min(point.at for point in report.series)
    until = first_day + timedelta(days=1)
    early = [unit for unit in winner if unit.exposed_at < until]
    clicked = by_variant(early, lambda unit: float(unit.clicks > 0))
    assert report.series[0].units == len(early)
    assert report.series[0].difference == pytest.approx(clicked["discount"].mean() - clicked["control"].mean())


def test_no_exposure_is_no_report(started):
    assert report_of() is None


def test_single_unit_has_a_reason_and_no_number(started):
    store(started, [Unit("only", "control", started.started_at + timedelta(hours=1))])
    row = report_of().oec.comparisons[0]
    assert (row.difference, row.p_value, row.reason) == (None, None, "one_unit")
    assert report_of().sample_ratio.reason == "too_few_units"


def test_same_data_is_computed_once_and_new_data_again(started, winner):
    first = report_of()
    assert report_of() == first
    record(events=[event("click", "control-0", started.started_at + timedelta(hours=3), component="x")])
    assert report_of().computed_at > first.computed_at


def test_progress_counts_what_is_left_at_the_rate_of_the_last_day(started, winner):
    progress = report_of().progress
    assert (progress.planned, progress.reached, progress.days_left) == (2000, 2010, 0)
    assert progress.is_complete
