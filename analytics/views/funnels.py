"""The Data Lab's funnel and cohorts, for any dataset and range."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from analytics.marts.funnels import STEPS, categories, cohorts, funnel_figure, named, steps_of
from analytics.marts.kpis import KPIS, value_of
from analytics.marts.zone import date_of, monday_of
from analytics.models import CohortWeek, FunnelCategoryDay, FunnelDay
from analytics.views.csv_files import csv_file
from analytics.views.data import frame
from analytics.views.shown_range import Shown, shown_range
from novarium.portal.access import allow
from novarium.portal.roles import Action

PAGE_SIZE = 50
COHORT_DAYS = 12 * 7
MOST_WEEKS = 53
FUNNEL_COLUMNS = ("visitors", "viewers", "carters", "buyers", "viewing_carters", "viewing_carting_buyers")
CATEGORY_COLUMNS = ("visitors", "viewers", "carters", "buyers", "views", "carts", "purchases")


@require_safe
@allow(Action.READ)
def funnel(request: HttpRequest) -> HttpResponse:
    """Show from the view to the order, by day and by category."""
    shown = shown_range(request)
    days = list(FunnelDay.objects.filter(**shown.days).order_by("day"))
    page = Paginator(categories(FunnelCategoryDay.objects.filter(**shown.days)), PAGE_SIZE)
    rows = page.get_page(request.GET.get("page"))
    context = {
        **frame(request, "funnel"),
        "shown": shown,
        "days": [(day, *(value_of(key, day) for key in STEPS)) for day in reversed(days)],
        "steps": steps_of(days).rows,
        "figure": funnel_figure(days),
        "page": rows,
        "categories": named(list(rows.object_list), dataset_id=shown.dataset.pk),
        "kpis": [KPIS[key] for key in STEPS],
    }
    return render(request, "analytics/data/funnel.html", context, status=shown.status)


@require_safe
@allow(Action.READ)
def funnel_csv(request: HttpRequest) -> HttpResponse:
    """Hand out the funnel of each day as a CSV file."""
    shown = _asked(request)
    days = FunnelDay.objects.filter(**shown.days).order_by("day")
    rows = (
        [date_of(day.day), *(getattr(day, name) for name in FUNNEL_COLUMNS), *(value_of(key, day) for key in STEPS)]
        for day in days
    )
    return csv_file("funnel_daily.csv", ("date", *FUNNEL_COLUMNS, *STEPS), rows)


@require_safe
@allow(Action.READ)
def categories_csv(request: HttpRequest) -> HttpResponse:
    """Hand out the sums of each category as a CSV file."""
    shown = _asked(request)
    found = list(categories(FunnelCategoryDay.objects.filter(**shown.days)))
    rows = named(found, dataset_id=shown.dataset.pk)
    lines = ([row["name"], *(row[f"{name}_sum"] for name in CATEGORY_COLUMNS)] for row in rows)
    return csv_file("funnel_category.csv", ("category", *CATEGORY_COLUMNS), lines)


@require_safe
@allow(Action.READ)
def cohort_weeks(request: HttpRequest) -> HttpResponse:
    """Show which share of each week's first visitors came again, and ordered again."""
    shown = shown_range(request, days=COHORT_DAYS)
    found = cohorts(_cells(shown), last_day=shown.last or 0)
    most = max((len(cohort.retention) for cohort in found), default=0)
    context = {
        **frame(request, "cohorts"),
        "shown": shown,
        "cohorts": [(cohort, range(most - len(cohort.retention))) for cohort in found],
        "weeks": range(most),
        "has_orders": any(cell and cell.of for cohort in found for cell in cohort.reorders),
        "kpis": [KPIS["retention"], KPIS["reorder_rate"]],
    }
    return render(request, "analytics/data/cohorts.html", context, status=shown.status)


@require_safe
@allow(Action.READ)
def cohorts_csv(request: HttpRequest) -> HttpResponse:
    """Hand out the cohorts' weeks as a CSV file."""
    shown = shown_range(request, days=COHORT_DAYS)
    shown.refuse_invalid()
    columns = ("cohort", "week", "visitors", "buyers", "reorderers")
    rows = (
        [date_of(cell.cohort_day), date_of(cell.week_day), cell.visitors, cell.buyers, cell.reorderers]
        for cell in _cells(shown)
    )
    return csv_file("cohort_weekly.csv", columns, rows)


def _cells(shown: Shown) -> list[CohortWeek]:
    """Return the weeks up to the last day of the cohorts that began in the range, at most a year of them."""
    if shown.first is None or shown.last is None or not shown.is_valid:
        return []
    first = max(monday_of(shown.first), monday_of(shown.last) - 7 * (MOST_WEEKS - 1))
    found = CohortWeek.objects.filter(dataset_id=shown.dataset.pk, cohort_day__gte=first, week_day__lte=shown.last)
    return list(found.order_by("cohort_day", "week_day"))


def _asked(request: HttpRequest) -> Shown:
    shown = shown_range(request)
    shown.refuse_invalid()
    return shown
