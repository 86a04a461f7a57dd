"""Phases of a run: pauses do not count, re-weighting neither biases effects nor looks like a broken split."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
import pytest
from django.utils import timezone
from scipy import stats

from analytics.results import compute
from analytics.results.page import page_context
from analytics.results.phases import regions_of
from analytics.results.snapshot import report_from, to_plain
from analytics.stats import AnalysisPlan, ExperimentMoments, Metric, Moments, Proportion, analyse
from experiments.allocation import rollout
from experiments.assignment.bucketing import allot
from experiments.models import Experiment
from experiments.public import get_run_design, record
from experiments.running import lifecycle
from tests.analytics.traffic import Unit, event, store

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def launched(draft, analyst):
    """The draft, launched six days ago with a fifth of the units."""
    Experiment.objects.filter(pk=draft.pk).update(coverage=0.2)
    draft.refresh_from_db()
    lifecycle.launch(draft, actor=analyst, now=timezone.now() - 6 * DAY)
    draft.refresh_from_db()
    return draft


@dataclass(frozen=True)
class Shown:
    """Who was exposed: when, in which arm and in which phase their bucket was given away."""

    number: int
    arm: int
    region: int
    is_late: bool
    clicks: bool


def visits(run, *, people, returning):
    """Return whom visits expose: the first people come in both phases, the others in the second one only."""
    first, second = (phase.allotment for phase in run.phases)
    shown = []
    for number in range(people):
        unit = f"p{number}"
        early, late = (allot(seed=run.design.seed, unit=unit, allotment=each) for each in (first, second))
        if number < returning and early >= 0:
            shown.append(Shown(number, early, 0, False, number % 10 < 1))
        elif late >= 0:
            shown.append(Shown(number, late, 0 if early >= 0 else 1, True, number % 10 < 6))
    return shown


@pytest.fixture
def reweighted(launched, analyst):
    """First 10% click, and 60% after weights and coverage rose; the variant changes nothing."""
    start = timezone.now() - 6 * DAY
    rollout.raise_weights(launched, weights=[0.3, 0.7], coverage=1.0, actor=analyst, now=start + 3 * DAY)
    run = get_run_design(launched.key)
    shown = visits(run, people=3000, returning=1500)
    arms = [variant.key for variant in run.design.variants]
    store(
        launched.runs.get(),
        [
            Unit(f"p{s.number}", arms[s.arm], start + (3 * DAY if s.is_late else 0 * DAY) + HOUR, clicks=int(s.clicks))
            for s in shown
        ],
    )
    return run, shown


def pooled(run):
    """Return the run as if it had had one phase with the weights of the launch."""
    return replace(run, phases=run.phases[:1])


def cells(shown):
    """Return the clicks by (region, arm)."""
    return {
        (region, arm): np.array([float(s.clicks) for s in shown if (s.region, s.arm) == (region, arm)])
        for region in (0, 1)
        for arm in (0, 1)
    }


def test_time_trend_with_changed_weights_biases_pooled_units_and_not_strata(reweighted):
    run, shown = reweighted
    biased, report = compute(pooled(run)), compute(run)
    assert biased.oec.comparisons[0].significant
    assert biased.oec.comparisons[0].difference > 0.03

    row, by = report.oec.comparisons[0], cells(shown)
    share = {region: (len(by[region, 0]) + len(by[region, 1])) / len(shown) for region in (0, 1)}
    gap = {region: by[region, 1].mean() - by[region, 0].mean() for region in (0, 1)}
    assert row.difference == pytest.approx(sum(share[r] * gap[r] for r in (0, 1)), rel=1e-9)
    variance = sum(share[r] ** 2 * by[r, a].var() / len(by[r, a]) for r in (0, 1) for a in (0, 1))
    variance += sum(share[r] * (gap[r] - row.difference) ** 2 for r in (0, 1)) / len(shown)
    assert row.standard_error == pytest.approx(variance**0.5, rel=1e-9)
    assert not row.significant
    assert (report.strata, report.left_out, report.units) == (2, 0, len(shown))
    assert "post-stratification" in page_context(report, run.design)["phases_note"]


def test_planned_change_of_weights_is_no_sample_ratio_mismatch_though_units_return(reweighted):
    run, shown = reweighted
    assert compute(pooled(run)).sample_ratio.mismatch
    report = compute(run)
    sizes = [sum(s.region == region for s in shown) for region in (0, 1)]
    # The first region was split in halves; of the second the control got 20 of 80 points, the treatment 60.
    expected = [sizes[0] / 2 + sizes[1] / 4, sizes[0] / 2 + sizes[1] * 3 / 4]
    assert [arm.expected for arm in report.allocation] == pytest.approx(expected)
    observed = [sum(s.arm == arm for s in shown) for arm in (0, 1)]
    assert report.sample_ratio.p_value == pytest.approx(stats.chisquare(observed, expected).pvalue, rel=1e-9)
    assert not report.sample_ratio.mismatch
    early, late = report.phases
    assert (early.kind, early.coverage, early.weights) == ("launch", 0.2, (0.5, 0.5))
    assert (late.kind, late.coverage, late.weights) == ("weights", 1.0, (0.3, 0.7))
    assert early.units == tuple(sum(s.arm == arm and not s.is_late for s in shown) for arm in (0, 1))
    assert late.units == tuple(sum(s.arm == arm and s.is_late for s in shown) for arm in (0, 1))


def test_lopsided_allocation_is_still_a_mismatch_after_a_change_of_weights(reweighted, launched):
    run, _shown = reweighted
    at = timezone.now() - 2 * DAY
    extra = (
        n
        for n in range(3000, 9000)
        if allot(seed=run.design.seed, unit=f"p{n}", allotment=run.phases[1].allotment) == 1
    )
    store(launched.runs.get(), [Unit(f"p{n}", "discount", at) for n in list(extra)[:500]])
    assert compute(run).sample_ratio.mismatch


def test_series_of_strata_ends_at_the_headline_and_begins_before_the_change(reweighted):
    run, shown = reweighted
    report = compute(run)
    known = [point for point in report.series if point.difference is not None]
    assert known[0].units == sum(not s.is_late for s in shown)
    assert known[-1].units == len(shown)
    headline = report.oec.comparisons[0]
    assert (known[-1].difference, known[-1].low) == pytest.approx((headline.difference, headline.low))


def test_raised_coverage_pools_all_phases(launched, analyst):
    start = timezone.now() - 6 * DAY
    rollout.ramp_up(launched, coverage=1.0, actor=analyst, now=start + 3 * DAY)
    units = [
        Unit(f"{when}-{variant}-{n}", variant, start + day * DAY + HOUR, clicks=int(n < clickers))
        for when, day, variant, count, clickers in (
            ("e", 0, "control", 50, 5),
            ("e", 0, "discount", 50, 10),
            ("l", 3, "control", 80, 20),
            ("l", 3, "discount", 70, 30),
        )
        for n in range(count)
    ]
    store(launched.runs.get(), units)
    report = compute(get_run_design(launched.key))
    assert report.strata == 0
    assert report.oec.comparisons[0].difference == pytest.approx(40 / 120 - 25 / 130)
    assert [phase.units for phase in report.phases] == [(50, 50), (80, 70)]
    assert [phase.coverage for phase in report.phases] == [0.2, 1.0]


def test_buckets_of_equal_weights_are_one_region_and_of_others_two(reweighted):
    run, _ = reweighted
    regions = regions_of(run.phases)
    assert regions.weights == ((0.5, 0.5), (0.25, 0.75))
    assert np.bincount(regions.of_bucket).tolist() == [2000, 8000]
    assert not regions_of(run.phases[:1]).differ


def test_events_during_a_pause_do_not_count(started, analyst):
    at, experiment = started.started_at.replace(microsecond=0) + HOUR / 2, started.experiment
    store(started, [Unit(f"{v}-{n}", v, at + HOUR) for v in ("control", "discount") for n in range(4)])
    paused, resumed = at + DAY, at + 2 * DAY
    record(
        events=[
            event("click", "control-0", paused - timedelta(milliseconds=1), component="x"),
            event("click", "control-1", paused, component="x"),
            event("click", "control-2", resumed - timedelta(milliseconds=1), component="x"),
            event("click", "control-3", resumed, component="x"),
            event("click", "discount-0", at + 3 * DAY, component="x"),
        ]
    )

    def clickers():
        return [arm.numerator for arm in compute(get_run_design(experiment.key)).oec.arms]

    assert clickers() == [4, 1]
    lifecycle.pause(experiment, actor=analyst, now=paused)
    assert clickers() == [1, 0]
    assert compute(get_run_design(experiment.key)).progress.daily_rate is None
    lifecycle.resume(experiment, actor=analyst, now=resumed)
    assert clickers() == [2, 1]


def test_phase_that_nobody_came_in_yet_leaves_the_others_as_they_are(reweighted):
    run, _ = reweighted
    early = replace(run, stopped_at=run.phases[1].started_at + HOUR / 2, status="stopped")
    report = compute(early)
    assert (report.strata, report.left_out) == (0, 0)
    assert report.oec.comparisons[0].difference is not None


def test_report_with_phases_survives_the_archive(reweighted):
    report = compute(reweighted[0])
    assert report_from(to_plain(report)) == report
    plain = to_plain(report)
    for name in ("phases", "strata", "left_out"):
        del plain[name]
    assert report_from(plain).phases == ()


def test_no_effect_under_trend_and_reweighting_is_found_as_often_as_alpha_says(started):
    """The strata's test keeps its level where the pooled one nearly always errs (on moments, by simulation)."""
    rng = np.random.default_rng(3)
    plan = AnalysisPlan(control="A", metrics=(Metric(name="m", measure=Proportion()),), post_stratify=True)
    wrong = {"strata": 0, "pooled": 0}
    for _ in range(400):
        arm = np.r_[rng.random(800) < 0.5, rng.random(800) < 0.8].astype(int)
        late = np.repeat([0, 1], 800)
        value = (rng.random(1600) < np.where(late, 0.4, 0.1)).astype(float)
        moments = Moments.from_groups(group=late * 2 + arm, groups=4, value=value).reshape(1, 2, 2)
        both = {
            "strata": (plan, ExperimentMoments(arms=("A", "B"), metrics={"m": moments}, strata=("1", "2"))),
            "pooled": (
                replace(plan, post_stratify=False),
                ExperimentMoments(arms=("A", "B"), metrics={"m": moments[0].pooled(axis=0)}),
            ),
        }
        for name, (which, data) in both.items():
            wrong[name] += bool(analyse(which, data).row(metric="m").significant)
    assert 6 <= wrong["strata"] <= 36  # 20 expected of 400; beyond is rarer than 1 in 1,000
    assert wrong["pooled"] > 200
