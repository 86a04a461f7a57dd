"""Analysis of one CSV file: a row per unit, a column for its variant, columns of outcomes.

Pure: no database. Errors name the line of the file.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TextIO

import numpy as np

from analytics.stats import (
    AnalysisPlan,
    Comparison,
    Covariate,
    ExperimentMoments,
    Interval,
    Mean,
    Metric,
    Moments,
    Proportion,
    Report,
    Role,
    analyse,
)

MISSING = frozenset({"", "na", "nan", "null", "none"})


class CsvError(ValueError):
    """The file cannot be analysed as asked; the message names the line where there is one."""


@dataclass(frozen=True, kw_only=True)
class CsvRequest:
    """What to analyse.

    Attributes:
        variant: Column that holds the variant.
        metrics: Columns of outcomes.
        unit: Column that identifies the unit; None when each row is a unit.
        covariates: Columns measured before exposure.
        control: Value of the control; by default the first variant in sorted order.
        weights: Planned allocation by variant, for the sample-ratio test; without it the
            allocation is not judged.
        alpha: Error level.
    """

    variant: str
    metrics: tuple[str, ...]
    unit: str | None = None
    covariates: tuple[str, ...] = ()
    control: str | None = None
    weights: Mapping[str, float] | None = None
    alpha: float = 0.05


@dataclass(frozen=True, kw_only=True)
class CsvAnalysis:
    """The report and what was left out of it.

    Attributes:
        report: Results.
        rows: Rows of the file.
        skipped: Rows without a variant.
        missing: Per metric, rows without its value or a covariate.
    """

    report: Report
    rows: int
    skipped: int
    missing: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class _Table:
    variants: np.typing.NDArray[np.str_]
    columns: dict[str, np.typing.NDArray[np.float64]]
    rows: int


def analyse_csv(*, file: TextIO, request: CsvRequest) -> CsvAnalysis:
    r"""Read a CSV file and analyse it.

    A metric whose values are all 0 or 1 is a proportion, any other a mean. Rows without a
    variant are skipped; a row without a metric's value is left out of that metric.

    Args:
        file: Open text file with a header line.
        request: What to analyse.

    Raises:
        CsvError: A column is missing, a value is no number, a unit appears twice, or there
            is nothing to compare.

    >>> import io
    >>> text = "user,arm,spend\n1,A,3\n2,A,5\n3,B,6\n4,B,9\n"
    >>> request = CsvRequest(unit="user", variant="arm", metrics=("spend",))
    >>> analyse_csv(file=io.StringIO(text), request=request).report.row(metric="spend").difference
    3.5
    """
    table = _read(file, request)
    known = table.variants != ""
    arms = sorted(set(table.variants[known].tolist()), key=_natural)
    if len(arms) < 2:
        raise CsvError(f"column {request.variant!r} holds {len(arms)} variant(s); a comparison needs two")
    control = arms[0] if request.control is None else request.control
    unknown = [name for name in (control, *(request.weights or {})) if name not in arms]
    if unknown:
        raise CsvError(f"no row has the variant {unknown[0]!r}; variants are {', '.join(arms)}")
    group = np.array([arms.index(v) if v else 0 for v in table.variants.tolist()])
    metrics, moments, missing = [], {}, {}
    for name in request.metrics:
        needed = np.stack([table.columns[c] for c in (name, *request.covariates)])
        present = known & np.isfinite(needed).all(axis=0)
        missing[name] = int(known.sum() - present.sum())
        values = table.columns[name][present]
        binary = bool(values.size) and bool(np.isin(values, (0.0, 1.0)).all())
        metrics.append(_metric(name, request, binary=binary))
        moments[name] = Moments.from_groups(
            group=group[present],
            groups=len(arms),
            **{name: values, **{c: table.columns[c][present] for c in request.covariates}},
        )
    exposed = np.bincount(group[known], minlength=len(arms))
    report = analyse(
        AnalysisPlan(control=control, metrics=tuple(metrics), alpha=request.alpha, weights=request.weights),
        ExperimentMoments(arms=tuple(arms), metrics=moments, exposed=tuple(exposed.tolist())),
    )
    return CsvAnalysis(report=report, rows=table.rows, skipped=int((~known).sum()), missing=missing)


def _metric(name: str, request: CsvRequest, *, binary: bool) -> Metric:
    return Metric(
        name=name,
        measure=Proportion(value=name) if binary else Mean(value=name),
        role=Role.PRIMARY,
        covariates=tuple(Covariate(column=column) for column in request.covariates),
    )


def _read(file: TextIO, request: CsvRequest) -> _Table:
    reader = csv.reader(file, strict=True)
    numeric = tuple(dict.fromkeys((*request.metrics, *request.covariates)))
    try:
        header = _header(next(reader, None), (request.variant, *numeric, *filter(None, [request.unit])))
        variants, columns = _rows(_lines(reader, len(header)), header, numeric, request)
    except csv.Error as error:
        raise CsvError(f"line {reader.line_num}: {error}") from error
    if not variants:
        raise CsvError("the file has a header but no rows")
    return _Table(
        variants=np.array(variants),
        columns={name: np.array(values) for name, values in columns.items()},
        rows=len(variants),
    )


def _header(line: list[str] | None, needed: Iterable[str]) -> dict[str, int]:
    if not line:
        raise CsvError("line 1: the file is empty; the first line names the columns")
    names = [name.strip().removeprefix("\ufeff") for name in line]
    repeated = {name for name in names if names.count(name) > 1}
    for name in needed:
        if name not in names:
            raise CsvError(f"line 1: no column {name!r}; columns are {', '.join(names)}")
        if name in repeated:
            raise CsvError(f"line 1: column {name!r} appears twice")
    return {name: position for position, name in enumerate(names)}


def _lines(reader: Iterator[list[str]], width: int) -> Iterator[tuple[int, list[str]]]:
    """Yield line numbers and fields of rows that are not blank."""
    for fields in reader:
        line: int = reader.line_num  # type: ignore[attr-defined]
        if not fields:
            continue
        if len(fields) != width:
            raise CsvError(f"line {line}: {len(fields)} fields where the header has {width}")
        yield line, fields


def _rows(
    lines: Iterator[tuple[int, list[str]]], header: dict[str, int], numeric: tuple[str, ...], request: CsvRequest
) -> tuple[list[str], dict[str, list[float]]]:
    variants: list[str] = []
    columns: dict[str, list[float]] = {name: [] for name in numeric}
    first_seen: dict[str, int] = {}
    for line, fields in lines:
        if request.unit is not None:
            unit = fields[header[request.unit]].strip()
            if unit in first_seen:
                raise CsvError(f"line {line}: unit {unit!r} was already on line {first_seen[unit]}")
            first_seen[unit] = line
        variant = fields[header[request.variant]].strip()
        variants.append("" if variant.lower() in MISSING else variant)
        for name in numeric:
            columns[name].append(_number(fields[header[name]], line=line, column=name))
    return variants, columns


def _number(text: str, *, line: int, column: str) -> float:
    stripped = text.strip()
    if stripped.lower() in MISSING:
        return math.nan
    try:
        value = float(stripped)
    except ValueError:
        value = math.inf
    if not math.isfinite(value):
        raise CsvError(f"line {line}: {stripped!r} in column {column!r} is not a number")
    return value


def _natural(name: str) -> tuple[bool, float, str]:
    """Sort numbers by size before words by letter."""
    try:
        return False, float(name), name
    except ValueError:
        return True, 0.0, name


def render_text(analysis: CsvAnalysis) -> str:
    """Return the report for a terminal: what was read, the checks, one block per comparison."""
    report = analysis.report
    lines = [f"{analysis.rows:,} rows; control {report.plan.control}; alpha {report.plan.alpha:g}"]
    if analysis.skipped:
        lines.append(f"{analysis.skipped:,} rows without a variant were left out")
    ratio = report.sample_ratio
    if ratio.p_value is not None:
        verdict = "MISMATCH: find the cause before reading on" if ratio.mismatch else "as planned"
        lines.append(f"sample ratio: p = {ratio.p_value:.3g}, {verdict}")
    for row in report.rows():
        lines += ["", *_row_lines(row, missing=analysis.missing[row.metric.name])]
    return "\n".join(lines)


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
    lines.append(f"  difference {row.difference:+.6g}, {_span(row.interval)}")
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
