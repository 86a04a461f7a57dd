"""Heterogeneity read from a report, against statsmodels."""

import numpy as np
import pytest
from statsmodels.stats.meta_analysis import combine_effects

from analytics.stats import (
    AnalysisPlan,
    ExperimentMoments,
    Metric,
    Moments,
    Reason,
    analyse,
    effects_across_segments,
    heterogeneity,
)
from analytics.stats.document import report_document

SEGMENTS = ("web", "ios", "android", "empty")


def report(effects=(0.0, 0.0, 1.0)):
    rng = np.random.default_rng(11)
    cells = [[rng.normal(10 + on * effect, 2, 400) for on in (0, 1, 0.2)] for effect in effects]
    cells.append([np.empty(0)] * 3)
    moments = Moments.stack([Moments.stack([Moments.from_arrays(value=cell) for cell in row]) for row in cells])
    data = ExperimentMoments(arms=("A", "B", "C"), segments=SEGMENTS, metrics={"m": moments, "n": moments})
    return analyse(AnalysisPlan(control="A", metrics=(Metric(name="m"), Metric(name="n"))), data)


@pytest.mark.parametrize("relative", [False, True])
def test_q_and_i_squared_equal_statsmodels(relative):
    found = heterogeneity(report=report(), metric="n", treatment="B", relative=relative)
    rows = [report().row(metric="n", treatment="B", segment=name) for name in SEGMENTS[:3]]
    effect = [row.lift if relative else row.difference for row in rows]
    error = [row.lift_standard_error if relative else row.standard_error for row in rows]
    expected = combine_effects(np.array(effect), np.array(error) ** 2, method_re="dl")
    assert found.q == pytest.approx(expected.q, rel=1e-9)
    assert found.i_squared == pytest.approx(expected.i2, rel=1e-9)
    assert found.tau**2 == pytest.approx(expected.tau2, rel=1e-9)
    assert found.degrees_of_freedom == 2
    assert found.p_value == pytest.approx(expected.test_homogeneity().pvalue, rel=1e-9)
    assert found.deviating == ("android",) or set(found.deviating) > {"android"}


def test_all_metrics_and_treatments_are_one_call():
    found = effects_across_segments(report=report())
    assert found.q.shape == (2, 2)
    assert found.lower.shape == (2, 2, 4)
    assert np.isnan(found.lower[..., 3]).all()


def test_one_segment_is_none():
    moments = Moments.from_groups(group=[0, 0, 1, 1], groups=2, value=[1.0, 3.0, 4.0, 8.0])
    data = ExperimentMoments(arms=("A", "B"), metrics={"m": moments})
    whole = analyse(AnalysisPlan(control="A", metrics=(Metric(name="m"),)), data)
    found = heterogeneity(report=whole, metric="m")
    assert (found.q, found.deviating, found.reason) == (None, (), Reason.TOO_FEW_SEGMENTS)
    assert report_document(whole)["heterogeneity"] == []


def test_a_breakdown_carries_its_heterogeneity_in_the_document():
    entries = report_document(report())["heterogeneity"]
    assert [(entry["metric"], entry["treatment"]) for entry in entries] == [
        ("m", "B"),
        ("m", "C"),
        ("n", "B"),
        ("n", "C"),
    ]
    assert entries[0]["p_value"] < 0.001


def test_p_values_of_enormous_differences_are_not_zero():
    found = heterogeneity(report=report(effects=(0.0, 0.0, 1e6)), metric="m", treatment="B")
    assert found.p_value > 0
    segments = effects_across_segments(report=report(effects=(0.0, 0.0, 1e6)))
    assert (segments.segment_p_value[0, 0, :3] > 0).all()
    assert (segments.deviation_p_value[0, 0, :3] > 0).all()
