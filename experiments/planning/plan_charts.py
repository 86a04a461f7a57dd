"""Plotly figures of a plan; no colours, the theme has them. Pure but for the labels' language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from experiments.planning.planning_hooks import DayPoint, Plan

Figure = dict[str, Any]

# An effect that a few first days would find says nothing and would flatten the rest of the curve.
HIGHEST_EFFECT = 6


def found_figure(plan: Plan) -> Figure:
    """Return the smallest effect that is found, against the week in which the experiment ends."""
    top = HIGHEST_EFFECT * (plan.mde or 0.0)
    points = [point for point in plan.daily if point.mde <= top]
    return _figure(
        _line(_weeks(points), [point.mde * 100 for point in points], _("MDE"), hover="%{x:.1f} · %{y:.2f}%"),
        _mark(plan.weeks or None, (plan.mde or 0) * 100, hover="%{x} · %{y:.2f}%"),
        x={"title": {"text": _("Weeks")}, "rangemode": "tozero"},
        y={"title": {"text": _("MDE, relative")}, "ticksuffix": "%", "rangemode": "tozero"},
        moves="weeks",
    )


def power_figure(plan: Plan, *, target: float) -> Figure:
    """Return the power for the planned effect, against the week in which the experiment ends; the target is marked."""
    return _figure(
        _line(
            _weeks(plan.daily), [point.power * 100 for point in plan.daily], _("Power"), hover="%{x:.1f} · %{y:.0f}%"
        ),
        _mark(plan.weeks or None, (_power_at_end(plan) or 0) * 100, hover="%{x} · %{y:.0f}%"),
        x={"title": {"text": _("Weeks")}, "rangemode": "tozero"},
        y={"title": {"text": _("Power")}, "ticksuffix": "%", "range": [0, 102]},
        shapes=[_level(target * 100)],
        moves="weeks",
    )


def size_figure(plan: Plan) -> Figure:
    """Return units in all against the effect that they find; the planned effect is marked."""
    return _figure(
        _line(
            [point.mde * 100 for point in plan.curve],
            [point.total for point in plan.curve],
            _("Units in all"),
            hover="%{x:.2f}% · %{y:,.0f}",
        ),
        _mark((plan.mde or 0) * 100, plan.total, hover="%{x:.2f}% · %{y:,.0f}"),
        x={
            "title": {"text": _("MDE, relative")},
            "ticksuffix": "%",
            "type": "log",
            "tickvals": _round_numbers(1, 2, 5),
        },
        y={"title": {"text": _("Units in all")}, "type": "log", "tickvals": _round_numbers(1, 3), "tickformat": "~s"},
        moves="mde",
    )


def arrival_figure(plan: Plan) -> Figure:
    """Return different units that have come by each week; recorded days solid, foretold ones dotted."""
    days = list(range(1, len(plan.arriving) + 1))
    known = max(plan.known_days, 1)
    past, ahead = slice(0, known), slice(known - 1, None)
    weeks = [day / 7 for day in days]
    ahead_line = _line(weeks[ahead], plan.arriving[ahead], _("Foretold"), hover="%{x:.1f} · %{y:,.0f}")
    ahead_line["line"] = {"dash": "dot"}
    lines = [_line(weeks[past], plan.arriving[past], _("Recorded"), hover="%{x:.1f} · %{y:,.0f}")]
    return _figure(
        *lines,
        ahead_line,
        _mark(plan.weeks or None, plan.total, hover="%{x} · %{y:,.0f}"),
        x={"title": {"text": _("Weeks")}, "rangemode": "tozero"},
        y={"title": {"text": _("Different units")}, "rangemode": "tozero"},
        shapes=[_level(plan.total or 0)],
        moves="weeks",
    )


def _round_numbers(*digits: int) -> list[float]:
    """Return where a logarithmic axis is labelled: 1, 2, 5, 10 … with these digits."""
    return [round(digit * 10.0**exponent, 4) for exponent in range(-2, 10) for digit in digits]


def _power_at_end(plan: Plan) -> float | None:
    end = plan.after_week(plan.weeks)
    return end.power if end else plan.power


def _weeks(points: Sequence[DayPoint]) -> list[float]:
    return [point.day / 7 for point in points]


def _figure(*data: Figure, x: Figure, y: Figure, moves: str, shapes: Sequence[Figure] = ()) -> Figure:
    layout = {
        "xaxis": x,
        "yaxis": y,
        "shapes": list(shapes),
        "showlegend": False,
        "hovermode": "closest",
        "margin": {"t": 8, "r": 8},
        # A click on the curve takes this field there.
        "meta": {"moves": moves},
    }
    return {"data": list(data), "layout": layout}


def _line(x: Sequence[float], y: Sequence[float], name: str, *, hover: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [round(value, 4) for value in x],
        "y": [round(value, 4) for value in y],
        "meta": {"series": 1},
        "hovertemplate": f"{hover}<extra></extra>",
    }


def _mark(x: float | None, y: float | None, *, hover: str) -> Figure:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": _("Your plan"),
        "x": [] if x is None or y is None else [x],
        "y": [] if x is None or y is None else [y],
        "marker": {"size": 11},
        "meta": {"tone": "accent"},
        "hovertemplate": f"{hover}<extra></extra>",
    }


def _level(height: float) -> Figure:
    return {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": height, "y1": height, "tone": "warn"}
