"""A report in the shape of its page: rows with their texts, intervals on shared axes, and where each number is from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.marts.kpis import Kpi, of_metric
from analytics.results.figure import difference_over_time
from analytics.results.hint import hint_of
from analytics.results.report import ArmValue, ComparisonResult, MetricResult, ResultReport, TraceLine
from analytics.results.statement import text_of
from analytics.results.wording import (
    adjustment_text,
    days_text,
    difference_text,
    lift_range_text,
    p_phrase,
    p_text,
    phases_note,
    range_text,
    reason_text,
    value_text,
)
from experiments.public import Design, MetricDefinition, metric_expression, metric_in_words
from novarium.portal import numbers
from novarium.portal.intervals import axis_for

VERDICTS: dict[str, tuple[str | Promise, str]] = {
    "safe": (gettext_lazy("Safe"), "good"),
    "harmed": (gettext_lazy("Harmed"), "bad"),
    "undecided": (gettext_lazy("Undecided"), "warn"),
}

AGGREGATIONS: dict[str, str | Promise] = {
    "exists": gettext_lazy("1 where the unit had at least one %(event)s event, else 0"),
    "count": gettext_lazy("the unit's number of %(event)s events"),
    "sum": gettext_lazy("the sum of the amounts of the unit's %(event)s events"),
    "once": gettext_lazy("1 where the unit had exactly one %(event)s event, else 0"),
    "repeat": gettext_lazy("1 where the unit had at least two %(event)s events, else 0"),
    "hours": gettext_lazy("the hours from the unit's first exposure to its first %(event)s event"),
}
KINDS: dict[str, str | Promise] = {
    "launch": gettext_lazy("Launched"),
    "ramp": gettext_lazy("Coverage raised"),
    "weights": gettext_lazy("Weights raised"),
    "pause": gettext_lazy("Paused"),
    "resume": gettext_lazy("Resumed"),
}

STEPS: dict[str, str | Promise] = {
    "plain_difference": gettext_lazy("Difference without CUPED"),
    "plain_interval": gettext_lazy("Interval without CUPED"),
    "plain_p_value": gettext_lazy("p-value without CUPED"),
    "theta": gettext_lazy("Slope on the days before"),
    "variance_reduction": gettext_lazy("Variance taken away"),
    "difference": gettext_lazy("Difference"),
    "standard_error": gettext_lazy("Standard error"),
    "df": gettext_lazy("Degrees of freedom"),
    "statistic": gettext_lazy("Statistic"),
    "critical": gettext_lazy("Critical value"),
    "interval": gettext_lazy("Interval of the difference"),
    "p_value": gettext_lazy("p-value"),
    "lift": gettext_lazy("Lift"),
    "lift_interval": gettext_lazy("Interval of the lift"),
    "adjusted_p_value": gettext_lazy("p-value, corrected"),
    "adjusted_interval": gettext_lazy("Interval, corrected"),
    "margin": gettext_lazy("Margin"),
    "guardrail_p_value": gettext_lazy("p-value of the guardrail"),
    "worst_case": gettext_lazy("Worst case"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRow:
    """One variant of one metric; a control row has no difference."""

    variant: str
    name: str
    series: int
    units: int
    value: str
    is_control: bool
    difference: str = ""
    range: str = ""
    lift: str = ""
    lift_range: str = ""
    p_value: str = ""
    point: float | None = None
    low: float | None = None
    high: float | None = None
    tone: str = "neutral"
    verdict: str = ""
    verdict_tone: str = "neutral"
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStep:
    """One number and its formula."""

    label: str
    value: str
    formula: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a metric's numbers come from."""

    definition: str
    expression: str
    numerator: str
    denominator: str
    cap: str
    arms: tuple[ArmValue, ...]
    comparisons: tuple[tuple[str, tuple[SourceStep, ...]], ...]
    is_ratio: bool
    kpi: Kpi | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricBlock:
    """One metric's part of the page; ``margin`` lies on the axis of the lift, on the harmful side."""

    key: str
    name: str
    is_oec: bool
    margin: float | None
    margin_text: str
    axis: float
    rows: tuple[VariantRow, ...]
    source: Source
    note: str = ""


def page_context(report: ResultReport, design: Design) -> dict[str, Any]:
    """Return what the templates of results show, live or from the archive."""
    blocks = [_block(metric, design) for metric in report.metrics]
    names = {variant.key: variant.name for variant in design.variants}
    return {
        "report": report,
        "design": design,
        "hint": hint_of(report, design),
        "oec": blocks[0],
        "oecs": blocks[:1],
        "guardrails": blocks[1:],
        "figure": difference_over_time(report, names),
        "series": _series_rows(report, names),
        "has_line": len({point.at for point in report.series if point.difference is not None}) > 1,
        "days_left": days_text(report.progress.days_left),
        "sample_ratio_p": p_phrase(report.sample_ratio.p_value),
        "sample_ratio_reason": reason_text(report.sample_ratio.reason),
        "statement": _statements(design),
        "phases": _phases(report),
        "phases_note": phases_note(report),
    }


def _statements(design: Design) -> str:
    """Return the SQL that the design's metrics need, mostly one statement."""
    metrics = design.metrics()
    needed = {
        "moments": True,
        "covariates": any(metric.lookback_days for metric in metrics),
        "limits": any(metric.cap_percentile for metric in metrics),
        "values": any(metric.type == "quantile" for metric in metrics),
        "matured": any(metric.type == "retention" for metric in metrics),
    }
    return ";\n\n".join(text_of(f"analytics/sql/results/{last}.sql") for last, is_needed in needed.items() if is_needed)


