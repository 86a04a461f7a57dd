"""Sequential rules as the design of an analysis."""

import numpy as np
import pytest

from analytics.stats import AnalysisPlan, ExperimentMoments, Metric, Moments, Proportion, Role, analyse
from analytics.stats.designs import Design
from analytics.stats.sequential import AlwaysValid, GroupSequential, confidence_sequence


def report_row(*, design: Design, hits: tuple[int, int] = (1_000, 1_150)):
    sums = {"value": list(hits)}
    plan = AnalysisPlan(
        control="A",
        design=design,
        metrics=(Metric(name="bought", measure=Proportion(), role=Role.PRIMARY),),
    )
    moments = Moments.from_sums(count=[10_000, 10_000], sums=sums, products={("value", "value"): list(hits)})
    data = ExperimentMoments(arms=("A", "B"), exposed=(10_000, 10_000), metrics={"bought": moments})
    return analyse(plan, data).row(metric="bought")


def test_report_of_an_always_valid_plan_is_the_confidence_sequence() -> None:
    row = report_row(design=AlwaysValid())
    found = confidence_sequence(
        estimate=row.difference,
        standard_error=np.sqrt((0.1 * 0.9 + 0.115 * 0.885) / 10_000),
        units=20_000,
    )
    # The report's own convention for a proportion's variance decides the last digits.
    assert row.p_value == pytest.approx(float(found.p_value), rel=1e-2)
    assert row.interval.lower == pytest.approx(float(found.lower), rel=1e-2)


def test_lift_and_difference_agree_under_every_sequential_design() -> None:
    for design in (AlwaysValid(), GroupSequential(fractions=(0.25, 0.5)), GroupSequential(fractions=(0.5, 1.0))):
        for hits in ((1_000, 1_090), (1_000, 1_115), (1_000, 1_150), (1_150, 1_000)):
            row = report_row(design=design, hits=hits)
            excluded = not row.interval.lower <= 0.0 <= row.interval.upper
            assert excluded == (not row.lift_interval.lower <= 0.0 <= row.lift_interval.upper)
            assert excluded == (row.p_value < 0.05)


def test_watching_costs_evidence() -> None:
    early, late, always = (
        report_row(design=design).p_value
        for design in (
            GroupSequential(fractions=(0.25,)),
            GroupSequential(fractions=(0.25, 1.0)),
            AlwaysValid(),
        )
    )
    assert late < always
    assert late < early
