"""Where the numbers of a result come from: the formulas, their inputs and references."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analytics.stats.metrics import FunnelStep, MarginScale, Metric, Proportion, Quantile, Ratio, Retention
from analytics.stats.moments import Moments
from analytics.stats.report import Comparison, Interval, Report


@dataclass(frozen=True, kw_only=True)
class ArmTrace:
    """The moments of one arm that a comparison used.

    Attributes:
        arm: Name of the arm.
        stratum: Name of the stratum; empty without post-stratification.
        count: Units.
        columns: Column names.
        mean: Column means.
        covariance: Sample covariance matrix of the columns; None with fewer than two units.
    """

    arm: str
    stratum: str
    count: float
    columns: tuple[str, ...]
    mean: tuple[float, ...]
    covariance: tuple[tuple[float, ...], ...] | None


@dataclass(frozen=True, kw_only=True)
class TraceStep:
    """One number of a comparison and where it comes from.

    Attributes:
        name: Field of the `Comparison` (or ``theta``, ``critical``) it explains.
        formula: The formula in plain text.
        value: The number, or both ends of an interval; None where it does not exist.
        reference: Paper with equation or section.
    """

    name: str
    formula: str
    value: float | tuple[float, ...] | None
    reference: str


@dataclass(frozen=True, kw_only=True)
class Trace:
    """Where the numbers of a comparison come from.

    Attributes:
        method: Stable name, such as ``welch``, ``delta_ratio+cuped`` or ``quantile``.
        design: Name of the plan's design.
        arms: The moments used; empty for quantiles.
        steps: The numbers in the order they are computed.
    """

    method: str
    design: str
    arms: tuple[ArmTrace, ...]
    steps: tuple[TraceStep, ...]


_OUTCOME = {
    "welch": ("var = s²_t / n_t + s²_c / n_c", "Welch 1947"),
    "binomial": ("var = p_t (1 - p_t) / n_t + p_c (1 - p_c) / n_c", "Welch 1947"),
    "delta_ratio": (
        "per arm, R = m / d: var = (s_mm - 2 R s_md + R² s_dd) / (d² n)",
        "Deng, Knoblich and Lu 2018, section 4",
    ),
    "score": (
        "var = p (1 - p) (1 / n_t + 1 / n_c) N / (N - 1), p the rate of both arms",
        "Miettinen and Nurminen 1985, section 2",
    ),
    "quantile": (
        "per arm: var = ((upper - lower) / 2z)² × design effect × (n - 1) / n",
        "Woodruff 1952; Deng, Knoblich and Lu 2018, section 5",
    ),
}


def explain(*, report: Report, metric: str, treatment: str | None = None, segment: str | None = None) -> Trace:
    """Return where each number of one comparison comes from.

    Args:
        report: The report.
        metric: Name of the metric.
        treatment: Name of the treatment; may be left out when there is one.
        segment: Name of the segment; may be left out when there is one.

    >>> from analytics.stats import AnalysisPlan, ExperimentMoments, analyse
    >>> data = ExperimentMoments(arms=("A", "B"), metrics={
    ...     "spend": Moments.from_groups(group=[0, 0, 1, 1], groups=2, value=[1.0, 3.0, 4.0, 8.0])})
    >>> report = analyse(AnalysisPlan(control="A", metrics=(Metric(name="spend"),)), data)
    >>> trace = explain(report=report, metric="spend")
    >>> trace.method, trace.steps[0].name, trace.steps[0].value
    ('welch', 'difference', 4.0)
    """
    at = report.position(metric=metric, treatment=treatment, segment=segment)
    row = report.row(metric=metric, treatment=treatment, segment=segment)
    spec = row.metric
    outcome = "score" if row.uses_score else _outcome(spec)
    parts = [outcome]
    if spec.covariates:
        parts.append("cuped")
    if report.plan.post_stratify and not isinstance(spec.measure, Quantile):
        parts.append("post_stratified")
    steps = (
        *_adjustment_steps(report, row, at),
        *_difference_steps(report, row, at, outcome),
        *_lift_steps(row),
        *_correction_steps(report, row, at),
        *_guardrail_steps(row),
    )
    return Trace(
        method="+".join(parts),
        design=report.plan.design.name,
        arms=_arms(report, row, at[1]),
        steps=steps,
    )


def _outcome(metric: Metric) -> str:
    match metric.measure:
        case Proportion() | Retention():
            return "binomial"
        case Ratio() | FunnelStep():
            return "delta_ratio"
        case Quantile():
            return "quantile"
        case _:
            return "welch"


def _adjustment_steps(report: Report, row: Comparison, at: tuple[int, int, int]) -> list[TraceStep]:
    steps: list[TraceStep] = []
    if row.metric.covariates:
        theta = report.slopes[at[0]][at[1], at[2]]
        steps.append(
            TraceStep(
                name="theta",
                formula="pooled slope Sxx^-1 Sxy of both arms",
                value=None if np.isnan(theta).any() else tuple(float(t) for t in theta),
                reference="Deng, Xu, Kohavi and Walker 2013, section 3.2",
            )
        )
    if row.variance_reduction is not None:
        steps.append(
            TraceStep(
                name="variance_reduction",
                formula="1 - var(adjusted) / var(observed)",
                value=row.variance_reduction,
                reference="Deng, Xu, Kohavi and Walker 2013, section 3.2",
            )
        )
    return steps


def _difference_steps(report: Report, row: Comparison, at: tuple[int, int, int], outcome: str) -> list[TraceStep]:
    formula, reference = _OUTCOME[outcome]
    if row.metric.covariates:
        formula += "; of y - theta'x in place of y"
    if report.plan.post_stratify:
        formula += "; cells weighted by the strata's squared shares"
    critical = float(report.effects.critical[at])
    return [
        TraceStep(
            name="difference",
            formula="adjusted treatment mean - adjusted control mean"
            if row.metric.covariates
            else "treatment mean - control mean",
            value=row.difference,
            reference="",
        ),
        TraceStep(
            name="standard_error", formula=f"sqrt(var), {formula}", value=row.standard_error, reference=reference
        ),
        TraceStep(
            name="df",
            formula="var² / sum(var_i² / (n_i - 1))",
            value=row.df,
            reference="Satterthwaite 1946",
        ),
        TraceStep(name="statistic", formula="difference / standard error", value=row.statistic, reference=""),
        TraceStep(
            name="critical",
            formula=f"{report.plan.design.name} at alpha = {report.plan.alpha:g}",
            value=None if np.isnan(critical) else critical,
            reference="",
        ),
        TraceStep(
            name="interval",
            formula="all differences whose score statistic is within critical"
            if row.uses_score
            else "difference ± critical × standard error",
            value=_ends(row.interval),
            reference="Miettinen and Nurminen 1985, section 2" if row.uses_score else "",
        ),
        TraceStep(
            name="p_value",
            formula=f"{report.plan.design.name}, {report.plan.alternative.value}",
            value=row.p_value,
            reference="",
        ),
    ]


def _lift_steps(row: Comparison) -> list[TraceStep]:
    return [
        TraceStep(name="lift", formula="difference / |control mean|", value=row.lift, reference=""),
        TraceStep(
            name="lift_interval",
            formula="all ratios whose score statistic is within critical, minus 1"
            if row.uses_score
            else "all r with (d - r c)² <= critical² × (v_d - 2 r v_dc + r² v_c)",
            value=_ends(row.lift_interval),
            reference="Miettinen and Nurminen 1985, section 3" if row.uses_score else "Fieller 1954",
        ),
    ]


def _correction_steps(report: Report, row: Comparison, at: tuple[int, int, int]) -> list[TraceStep]:
    level = float(report.corrected.alpha[at])
    return [
        TraceStep(
            name="adjusted_p_value",
            formula=f"{row.correction.value} in the {row.metric.role.value} family",
            value=row.adjusted_p_value,
            reference="",
        ),
        TraceStep(
            name="adjusted_interval",
            formula=f"as interval, with critical at {level:.6g}",
            value=_ends(row.adjusted_interval),
            reference="",
        ),
    ]


def _guardrail_steps(row: Comparison) -> list[TraceStep]:
    verdict, margin = row.guardrail, row.metric.margin
    if verdict is None or margin is None:
        return []
    of_control = margin.scale is not MarginScale.ABSOLUTE
    return [
        TraceStep(
            name="margin",
            formula=f"{margin.size:g} × |control mean|" if of_control else f"{margin.size:g}",
            value=verdict.margin,
            reference="",
        ),
        TraceStep(
            name="guardrail_p_value",
            formula="P of (margin - worsening) / its standard error",
            value=verdict.p_value,
            reference="Wellek 2010, section 2.1",
        ),
        TraceStep(
            name="guardrail_power",
            formula="P(safe) at no change, noncentral t",
            value=verdict.power,
            reference="Johnson, Kotz and Balakrishnan 1995, equation 31.11",
        ),
    ]


def _arms(report: Report, row: Comparison, segment: int) -> tuple[ArmTrace, ...]:
    part = report.moments.metrics.get(row.metric.name)
    if not isinstance(part, Moments):
        return ()
    cells = report.moments.cells(row.metric.name).select(*row.metric.columns)[segment]
    names: tuple[str, ...] = report.moments.strata
    if not report.plan.post_stratify:
        cells, names = cells.pooled(axis=0).reshape(1, cells.shape[1]), ("",)
    covariance = cells.covariance()
    return tuple(
        ArmTrace(
            arm=arm,
            stratum=name,
            count=float(cells.count[s, a]),
            columns=cells.columns,
            mean=tuple(cells.mean[s, a].tolist()),
            covariance=None if cells.count[s, a] < 2 else tuple(tuple(line) for line in covariance[s, a].tolist()),
        )
        for a, arm in enumerate(report.moments.arms)
        if arm in (row.control.arm, row.treatment.arm)
        for s, name in enumerate(names)
    )


def _ends(interval: Interval | None) -> tuple[float, float] | None:
    return None if interval is None else (interval.lower, interval.upper)
