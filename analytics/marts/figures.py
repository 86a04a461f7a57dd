"""The daily metrics as figures and tiles."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from statistics import median
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from analytics.marts.kpis import KPIS
from analytics.models import DailyMetric
from novarium.portal import numbers

CRISIS_SHARE = 0.6  # below this share of what was usual a day is marked
LOOK_BACK = 7  # days whose median is usual
LABELS: dict[str, str | Promise] = {
    "visitors": gettext_lazy("Visitors"),
    "orders": gettext_lazy("Orders"),
    "revenue": gettext_lazy("Revenue"),
    **{kpi.key: kpi.label for kpi in KPIS.values()},
}
TILES = ("visitors", "ctr", "cvr", "aov", "arpu", "revenue", "session_depth", "bounce_rate")
# More of these is not better.
LOWER_IS_BETTER = frozenset({"bounce_rate"})
NOTED_CHANGE = 0.1


def daily_figure(days: Sequence[DailyMetric], names: tuple[str, ...], *, won: bool = True) -> dict[str, Any]:
    """Return metrics over whole, ordered days; a second metric of another size gets the axis at the right."""
    traces = [_trace(days, name, index, won=won) for index, name in enumerate(names)]
    layout: dict[str, Any] = {
        "xaxis": {
            "type": "date",
            "tickformat": pgettext("Plotly date", "%-d %b"),
            "hoverformat": pgettext("Plotly date", "%-d %b %Y"),
        },
        "yaxis": {"rangemode": "tozero", **_format(names[0]), "title": {"text": str(LABELS[names[0]])}},
        "showlegend": len(names) > 1,
        "shapes": _marked(days, names[0]),
    }
    if len(names) > 1:
        layout["yaxis2"] = {
            "overlaying": "y",
            "side": "right",
            "rangemode": "tozero",
            "showgrid": False,
            "tickmode": "auto",
            **_format(names[1]),
            "title": {"text": str(LABELS[names[1]])},
        }
    return {"data": traces, "layout": layout}


def whole_days(days: Sequence[DailyMetric], *, today: date) -> list[DailyMetric]:
    """Return the days that are over, oldest first: a day that goes on looks like a bad one."""
    return sorted((day for day in days if day.date < today), key=lambda day: day.date)


def daily_tiles(days: Sequence[DailyMetric], *, won: bool = True) -> list[dict[str, str]]:
    """Return the last of the ordered days' metrics, compared with their medians over the days before."""
    if not days:
        return []
    last, before = days[-1], days[:-1]
    return [_tile(name, last, before, won=won) for name in TILES]


def text_of(name: str, value: Any, *, won: bool = True) -> str:
    """Return a metric's value with its unit; amounts that are not won are numbers."""
    if _unit(name) == "share":
        return numbers.percent(value)
    if _unit(name) == "money":
        return numbers.money(value) if won else numbers.number(value, digits=2)
    return numbers.number(value, digits=2 if name == "session_depth" else 0)


def _value(day: DailyMetric, name: str) -> Any:
    return day.kpi(name) if name in KPIS else getattr(day, name)


def _unit(name: str) -> str:
    return "money" if name == "revenue" else KPIS[name].unit if name in KPIS else "number"


def _tile(name: str, last: DailyMetric, before: Sequence[DailyMetric], *, won: bool) -> dict[str, str]:
    value = _value(last, name)
    usual = _usual(before, name)
    tile = {"label": str(LABELS[name]), "value": text_of(name, value, won=won), "note": "", "tone": "neutral"}
    if value is None or not usual:
        return tile
    change = float(value) / usual - 1
    better = (change < 0) == (name in LOWER_IS_BETTER)
    tile["note"] = _("%(change)s against the usual %(usual)s") % {
        "change": numbers.signed_percent(change, digits=0),
        "usual": text_of(name, usual, won=won),
    }
    if abs(change) >= NOTED_CHANGE:
        tile["tone"] = "good" if better else "bad"
    return tile


def _usual(days: Sequence[DailyMetric], name: str) -> float | None:
    values = [float(value) for day in days if (value := _value(day, name)) is not None]
    return median(values) if values else None


def _trace(days: Sequence[DailyMetric], name: str, index: int, *, won: bool) -> dict[str, Any]:
    values = [_value(day, name) for day in days]
    return {
        "x": [day.date.isoformat() for day in days],
        "y": [None if value is None else float(value) for value in values],
        "name": str(LABELS[name]),
        "mode": "lines+markers",
        "line": {"width": 2},
        "marker": {"size": 5},
        "yaxis": "y2" if index else "y",
        "meta": {"series": index + 1},
        "text": [text_of(name, value, won=won) for value in values],
        "hovertemplate": "%{text}",
    }


def _marked(days: Sequence[DailyMetric], name: str) -> list[dict[str, Any]]:
    """Mark the days on which the metric fell far below the days before."""
    low = []
    for index, day in enumerate(days):
        usual = _usual(days[max(index - LOOK_BACK, 0) : index], name) if index >= LOOK_BACK else None
        value = _value(day, name)
        if usual and value is not None and float(value) < CRISIS_SHARE * usual:
            low.append(day.date)
    line = {"type": "line", "xref": "x", "yref": "paper", "y0": 0, "y1": 1, "tone": "bad", "line": {"dash": "dot"}}
    return [{**line, "x0": f"{day}T00:00:00", "x1": f"{day}T00:00:00"} for day in low]


def _format(name: str) -> dict[str, Any]:
    if _unit(name) == "share":
        return {"tickformat": ".0%"}
    return {"tickformat": ",.0f" if name != "session_depth" else ".1f"}
