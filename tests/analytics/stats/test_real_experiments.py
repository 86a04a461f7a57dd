"""Real experiments with published results."""

import csv
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm

from analytics.stats import (
    AnalysisPlan,
    Covariate,
    ExperimentMoments,
    Metric,
    Moments,
    Proportion,
    Reason,
    Role,
    analyse,
)

DATA = Path(__file__).parents[2] / "data"


def read(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_cash_incentives_for_test_results():
    rows = [row for row in read("thornton_hiv.csv") if row["got"] and row["any"]]
    got = np.array([float(row["got"]) for row in rows])
    incentive = np.array([float(row["any"]) for row in rows], dtype=int)
    moments = Moments.from_groups(group=incentive, groups=2, value=got)
    plan = AnalysisPlan(control="none", metrics=(Metric(name="got", measure=Proportion(), role=Role.PRIMARY),))
    row = analyse(plan, ExperimentMoments(arms=("none", "incentive"), metrics={"got": moments})).row(metric="got")
    assert row.control.value == pytest.approx(0.339, abs=0.0005)
    assert row.treatment.value == pytest.approx(0.789, abs=0.0005)
    assert row.interval.lower < 0.4506 < row.interval.upper
    assert 0 < row.p_value < 1e-80
    assert row.significant


def job_training() -> dict[str, np.ndarray]:
    rows = read("nsw_mixtape.csv")
    return {
        name: np.array([float(row[name]) for row in rows]) for name in ("treat", "re78", "re74", "re75", "age", "educ")
    }


def test_job_training_difference_and_standard_error():
    data = job_training()
    moments = Moments.from_groups(group=data["treat"].astype(int), groups=2, value=data["re78"])
    plan = AnalysisPlan(control="control", metrics=(Metric(name="earnings"),))
    row = analyse(plan, ExperimentMoments(arms=("control", "trained"), metrics={"earnings": moments})).row(
        metric="earnings"
    )
    assert (row.control.units, row.treatment.units) == (260, 185)
    assert row.difference == pytest.approx(1794.34, abs=0.01)
    # Published with one variance for both arms (633); with two it is 671.
    pooled = moments.pooled()
    within = moments.comoment[:, 0, 0].sum() / (pooled.count - 2)
    assert np.sqrt(within * (1 / moments.count).sum()) == pytest.approx(632.85, abs=0.01)
    assert row.standard_error == pytest.approx(670.997, abs=0.001)


def test_several_covariates_agree_with_regression():
    data = job_training()
    columns = ("re74", "re75", "age", "educ")
    moments = Moments.from_groups(
        group=data["treat"].astype(int), groups=2, value=data["re78"], **{c: data[c] for c in columns}
    )
    metric = Metric(name="earnings", covariates=tuple(Covariate(column=c) for c in columns))
    report = analyse(
        AnalysisPlan(control="control", metrics=(metric,)),
        ExperimentMoments(arms=("control", "trained"), metrics={"earnings": moments}),
    )
    row = report.row(metric="earnings")
    design = np.column_stack([data[c] for c in columns])
    pooled = sm.OLS(data["re78"], sm.add_constant(design)).fit()
    np.testing.assert_allclose(report.slopes[0][0, 0], pooled.params[1:], rtol=1e-8)
    full = sm.OLS(data["re78"], sm.add_constant(np.column_stack([data["treat"], design]))).fit(cov_type="HC2")
    assert row.difference == pytest.approx(full.params[1], rel=0.03)
    assert row.standard_error == pytest.approx(full.bse[1], rel=0.02)
    assert 0 < row.variance_reduction < 0.1


def admissions() -> tuple[list[str], Moments]:
    rows = read("admissions.csv")
    majors = sorted({row["major"] for row in rows})
    applied = np.zeros((6, 2))
    admitted = np.zeros((6, 2))
    for row in rows:
        at = (majors.index(row["major"]), ("men", "women").index(row["gender"]))
        applied[at] = float(row["applicants"])
        admitted[at] = round(float(row["applicants"]) * float(row["admitted"]) / 100)
    return majors, Moments.from_counts(count=applied, successes=admitted)


def test_admissions_reverse_when_stratified_by_major():
    majors, moments = admissions()
    metric = Metric(name="admitted", measure=Proportion())

    def row(**plan):
        data = ExperimentMoments(
            arms=("men", "women"), strata=tuple(majors), metrics={"admitted": moments.reshape(1, 6, 2)}
        )
        return analyse(AnalysisPlan(control="men", metrics=(metric,), **plan), data).row(metric="admitted")

    overall, within = row(), row(post_stratify=True)
    assert overall.control.value == pytest.approx(0.445, abs=0.001)
    assert overall.treatment.value == pytest.approx(0.303, abs=0.001)
    assert overall.interval.upper < 0
    assert within.difference > 0


def test_admissions_by_major_as_segments():
    majors, moments = admissions()
    metric = Metric(name="admitted", measure=Proportion())
    data = ExperimentMoments(arms=("men", "women"), segments=tuple(majors), metrics={"admitted": moments})
    report = analyse(AnalysisPlan(control="men", metrics=(metric,)), data)
    assert sum(row.difference > 0 for row in report.rows()) == 4
    assert [row.segment for row in report.rows() if row.significant] == ["A"]
    assert report.row(metric="admitted", segment="A").reason is None
    assert report.sample_ratio.reason is Reason.NO_WEIGHTS
