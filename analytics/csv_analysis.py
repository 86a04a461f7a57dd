"""Analysis of one CSV file: a row per unit, a column for its variant, columns of outcomes.

Pure: no database. Errors name the line of the file.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TextIO

import numpy as np

from analytics.stats import (
    AnalysisPlan,
    Covariate,
    ExperimentMoments,
    Mean,
    Metric,
    Moments,
    Proportion,
    Report,
    Role,
    analyse,
)
from analytics.stats.moments import Floats

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
        segment: Column to break the result down by, known before exposure.
    """

    variant: str
    metrics: tuple[str, ...]
    unit: str | None = None
    covariates: tuple[str, ...] = ()
    control: str | None = None
    weights: Mapping[str, float] | None = None
    alpha: float = 0.05
    segment: str | None = None

    def __post_init__(self) -> None:
        """Refuse an outcome that is to explain itself."""
        both = set(self.metrics) & set(self.covariates)
        if both:
            raise CsvError(f"column {min(both)!r} cannot be an outcome and a covariate at once")


@dataclass(frozen=True, kw_only=True)
class CsvAnalysis:
    """The report and what was left out of it.

    Attributes:
        report: Results of all units.
        by_segment: Results by segment, corrected as one family; None when not asked for.
        stratified: Results of all units, compared within segments (post-stratified).
        rows: Rows of the file.
        skipped: Rows without a variant, or without a segment where one is asked for.
        missing: Per metric, rows without its value or a covariate.
    """

    report: Report
    by_segment: Report | None
    stratified: Report | None
    rows: int
    skipped: int
    missing: dict[str, int]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Table:
    variants: tuple[str, ...]
    segments: tuple[str, ...]
    columns: dict[str, Floats]

    @property
    def known(self) -> np.typing.NDArray[np.bool_]:
        """Which rows have a variant, and a segment where the file is read for one."""
        return np.array([bool(v) and bool(s) for v, s in zip(self.variants, self.segments, strict=True)])


def analyse_csv(*, file: TextIO, request: CsvRequest) -> CsvAnalysis:
    r"""Read a CSV file and analyse it.

    A metric whose values are all 0 or 1 is a proportion, any other a mean. Rows without a
    variant are skipped; a row without a metric's value is left out of that metric.

    With a segment, each segment is analysed as well, and all units once more within segments.

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
    known = table.known
    arms = _levels(table.variants, known)
    if len(arms) < 2:
        raise CsvError(f"column {request.variant!r} holds {len(arms)} variant(s); a comparison needs two")
    control = arms[0] if request.control is None else request.control
    unknown = [name for name in (control, *(request.weights or {})) if name not in arms]
    if unknown:
        raise CsvError(f"no row has the variant {unknown[0]!r}; variants are {', '.join(arms)}")
    segments = _levels(table.segments, known)
    group = _positions(table.segments, segments) * len(arms) + _positions(table.variants, arms)
    metrics, cells, missing = [], {}, {}
    for name in request.metrics:
        columns = (name, *request.covariates)
        present = known & np.isfinite([table.columns[c] for c in columns]).all(axis=0)
        missing[name] = int(known.sum() - present.sum())
        values = {column: table.columns[column][present] for column in columns}
        metrics.append(_metric(name, request, binary=_is_binary(values[name])))
        cells[name] = _moments(values, group=group[present], shape=(len(segments), len(arms)))
    plan = AnalysisPlan(control=control, metrics=tuple(metrics), alpha=request.alpha, weights=request.weights)
    exposed = np.bincount(group[known], minlength=len(segments) * len(arms)).reshape(-1, len(arms)).sum(axis=0)
    whole = {name: part.pooled(axis=0) for name, part in cells.items()}
    by_segment, stratified = None, None
    if request.segment is not None:
        by_segment = analyse(plan, ExperimentMoments(arms=arms, metrics=cells, segments=segments))
        strata = {name: part.reshape(1, *part.shape) for name, part in cells.items()}
        stratified = analyse(
            replace(plan, post_stratify=True), ExperimentMoments(arms=arms, metrics=strata, strata=segments)
        )
    return CsvAnalysis(
        report=analyse(plan, ExperimentMoments(arms=arms, metrics=whole, exposed=tuple(exposed.tolist()))),
        by_segment=by_segment,
        stratified=stratified,
        rows=known.size,
        skipped=int((~known).sum()),
        missing=missing,
    )


def _levels(names: tuple[str, ...], known: np.typing.NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(sorted({name for name, kept in zip(names, known.tolist(), strict=True) if kept}, key=_natural))


def _positions(names: tuple[str, ...], levels: tuple[str, ...]) -> np.typing.NDArray[np.intp]:
    """Return where each row's name stands; rows that are left out stand at 0."""
    place = {name: position for position, name in enumerate(levels)}
    return np.array([place.get(name, 0) for name in names], dtype=np.intp)


def _is_binary(values: Floats) -> bool:
    return bool(values.size) and bool(np.isin(values, (0.0, 1.0)).all())


def _moments(values: Mapping[str, Floats], *, group: np.typing.NDArray[np.intp], shape: tuple[int, int]) -> Moments:
    """Return moments (segment, arm); a file may call its columns as it likes, a keyword may not."""
    safe = {f"column_{i}": column for i, column in enumerate(values.values())}
    moments = Moments.from_groups(group=group, groups=shape[0] * shape[1], **safe)
    return moments.renamed(**dict(zip(safe, values, strict=True))).reshape(*shape)


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
    named = filter(None, [request.unit, request.segment])
    try:
        header = _header(next(reader, None), (request.variant, *numeric, *named))
        table = _rows(_lines(reader, len(header)), header, numeric, request)
    except csv.Error as error:
        raise CsvError(f"line {reader.line_num}: {error}") from error
    if not table.variants:
        raise CsvError("the file has a header but no rows")
    return table


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
) -> _Table:
    variants: list[str] = []
    segments: list[str] = []
    columns: dict[str, list[float]] = {name: [] for name in numeric}
    first_seen: dict[str, int] = {}
    for line, fields in lines:
        if request.unit is not None:
            _note_unit(fields[header[request.unit]].strip(), line=line, first_seen=first_seen)
        variants.append(_name(fields[header[request.variant]]))
        segments.append("all" if request.segment is None else _name(fields[header[request.segment]]))
        for name in numeric:
            columns[name].append(_number(fields[header[name]], line=line, column=name))
    return _Table(
        variants=tuple(variants),
        segments=tuple(segments),
        columns={name: np.array(values) for name, values in columns.items()},
    )


def _note_unit(unit: str, *, line: int, first_seen: dict[str, int]) -> None:
    if unit.lower() in MISSING:
        raise CsvError(f"line {line}: the unit has no name")
    if unit in first_seen:
        raise CsvError(f"line {line}: unit {unit!r} was already on line {first_seen[unit]}")
    first_seen[unit] = line


def _name(text: str) -> str:
    """Return a variant's or segment's name; empty where it is missing."""
    stripped = text.strip()
    return "" if stripped.lower() in MISSING else stripped


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
