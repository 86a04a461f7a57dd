"""Phases of a run: pauses do not count, re-weighting neither biases effects nor looks like a broken split."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from scipy import stats

from analytics.results import compute
from analytics.results.page import page_context
from analytics.results.snapshot import report_from, to_plain
from experiments.public import PhaseDesign, get_run_design, record
from tests.analytics.traffic import Unit, event, store

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def phase(number, kind, started_at, *, weights=(0.5, 0.5), coverage=1.0):
    return PhaseDesign(
        number=number,
        kind=kind,
        paused=kind == "pause",
        coverage=coverage,
        weights=weights,
        allotment=(),
        started_at=started_at,
    )


def with_phases(run, *phases):
    """Return the run's design with these phases after its launch."""
    design = get_run_design(run.experiment.key)
    return replace(design, phases=(replace(phase(1, "launch", run.started_at), **phases[0]), *phases[1:]))


def clicking(variant, count, clickers, at, prefix):
    """Return units of which the first ones click."""
    return [
        Unit(f"{prefix}-{variant}-{n}", variant, at + n * timedelta(seconds=1), clicks=int(n < clickers))
        for n in range(count)
    ]


def reweighted(started):
    """Two days at 50/50 in which 10% click, then 20/80 while 40% click: the variant changes nothing."""
    early, late = started.started_at + timedelta(hours=1), started.started_at + 2 * DAY + timedelta(hours=1)
    store(
        started,
        [
            *clicking("control", 200, 20, early, "early"),
            *clicking("discount", 200, 20, early, "early"),
            *clicking("control", 100, 40, late, "late"),
            *clicking("discount", 400, 160, late, "late"),
        ],
    )
    return phase(2, "weights", started.started_at + 2 * DAY, weights=(0.2, 0.8))


def test_time_trend_with_changed_weights_biases_pooled_units_and_not_strata(started):
    second = reweighted(started)
    pooled = compute(with_phases(started, {}))
    stratified = compute(with_phases(started, {}, second))

    assert pooled.oec.comparisons[0].difference == pytest.approx(180 / 600 - 60 / 300)
    assert pooled.oec.comparisons[0].significant
    row = stratified.oec.comparisons[0]
    assert row.difference == pytest.approx(0, abs=1e-12)
    assert not row.significant
    assert (stratified.strata, stratified.left_out) == (2, 0)
    # Within strata, with their shares of the units as weights, and the noise of these shares.
    cells = {(0, "c"): (200, 0.1), (0, "t"): (200, 0.1), (1, "c"): (100, 0.4), (1, "t"): (400, 0.4)}
    share = {0: 400 / 900, 1: 500 / 900}
    variance = sum(share[s] ** 2 * p * (1 - p) / n for (s, _), (n, p) in cells.items())
    assert row.standard_error == pytest.approx(variance**0.5, rel=1e-9)
    note = page_context(stratified, get_run_design(started.experiment.key).design)["phases_note"]
    assert "post-stratification" in note


def test_planned_change_of_weights_is_no_sample_ratio_mismatch(started):
    second = reweighted(started)
    pooled = compute(with_phases(started, {}))
    assert pooled.sample_ratio.mismatch
    report = compute(with_phases(started, {}, second))
    assert [arm.expected for arm in report.allocation] == pytest.approx([200 + 100, 200 + 400])
    assert report.sample_ratio.p_value == pytest.approx(1)
    assert not report.sample_ratio.mismatch
    assert [(p.number, p.weights, p.units) for p in report.phases] == [
        (1, (0.5, 0.5), (200, 200)),
        (2, (0.2, 0.8), (100, 400)),
    ]


def test_lopsided_allocation_within_a_phase_is_still_a_mismatch(started):
    second = reweighted(started)
    store(started, clicking("control", 120, 0, started.started_at + 3 * DAY, "extra"))
    report = compute(with_phases(started, {}, second))
    expected = [200 + 620 * 0.2, 200 + 620 * 0.8]
    assert report.sample_ratio.p_value == pytest.approx(stats.chisquare([420, 600], expected).pvalue, rel=1e-9)
    assert report.sample_ratio.mismatch


