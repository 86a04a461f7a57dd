"""The funnel by day and by category, and the cohorts, as tables and figures."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from analytics.marts.kpis import KPIS, value_of
from analytics.marts.zone import date_of
from analytics.models import CohortWeek, FunnelCategoryDay, FunnelDay, NameKey
from novarium.portal import numbers

STEPS = ("view_to_cart", "cart_to_order")
HEAT_STEPS = 10
NAMES = 1000  # looked up at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """Sums of a funnel; a visitor counts once a day."""

    visitors: int
    viewers: int
    viewing_carters: int
    viewing_carting_buyers: int

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The steps, each with its share of the first and of the one before."""
        counts = (
            (_("Saw a page"), self.viewers),
            (_("and filled a cart"), self.viewing_carters),
            (_("and ordered"), self.viewing_carting_buyers),
        )
        before = (self.viewers, *(count for _label, count in counts[:-1]))
        return [
            {
                "label": label,
                "count": count,
                "of_first": count / self.viewers if self.viewers else None,
                "of_before": count / one_before if one_before else None,
            }
            for (label, count), one_before in zip(counts, before, strict=True)
        ]


def steps_of(days: Sequence[FunnelDay]) -> Steps:
    """Return the sums over the days."""
    return Steps(
        visitors=sum(day.visitors for day in days),
        viewers=sum(day.viewers for day in days),
        viewing_carters=sum(day.viewing_carters for day in days),
        viewing_carting_buyers=sum(day.viewing_carting_buyers for day in days),
    )


def funnel_figure(days: Sequence[FunnelDay]) -> dict[str, Any]:
    """Return both steps' rates over the ordered days."""
    traces = []
    for index, key in enumerate(STEPS, 1):
        values = [value_of(key, day) for day in days]
        traces.append(
            {
                "x": [date_of(day.day).isoformat() for day in days],
                "y": values,
                "name": str(KPIS[key].label),
                "mode": "lines+markers",
                "line": {"width": 2},
                "marker": {"size": 5},
                "meta": {"series": index},
                "text": [numbers.percent(value) for value in values],
                "hovertemplate": "%{text}",
            }
        )
    axis = {
        "type": "date",
        "tickformat": pgettext("Plotly date", "%-d %b"),
        "hoverformat": pgettext("Plotly date", "%-d %b %Y"),
    }
    return {"data": traces, "layout": {"xaxis": axis, "yaxis": {"rangemode": "tozero", "tickformat": ".0%"}}}


def categories(found: QuerySet[FunnelCategoryDay]) -> QuerySet[Any, Any]:
    """Return the sums of each category over the days that were found, the most viewed first."""
    summed: QuerySet[Any, Any] = found.order_by().values("category")
    names = ("visitors", "viewers", "carters", "buyers", "views", "carts", "purchases")
    sums: QuerySet[Any, Any] = summed.annotate(**{f"{name}_sum": Sum(name) for name in names})
    return sums.order_by("-views_sum", "category")


def named(rows: Sequence[dict[str, Any]], *, dataset_id: int) -> list[dict[str, Any]]:
    """Return rows of categories with their texts, where they have any, and their rates."""
    wanted = [row["category"] for row in rows]
    names: dict[int, str] = {}
    for start in range(0, len(wanted), NAMES):
        some = NameKey.objects.filter(dataset_id=dataset_id, kind="category", number__in=wanted[start : start + NAMES])
        names |= dict(some.values_list("number", "name"))
    return [
        {
            **row,
            "name": names.get(row["category"], str(row["category"])),
            "cart_share": row["carters_sum"] / row["viewers_sum"] if row["viewers_sum"] else None,
            "order_share": row["buyers_sum"] / row["carters_sum"] if row["carters_sum"] else None,
        }
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Cell:
    """A week of a cohort: the share, what it is a share of, and how dark it is drawn, 0..10."""

    share: float | None
    count: int
    of: int
    heat: int


@dataclass(frozen=True, slots=True)
class Cohort:
    """A week's first visitors, and their shares in the weeks since; None where the week is not built."""

    monday: int
    visitors: int
    retention: Sequence[Cell | None]
    reorders: Sequence[Cell | None]

    @property
    def date(self) -> Any:
        """The Monday."""
        return date_of(self.monday)


def cohorts(cells: Sequence[CohortWeek], *, last_day: int) -> list[Cohort]:
    """Return the cohorts, oldest first, each with as many weeks as had begun on the last day.

    A week that nobody of the cohort came in has no row: it counts as zero.
    """
    by_cohort: dict[int, dict[int, CohortWeek]] = defaultdict(dict)
    for cell in cells:
        by_cohort[cell.cohort_day][cell.week_day] = cell
    most = max((_share(cell.reorderers, cell.buyers) or 0 for cell in cells), default=0)
    return [_cohort(monday, weeks, last_day, most) for monday, weeks in sorted(by_cohort.items())]


def _cohort(monday: int, weeks: dict[int, CohortWeek], last_day: int, most_reorders: float) -> Cohort:
    size = weeks[monday].visitors if monday in weeks else 0
    held = [weeks.get(week) for week in range(monday, last_day + 1, 7)]
    return Cohort(
        monday,
        size,
        [_cell(week.visitors if week else 0, size, 1.0 if index == 0 else 0.5) for index, week in enumerate(held)],
        [_cell(week.reorderers if week else 0, week.buyers if week else 0, most_reorders or 1.0) for week in held],
    )


def _cell(count: int, of: int, darkest: float) -> Cell:
    share = _share(count, of)
    return Cell(share, count, of, min(HEAT_STEPS, round((share or 0) / darkest * HEAT_STEPS)))


def _share(count: int, of: int) -> float | None:
    return count / of if of else None
