"""What the style page shows: examples of every component, made up for the page."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from django.utils import timezone

from novarium.portal import intervals
from novarium.portal.glossary import GLOSSARY


def examples() -> dict[str, Any]:
    """Return the context of the style page."""
    now = timezone.now()
    return {
        "glossary": GLOSSARY,
        "axis": intervals.axis_for(-0.04, 0.12, margin=-0.02),
        "rows": ROWS,
        "steps": STEPS,
        "tabs": TABS,
        "timeline": [
            {"title": "Launched", "at": now - timedelta(days=6), "by": "Mina Kim", "tone": "accent", "text": "Run 1"},
            {"title": "Stopped", "at": now - timedelta(days=1), "by": "Mina Kim", "tone": "neutral"},
            {"title": "Adopted", "at": now, "by": "Joon Park", "tone": "good", "text": "Free delivery wins."},
        ],
        "figure": _figure(),
        "curl": "curl -H 'Authorization: Bearer TOKEN' https://novarium.example/api/v1/experiments/",
    }


ROWS: list[dict[str, Any]] = [
    {"metric": "CTR", "point": 0.062, "low": 0.021, "high": 0.103, "margin": None, "tone": "good", "units": 12345},
    {"metric": "CVR", "point": 0.011, "low": -0.034, "high": 0.056, "margin": None, "tone": "neutral", "units": 12345},
    {"metric": "AOV", "point": -0.012, "low": -0.04, "high": 0.016, "margin": -0.02, "tone": "warn", "units": 813},
    {"metric": "Refund rate", "point": -0.03, "low": None, "high": -0.004, "margin": None, "tone": "bad", "units": 813},
]
STEPS = [
    {"label": "Hypothesis and metrics", "state": "done", "url": "#"},
    {"label": "Variants", "state": "current"},
    {"label": "Power and duration", "state": "ahead"},
    {"label": "Review", "state": "ahead"},
]
TABS = [
    {"label": "Results", "url": "#tabs", "is_open": True},
    {"label": "Design", "url": "#tabs", "is_open": False},
    {"label": "Comments", "url": "#tabs", "is_open": False, "count": 3},
]


def _figure() -> dict[str, Any]:
    days = list(range(1, 15))
    middle = [0.06 + 0.05 * math.exp(-day / 3) * math.cos(day) for day in days]
    half = [0.12 / math.sqrt(day) for day in days]
    band = [value + wide for value, wide in zip(middle, half, strict=True)]
    floor = [value - wide for value, wide in zip(middle, half, strict=True)]
    return {
        "data": [
            {"x": days, "y": floor, "mode": "lines", "line": {"width": 0}, "showlegend": False, "hoverinfo": "skip"},
            {
                "x": days,
                "y": band,
                "mode": "lines",
                "line": {"width": 0},
                "fill": "tonexty",
                "name": "95% interval",
                "meta": {"series": 1},
            },
            {"x": days, "y": middle, "mode": "lines+markers", "name": "Difference", "meta": {"series": 1}},
        ],
        "layout": {
            "xaxis": {"title": {"text": "Day"}},
            "yaxis": {"title": {"text": "Relative difference"}, "tickformat": "+.0%"},
        },
    }
