"""Plotly figures of a plan; no colours, the theme has them. Pure but for the labels' language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from experiments.planning_hooks import Plan

Figure = dict[str, Any]


def mde_figure(plan: Plan, *, chosen: float) -> Figure:
    """Return units in all against the effect that they find; the chosen effect is marked."""
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "name": _("Units in all"),
                "x": [point.mde * 100 for point in plan.curve],
                "y": [point.total for point in plan.curve],
                "meta": {"series": 1},
                "hovertemplate": "%{x:.2f}% · %{y:,.0f}<extra></extra>",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "name": _("Your choice"),
                "x": [chosen * 100],
                "y": [plan.total],
                "marker": {"size": 10},
                "meta": {"tone": "accent"},
                "hovertemplate": "%{x:.2f}% · %{y:,.0f}<extra></extra>",
            },
        ],
        "layout": {
            "xaxis": {"title": {"text": _("MDE, relative")}, "ticksuffix": "%", "rangemode": "tozero"},
            "yaxis": {"title": {"text": _("Units in all")}, "type": "log"},
            "showlegend": False,
            "hovermode": "closest",
        },
    }


def power_figure(plan: Plan, *, target: float) -> Figure:
    """Return the power for the chosen effect by the day on which the experiment ends; the target is marked."""
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "name": _("Power"),
                "x": [point.day for point in plan.daily],
                "y": [point.power * 100 for point in plan.daily],
                "customdata": [[point.units, point.mde * 100] for point in plan.daily],
                "meta": {"series": 1},
                "hovertemplate": "%{x} · %{y:.0f}% · %{customdata[0]:,.0f} · %{customdata[1]:.1f}%<extra></extra>",
            }
        ],
        "layout": {
            "xaxis": {"title": {"text": _("Days of enrolment")}, "rangemode": "tozero"},
            "yaxis": {"title": {"text": _("Power")}, "ticksuffix": "%", "range": [0, 102]},
            "shapes": [_level(target * 100)],
            "showlegend": False,
            "hovermode": "closest",
        },
    }


def _level(height: float) -> Figure:
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": height, "y1": height, "tone": "warn"}
