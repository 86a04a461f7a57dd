"""What the style page shows: examples of every component, made up for the page."""

from __future__ import annotations

import math
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

from django import forms
from django.template.loader import get_template
from django.utils import timezone

from novarium.portal import intervals
from novarium.portal.glossary import GLOSSARY


class ExampleForm(forms.Form):
    """One field of each kind."""

    name = forms.CharField(label="Name", help_text="As colleagues will see it.")
    team = forms.ChoiceField(label="Team", choices=[("growth", "Growth"), ("checkout", "Checkout and delivery")])
    mde = forms.DecimalField(label="Smallest effect to find", min_value=1, max_value=100)
    day = forms.DateField(label="First day", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    why = forms.CharField(label="Why", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    metrics = forms.MultipleChoiceField(
        label="Guardrails",
        choices=[("aov", "Average order value"), ("refunds", "Refund rate")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agree = forms.BooleanField(label="A colleague has seen the preview", required=False)


class ExampleShares(forms.Form):
    """Shares of a whole."""

    new = forms.DecimalField(label="New", help_text="Came for the first time.", min_value=0, max_value=100)
    returning = forms.DecimalField(label="Returning", help_text="Came before.", min_value=0, max_value=100)
    loyal = forms.DecimalField(label="Loyal", help_text="Came in each of four weeks.", min_value=0, max_value=100)


SAMPLES = Path(__file__).parent / "templates" / "portal" / "samples"  # markup as text, never rendered
COLOURS = (
    *("canvas", "surface", "surface-2", "surface-3", "line", "line-strong", "ink-3", "ink-2", "ink"),
    *("accent", "accent-soft", "good", "warn", "bad"),
    *(f"series-{number}" for number in range(6)),
)


def examples() -> dict[str, Any]:
    """Return the context of the style page."""
    now = timezone.now()
    figure, chart_rows = _figure()
    return {
        "glossary": GLOSSARY,
        "samples": {path.stem: path.read_text(encoding="utf-8").rstrip() for path in SAMPLES.glob("*.txt")},
        "sizes": range(6, 0, -1),
        "colours": COLOURS,
        "icons": icon_names(),
        "axis": intervals.axis_for(-0.04, 0.12, margin=-0.02),
        "rows": ROWS,
        "steps": STEPS,
        "tab_items": TABS,
        "form": ExampleForm({"name": "", "team": "growth", "mde": "5", "why": ""}),
        "shares": ExampleShares(initial={"new": 50, "returning": 30, "loyal": 20}),
        "now": now,
        "earlier": now - timedelta(minutes=5),
        "missing": None,
        "timeline_items": [
            {"title": "Adopted", "at": now, "by": "Joon Park", "tone": "good", "text": "Free delivery wins."},
            {"title": "Stopped", "at": now - timedelta(days=1), "by": "Mina Kim", "tone": "neutral"},
            {"title": "Launched", "at": now - timedelta(days=6), "by": "Mina Kim", "tone": "accent", "text": "Run 1"},
        ],
        "figure": figure,
        "chart_rows": chart_rows,
    }


def icon_names() -> list[str]:
    """Return the names of the icons in the sprite."""
    return re.findall(r'id="i-([a-z-]+)"', get_template("components/icons.html").render())


ROWS: list[dict[str, Any]] = [
    {
        "metric": "CTR",
        "point": 0.062,
        "low": 0.021,
        "high": 0.103,
        "margin": None,
        "tone": "good",
        "units": 12345,
        "verdict": "Better",
    },
    {
        "metric": "CVR",
        "point": 0.011,
        "low": -0.034,
        "high": 0.056,
        "margin": None,
        "tone": "neutral",
        "units": 12345,
        "verdict": "Open",
    },
    {
        "metric": "AOV",
        "point": -0.012,
        "low": -0.04,
        "high": 0.016,
        "margin": -0.02,
        "tone": "warn",
        "units": 813,
        "verdict": "May breach",
    },
    {
        "metric": "Refunds",
        "point": -0.03,
        "low": None,
        "high": -0.004,
        "margin": None,
        "tone": "bad",
        "units": 813,
        "verdict": "Worse",
    },
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


def _figure() -> tuple[dict[str, Any], list[tuple[int, float]]]:
    days = list(range(1, 15))
    middle = [0.06 + 0.05 * math.exp(-day / 3) * math.cos(day) for day in days]
    half = [0.12 / math.sqrt(day) for day in days]
    high = [value + wide for value, wide in zip(middle, half, strict=True)]
    low = [value - wide for value, wide in zip(middle, half, strict=True)]
    hidden = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
    data = [
        {"x": days, "y": low, **hidden, "showlegend": False},
        {"x": days, "y": high, **hidden, "fill": "tonexty", "name": "95% interval", "meta": {"series": 1}},
        {"x": days, "y": middle, "mode": "lines+markers", "name": "Difference", "meta": {"series": 1}},
    ]
    layout = {
        "xaxis": {"title": {"text": "Day"}},
        "yaxis": {"title": {"text": "Relative difference"}, "tickformat": "+.0%"},
        "shapes": [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": -0.02, "y1": -0.02, "tone": "bad"}],
    }
    return {"data": data, "layout": layout}, list(zip(days, middle, strict=True))