def _block(metric: MetricResult, design: Design) -> MetricBlock:
    bounds = [end for row in metric.comparisons for end in (row.lift, row.lift_low, row.lift_high)]
    sign = -1 if metric.definition.direction == "increase" else 1
    margin = None if metric.margin is None else sign * metric.margin
    return MetricBlock(
        key=metric.definition.key,
        name=_(metric.definition.name),
        is_oec=metric.role == "oec",
        margin=margin,
        margin_text=numbers.signed_percent(margin, digits=1) if margin is not None else "",
        axis=axis_for(*bounds, margin=margin),
        rows=tuple(_rows(metric, design)),
        source=_source(metric),
        note=adjustment_text(metric),
    )


def _rows(metric: MetricResult, design: Design) -> list[VariantRow]:
    comparisons = {row.variant: row for row in metric.comparisons}
    series = {variant.key: variant.position for variant in design.variants}
    rows = []
    for arm in metric.arms:
        basis: dict[str, Any] = {
            "variant": arm.variant,
            "name": arm.name,
            "series": series[arm.variant],
            "units": arm.units,
            "value": value_text(metric.definition, arm.value),
        }
        row = comparisons.get(arm.variant)
        texts = _compared(metric, row) if row else {"is_control": True, "reason": reason_text(arm.reason)}
        rows.append(VariantRow(**basis, **texts))
    return rows


def _compared(metric: MetricResult, row: ComparisonResult) -> dict[str, Any]:
    verdict, verdict_tone = _verdict(metric, row)
    return {
        "is_control": False,
        "difference": difference_text(metric.definition, row.difference),
        "range": range_text(metric.definition, row.low, row.high),
        "lift": numbers.signed_percent(row.lift),
        "lift_range": lift_range_text(row.lift_low, row.lift_high),
        "p_value": p_text(row.p_value),
        "point": row.lift,
        "low": row.lift_low,
        "high": row.lift_high,
        "tone": _tone(metric, row),
        "verdict": verdict,
        "verdict_tone": verdict_tone,
        "reason": reason_text(row.reason or row.lift_reason),
    }


def _verdict(metric: MetricResult, row: ComparisonResult) -> tuple[str, str]:
    if metric.role == "guardrail":
        verdict = row.guardrail.verdict if row.guardrail else None
        text, tone = VERDICTS.get(verdict or "", (_("Not known"), "neutral"))
        return str(text), tone
    if row.significant is None:
        return _("Not known"), "neutral"
    if not row.significant:
        return _("No difference shown"), "neutral"
    return (_("Better"), "good") if row.improved else (_("Worse"), "bad")


def _tone(metric: MetricResult, row: ComparisonResult) -> str:
    if metric.role == "guardrail":
        return _verdict(metric, row)[1]
    if not row.significant:
        return "neutral"
    return "good" if row.improved else "bad"


def _source(metric: MetricResult) -> Source:
    definition = metric.definition
    return Source(
        definition=metric_in_words(definition),
        expression=metric_expression(definition),
        cap="" if metric.cap is None else value_text(definition, metric.cap),
        numerator=_side(definition.numerator_aggregation, definition.numerator_event),
        denominator=_side(definition.denominator_aggregation, definition.denominator_event),
        arms=metric.arms,
        comparisons=tuple(
            (row.name, tuple(_step(line, definition) for line in row.trace)) for row in metric.comparisons
        ),
        is_ratio=definition.type in {"ratio", "funnel"},
        kpi=of_metric(definition.key),
    )


def _side(aggregation: str, event: str) -> str:
    return str(AGGREGATIONS[aggregation]) % {"event": event} if event else ""


def _step(line: TraceLine, metric: MetricDefinition) -> SourceStep:
    return SourceStep(
        label=str(STEPS.get(line.name, line.name.replace("_", " "))),
        value=_precise(line.low) if line.high is None else f"{_precise(line.low)} … {_precise(line.high)}",
        formula=line.formula,
        reference=line.reference,
    )


def _precise(value: float | None) -> str:
    return numbers.NOTHING if value is None else f"{value:.6g}".replace("-", numbers.MINUS)


def _series_rows(report: ResultReport, names: dict[str, str]) -> list[dict[str, Any]]:
    definition = report.oec.definition
    return [
        {
            "at": point.at,
            "name": names[point.variant],
            "units": point.units,
            "difference": difference_text(definition, point.difference),
            "range": range_text(definition, point.low, point.high),
        }
        for point in report.series
    ]


def _phases(report: ResultReport) -> list[dict[str, Any]]:
    """Return the phases as rows of a table, where there is more than one."""
    if len(report.phases) < 2:
        return []
    return [
        {
            "number": phase.number,
            "kind": str(KINDS.get(phase.kind, phase.kind)),
            "started_at": phase.started_at,
            "coverage": numbers.NOTHING if phase.paused else numbers.percent(phase.coverage, digits=1),
            "arms": [
                (numbers.percent(weight, digits=1), units)
                for weight, units in zip(phase.weights, phase.units, strict=True)
            ],
        }
        for phase in report.phases
    ]
