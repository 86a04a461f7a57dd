"""The definitions of the KPIs as the document docs/kpis.md."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.utils import translation

from analytics.marts.kpis import KPIS, Kpi

PATH = "docs/kpis.md"
HEAD = """# KPIs

Written by `manage.py write_kpis` from `analytics/marts/kpis.py`, the one place that defines them; do not edit it here.
Each KPI is a quotient of two columns of a mart. Of several days or weeks it is the quotient of the columns' sums;
without a denominator there is none. Money is kept in hundredths. Where a metric of experiments asks the same, it asks
it of exposed units, from their first exposure on.

| KPI | Meaning | Formula | Mart | Grain | Metric |
|---|---|---|---|---|---|
"""


def document() -> str:
    """Return the document's text, in English."""
    with translation.override("en"):
        return HEAD + "".join(map(_line, KPIS.values()))


def path() -> Path:
    """Return where the document stands."""
    return Path(settings.BASE_DIR) / PATH


def _line(kpi: Kpi) -> str:
    metric = f"`{kpi.metric}`" if kpi.metric else ""
    return f"| {kpi.label} | {kpi.description} | `{kpi.formula}` | `{kpi.table}` | {kpi.grain} | {metric} |\n"
