"""The analysis of a CSV file as text for a terminal and as plain values for JSON."""

from __future__ import annotations

from analytics.csv_analysis import CsvAnalysis
from analytics.stats import Comparison, Interval, Report, heterogeneity
from analytics.stats.document import Plain, report_document


def analysis_document(analysis: CsvAnalysis) -> dict[str, Plain]:
    """Return an analysis as plain values: what was read, and the reports."""
    optional = {"by_segment": analysis.by_segment, "stratified": analysis.stratified}
    return {
        "rows": analysis.rows,
        "skipped": analysis.skipped,
        "missing": dict(analysis.missing.items()),
        **report_document(analysis.report),
        **{name: report_document(report) for name, report in optional.items() if report is not None},
    }


def render_text(analysis: CsvAnalysis) -> str:
    """Return the report for a terminal: what was read, the checks, one block per comparison."""
    report = analysis.report
    lines = [f"{analysis.rows:,} rows; control {report.plan.control}; alpha {report.plan.alpha:g}"]
    if analysis.skipped:
        named = "variant" if analysis.by_segment is None else "variant or segment"
        lines.append(f"{analysis.skipped:,} rows without a {named} were left out")
    ratio = report.sample_ratio
    if ratio.p_value is not None:
        verdict = "MISMATCH: find the cause before reading on" if ratio.mismatch else "as planned"
        lines.append(f"sample ratio: p = {ratio.p_value:.3g}, {verdict}")
    for row in report.rows():
        lines += ["", *_row_lines(row, missing=analysis.missing[row.metric.name])]
        if analysis.by_segment is not None and analysis.stratified is not None:
            lines += _segment_lines(row, analysis.by_segment, analysis.stratified)
    return "\n".join(lines)


def _segment_lines(row: Comparison, by_segment: Report, stratified: Report) -> list[str]:
    """Return the effect within segments, whether segments differ, and one line per segment."""
    names = {"metric": row.metric.name, "treatment": row.treatment.arm}
    within = stratified.row(**names)
    lines = [f"  within segments: {_short(within)}"]
    spread = heterogeneity(report=by_segment, metric=row.metric.name, treatment=row.treatment.arm)
    if spread.p_value is not None and spread.i_squared is not None:
        lines.append(f"  do segments differ? Q = {spread.q:.4g}, p = {spread.p_value:.3g}, I² = {spread.i_squared:.0%}")
    else:
        lines.append(f"  do segments differ? not computed: {spread.reason}")
    return lines + [
        f"    {name}: {_short(by_segment.row(**names, segment=name))}" for name in by_segment.moments.segments
    ]


def _short(row: Comparison) -> str:
    if row.adjusted_interval is None or row.adjusted_p_value is None:
        return f"not computed: {row.reason}"
    return f"{row.difference:+.6g}, {_span(row.adjusted_interval)}, corrected p = {row.adjusted_p_value:.3g}"


def _row_lines(row: Comparison, *, missing: int) -> list[str]:
    kind = type(row.metric.measure).__name__.lower()
    lines = [f"{row.metric.name} ({kind}): {row.treatment.arm} against {row.control.arm}"]
    for arm in (row.control, row.treatment):
        value = f"{arm.value:.6g}" if arm.value is not None else "not available"
        lines.append(f"  {arm.arm}: {value} (n = {arm.units:,})")
    if missing:
        lines.append(f"  {missing:,} rows without a value were left out")
    if row.interval is None or row.p_value is None or row.adjusted_p_value is None:
        return [*lines, f"  not computed: {row.reason}"]
    lines.append(f"  difference {row.difference:+.6g}, {_span(row.interval)}{' (score)' if row.uses_score else ''}")
    if row.lift is not None and row.lift_interval is not None:
        ends = Interval(lower=100 * row.lift_interval.lower, upper=100 * row.lift_interval.upper)
        lines.append(f"  lift {row.lift:+.2%}, {_span(ends)} percent")
    else:
        lines.append(f"  no lift: {row.lift_reason}")
    if row.variance_reduction is not None:
        lines.append(f"  variance reduced by {row.variance_reduction:.1%}")
    significant = "significant" if row.significant else "not significant"
    lines.append(f"  p = {row.p_value:.4g}, corrected ({row.correction}) {row.adjusted_p_value:.4g}: {significant}")
    return lines


def _span(interval: Interval) -> str:
    return f"interval {interval.lower:+.6g} to {interval.upper:+.6g}"
