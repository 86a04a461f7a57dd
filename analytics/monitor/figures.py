"""The last hour's windows as Plotly figures and rows of tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.live.latest import SHOWN_MINUTES, Latest
from analytics.live.windows import MINUTE, Window, five_minutes, whole_minute

EMPTY = Window(
    starts_at=datetime.min.replace(tzinfo=UTC),
    run_id=0,
    variant_id=0,
    feature="",
    impressions=0,
    clicks=0,
    orders=0,
    revenue=Decimal(0),
    late=0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Windows of one variant, one feature or everybody, one a step of time without gaps; ``total`` is their sum."""

    windows: tuple[Window, ...]
    total: Window


def closed_line(latest: Latest, *, minutes: int, run_id: int = 0, variant_id: int = 0, feature: str = "") -> Line:
    """Return the closed windows of the last hour, of one or five minutes each, with empty ones where nothing was."""
    chosen = [
        window
        for window in latest.windows
        if (window.run_id, window.variant_id, window.feature) == (run_id, variant_id, feature)
    ]
    if minutes == 5:
        chosen = list(five_minutes(chosen))
    step = minutes * MINUTE
    end = whole_minute(latest.watermark)
    end -= timedelta(minutes=end.minute % minutes)
    known = {window.starts_at: window for window in chosen}
    starts = [end - step * back for back in range(SHOWN_MINUTES // minutes, 0, -1)]
    windows = tuple(known.get(at, replace(EMPTY, starts_at=at)) for at in starts)
    return Line(windows=windows, total=summed(windows))


def summed(windows: Iterable[Window]) -> Window:
    """Return what happened in all of them."""
    rows = list(windows)
    return replace(
        EMPTY,
        impressions=sum(row.impressions for row in rows),
        clicks=sum(row.clicks for row in rows),
        orders=sum(row.orders for row in rows),
        revenue=sum((row.revenue for row in rows), Decimal(0)),
        late=sum(row.late for row in rows),
    )


def volume(line: Line) -> dict[str, Any]:
    """Return impressions and clicks as lines, and orders on an axis of their own."""
    names = {"impressions": _("Impressions"), "clicks": _("Clicks"), "orders": _("Orders")}
    traces = [
        _trace(line.windows, [getattr(window, column) for window in line.windows], name, series)
        for series, (column, name) in enumerate(names.items())
    ]
    traces[2] |= {"yaxis": "y2", "line": {"width": 2, "dash": "dot"}}
    whole = {"rangemode": "tozero", "tickformat": ",d"}
    most = max((window.orders for window in line.windows), default=0)
    layout = {
        "xaxis": _time_axis(),
        "yaxis": whole,
        "yaxis2": {**whole, "overlaying": "y", "side": "right", "showgrid": False, "dtick": max(-(-most // 4), 1)},
        "showlegend": True,
    }
    return {"data": traces, "layout": layout}


def click_rates(lines: Mapping[str, Line]) -> dict[str, Any]:
    """Return the CTR over time, one line each."""
    traces = [
        {
            **_trace(line.windows, [None if w.ctr is None else round(w.ctr, 6) for w in line.windows], name, series),
            "hovertemplate": "%{y:.1%}",
        }
        for series, (name, line) in enumerate(lines.items())
    ]
    layout = {
        "xaxis": _time_axis(),
        "yaxis": {"rangemode": "tozero", "tickformat": ".0%"},
        "showlegend": len(traces) > 1,
    }
    return {"data": traces, "layout": layout}


def _trace(windows: Sequence[Window], values: Sequence[Any], name: str, series: int) -> dict[str, Any]:
    return {
        "x": [timezone.localtime(window.starts_at).strftime("%Y-%m-%dT%H:%M:%S") for window in windows],
        "y": list(values),
        "name": name,
        "mode": "lines+markers",
        "line": {"width": 2},
        "marker": {"size": 4},
        "meta": {"series": series},
    }


def _time_axis() -> dict[str, Any]:
    return {"type": "date", "tickformat": "%H:%M", "hoverformat": "%H:%M"}
