"""A report as files: JSON with everything, CSV with one row per metric and variant."""

from __future__ import annotations

import csv
import io
import json

from analytics.results.report import ArmValue, ComparisonResult, MetricResult, ResultReport
from analytics.results.snapshot import to_plain
from analytics.spreadsheet import cells

COLUMNS = (
    "experiment", "run", "metric", "role", "variant", "is_control", "units", "numerator", "denominator", "value",
    "standard_error", "difference", "difference_low", "difference_high", "lift", "lift_low", "lift_high", "p_value",
    "unadjusted_p_value", "significant", "guardrail_margin", "guardrail_verdict", "guardrail_p_value", "reason",
)  # fmt: skip


def as_json(report: ResultReport) -> str:
    """Return the whole report as a JSON document."""
    return json.dumps(to_plain(report), ensure_ascii=False, indent=2)


def as_csv(report: ResultReport) -> str:
    """Return the metrics as CSV; numbers with a point, empty where there is none."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for metric in report.metrics:
        rows = {row.variant: row for row in metric.comparisons}
        for arm in metric.arms:
            writer.writerow(cells(_row(report, metric, arm, rows.get(arm.variant))))
    return out.getvalue()


def _row(report: ResultReport, metric: MetricResult, arm: ArmValue, row: ComparisonResult | None) -> tuple[object, ...]:
    guardrail = row.guardrail if row else None
    common = (
        report.experiment, report.run_number, metric.definition.key, metric.role, arm.variant, row is None,
        arm.units, arm.numerator, arm.denominator, arm.value, arm.standard_error,
    )  # fmt: skip
    if row is None:
        return (*common, *[None] * 9, metric.margin, None, None, arm.reason)
    return (
        *common,
        row.difference, row.low, row.high, row.lift, row.lift_low, row.lift_high, row.p_value,
        row.unadjusted_p_value, row.significant, metric.margin,
        guardrail.verdict if guardrail else None, guardrail.p_value if guardrail else None, row.reason,
    )  # fmt: skip