def test_series_of_strata_ends_at_the_headline_and_has_the_days_before_the_change(started):
    second = reweighted(started)
    report = compute(with_phases(started, {}, second))
    known = [point for point in report.series if point.difference is not None]
    assert known[0].units == 400
    assert known[-1].units == 900
    assert known[-1].difference == pytest.approx(report.oec.comparisons[0].difference, abs=1e-12)


def test_raised_coverage_pools_all_phases(started):
    early, late = started.started_at + timedelta(hours=1), started.started_at + 2 * DAY
    store(started, [*clicking("control", 50, 5, early, "e"), *clicking("discount", 50, 10, early, "e")])
    store(started, [*clicking("control", 80, 20, late, "l"), *clicking("discount", 70, 30, late, "l")])
    ramp = phase(2, "ramp", late - timedelta(hours=1))
    report = compute(with_phases(started, {"coverage": 0.1}, ramp))
    assert report.strata == 0
    assert report.oec.comparisons[0].difference == pytest.approx(40 / 120 - 25 / 130)
    assert [p.units for p in report.phases] == [(50, 50), (80, 70)]
    assert [p.coverage for p in report.phases] == [0.1, 1.0]


def test_events_during_a_pause_do_not_count(started):
    at = started.started_at
    store(started, [Unit(f"{v}-{n}", v, at + timedelta(hours=1)) for v in ("control", "discount") for n in range(4)])
    paused, resumed = at + DAY, at + 2 * DAY
    record(
        events=[
            event("click", "control-0", paused - timedelta(microseconds=1), component="x"),
            event("click", "control-1", paused, component="x"),
            event("click", "control-2", resumed - timedelta(microseconds=1), component="x"),
            event("click", "control-3", resumed, component="x"),
            event("click", "discount-0", at + 3 * DAY, component="x"),
        ]
    )
    pause = phase(2, "pause", paused)
    ended = with_phases(started, {}, pause, phase(3, "resume", resumed))
    assert [arm.numerator for arm in compute(ended).oec.arms] == [2, 1]
    assert [arm.numerator for arm in compute(replace(with_phases(started, {}, pause), status="paused")).oec.arms] == [
        1,
        0,
    ]
    assert [arm.numerator for arm in compute(with_phases(started, {})).oec.arms] == [4, 1]


def test_units_of_a_phase_too_short_to_compare_are_left_out_and_said(started):
    early, late = started.started_at + timedelta(hours=1), started.started_at + 2 * DAY
    store(started, [*clicking("control", 50, 5, early, "e"), *clicking("discount", 50, 10, early, "e")])
    store(started, [*clicking("control", 1, 1, late, "l"), *clicking("discount", 3, 0, late, "l")])
    second = phase(2, "weights", late - timedelta(hours=1), weights=(0.2, 0.8))
    report = compute(with_phases(started, {}, second))
    assert (report.units, report.left_out, report.strata) == (104, 4, 0)
    assert report.oec.comparisons[0].difference == pytest.approx(10 / 50 - 5 / 50)


def test_report_with_phases_survives_the_archive(started):
    report = compute(with_phases(started, {}, reweighted(started)))
    assert report_from(to_plain(report)) == report
    plain = to_plain(report)
    for name in ("phases", "strata", "left_out"):
        del plain[name]
    assert report_from(plain).phases == ()


def test_no_effect_under_trend_and_reweighting_is_found_as_often_as_alpha_says(started):
    """The strata's test keeps its level where the pooled one nearly always errs (on moments, by simulation)."""
    from analytics.stats import AnalysisPlan, ExperimentMoments, Metric, Moments, Proportion, analyse  # noqa: PLC0415

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
