"""The difference over days as a Plotly figure: data and layout as plain values. Pure but for the words."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.results.report import ResultReport, SeriesPoint

MOST_POINTS = 120


def difference_over_time(report: ResultReport, names: dict[str, str]) -> dict[str, Any]:
    """Return the OEC's cumulative difference per treatment with its interval as a band.

    Args:
        report: The report.
        names: Variant names by key; their order gives each variant its colour.
    """
    scale = 100 if report.oec.definition.unit == "percent" else 1
    traces: list[dict[str, Any]] = []
    for series, (variant, name) in enumerate(names.items()):
        points = [p for p in report.series if p.variant == variant and p.difference is not None]
        if points:
            traces += _traces(_thinned(points), name, series, scale)
    return {
        "data": traces,
        "layout": {
            "xaxis": {
                "type": "date",
                "tickformat": _tick_format(report.bucket),
                "hoverformat": _hover_format(report.bucket),
            },
            "yaxis": {"title": {"text": axis_title(report)}, "zeroline": True},
            "showlegend": len(names) > 2,
        },
    }


def axis_title(report: ResultReport) -> str:
    """Return what the vertical axis measures."""
    unit = report.oec.definition.unit
    if unit == "percent":
        return _("Difference in percentage points")
    return _("Difference in won") if unit == "won" else _("Difference")


def _traces(points: list[SeriesPoint], name: str, series: int, scale: int) -> list[dict[str, Any]]:
    at = [timezone.localtime(point.at).strftime("%Y-%m-%dT%H:%M:%S") for point in points]
    low, middle, high = ([_scaled(getattr(p, end), scale) for p in points] for end in ("low", "difference", "high"))
    bare = {"mode": "lines", "hoverinfo": "skip", "showlegend": False, "meta": {"series": series}}
    units = _("units")
    hover = f"%{{y:.3~f}} (%{{customdata[0]:.3~f}} … %{{customdata[1]:.3~f}}) · %{{customdata[2]:,}} {units}"
    return [
        {**bare, "x": at, "y": low, "line": {"width": 0}},
        {**bare, "x": at, "y": high, "line": {"width": 0}, "fill": "tonexty"},
        {
            "x": at,
            "y": middle,
            "name": name,
            "mode": "lines+markers",
            "line": {"width": 2},
            "marker": {"size": 6},
            "meta": {"series": series},
            "customdata": [list(row) for row in zip(low, high, [point.units for point in points], strict=True)],
            "hovertemplate": f"{hover}<extra>{name}</extra>",
        },
    ]


def _thinned(points: list[SeriesPoint]) -> list[SeriesPoint]:
    """Return at most MOST_POINTS points, always with the last one."""
    step = -(-len(points) // MOST_POINTS)
    return points[::-step][::-1]


def _scaled(value: float | None, scale: int) -> float | None:
    return None if value is None else round(value * scale, 6)


def _tick_format(bucket: str) -> str:
    if bucket == "day":
        return pgettext("Plotly date", "%-d %b")
    return "%H:%M:%S" if bucket == "second" else "%H:%M"


def _hover_format(bucket: str) -> str:
    if bucket == "day":
        return pgettext("Plotly date", "%-d %b %Y")
    return "%H:%M:%S" if bucket == "second" else pgettext("Plotly date", "%-d %b, %H:%M")
