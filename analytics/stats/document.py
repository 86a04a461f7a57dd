"""Results as plain values, for JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum

import numpy as np

from analytics.stats.reading import heterogeneity
from analytics.stats.report import Report

Plain = None | bool | int | float | str | list["Plain"] | dict[str, "Plain"]


def as_document(value: object) -> Plain:
    """Return a result as dicts, lists and numbers that JSON can hold.

    Dataclasses become objects that name their kind where they have no fields of their own
    to tell them apart; infinite interval ends become None, as JSON has no infinity.

    >>> from analytics.stats.report import Interval
    >>> as_document(Interval(lower=0.5, upper=float("inf")))
    {'lower': 0.5, 'upper': None}
    """
    if isinstance(value, Enum):
        return str(value.value)
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if is_dataclass(value):
        return {field.name: as_document(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(as_document(key)): as_document(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_document(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no place in a document")


def report_document(report: Report) -> dict[str, Plain]:
    """Return a report as plain values: the plan's levels, the checks, one entry per comparison."""
    comparisons: list[Plain] = []
    for row in report.rows():
        entry = as_document(row)
        if isinstance(entry, dict):
            entry["metric"] = {
                "name": row.metric.name,
                "measure": type(row.metric.measure).__name__.lower(),
                "role": row.metric.role.value,
                "better": row.metric.better.value,
                "covariates": [covariate.column for covariate in row.metric.covariates],
            }
        comparisons.append(entry)
    return {
        "control": report.plan.control,
        "alpha": report.plan.alpha,
        "alternative": report.plan.alternative.value,
        "design": report.plan.design.name,
        "reason": as_document(report.reason),
        "sample_ratio": as_document(report.sample_ratio),
        "multiple_exposures": as_document(report.multiple_exposures),
        "heterogeneity": _heterogeneity(report),
        "comparisons": comparisons,
    }


def _heterogeneity(report: Report) -> list[Plain]:
    """Return whether effects differ, per metric and treatment, of a report by segment."""
    if len(report.moments.segments) < 2:
        return []
    entries: list[Plain] = []
    for metric in report.plan.metrics:
        for treatment in report.treatments:
            found = as_document(heterogeneity(report=report, metric=metric.name, treatment=treatment))
            if isinstance(found, dict):
                entries.append({"metric": metric.name, "treatment": treatment, **found})
    return entries
