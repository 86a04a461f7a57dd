"""The Data Lab: the marts as pages and files, and how they are built."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analytics.forms import BuildForm, SegmentFilterForm
from analytics.marts.catalogue import load_models, sql_models
from analytics.marts.figures import daily_figure, daily_tiles, whole_days
from analytics.marts.kpis import KPIS
from analytics.marts.lineage import Graph, lineage
from analytics.marts.runs import progress_of, request_build, resume_build
from analytics.models import DailyMetric, MartRun, UserStat
from analytics.quality.checks import STAGE_LABELS, Check, checks, guards
from analytics.tasks import build_marts
from analytics.views.csv_files import csv_file
from analytics.views.shown_range import Shown, shown_dataset, shown_range
from novarium.kernel.errors import Invalid, NotFound
from novarium.portal.access import allow, can, person
from novarium.portal.roles import Action

PAGE_SIZE = 50
LOG_SIZE = 20
DAILY_COLUMNS = (
    "date", "visitors", "sessions", "page_views", "clickers", "carters", "buyers", "clicking_buyers", "orders",
    "revenue", "refunded", "bounces",
)  # fmt: skip
DAILY_KPIS = tuple(key for key, kpi in KPIS.items() if kpi.table == "daily_metrics")
USER_COLUMNS = (
    "unit_id", "segment", "orders", "spend", "last_order", "recency_days", "first_seen", "last_seen", "active_days",
    "as_of",
)  # fmt: skip


@require_safe
@allow(Action.READ)
def daily(request: HttpRequest) -> HttpResponse:
    """Show how the shop, or what an imported log is of, did in the last thirty days, or those asked for."""
    shown = shown_range(request)
    days = list(DailyMetric.objects.filter(**shown.days))
    today = timezone.localdate()
    whole = whole_days(days, today=today)
    context = {
        **frame(request, "daily"),
        "shown": shown,
        "days": days,
        "today": today,
        "tiles": daily_tiles(whole, won=shown.is_won),
        "last_whole": whole[-1].date if whole else None,
        "rates": daily_figure(whole, ("ctr", "cvr")),
        "volume": daily_figure(whole, ("visitors", "orders")),
        "money": daily_figure(whole, ("revenue",), won=shown.is_won),
        "kpis": [KPIS[key] for key in DAILY_KPIS],
        "behaviour": daily_figure(whole, ("session_depth", "bounce_rate")),
    }
    return render(request, "analytics/data/daily.html", context, status=shown.status)


@require_safe
@allow(Action.READ)
def daily_csv(request: HttpRequest) -> HttpResponse:
    """Hand out every day of a dataset, or those asked for, as a CSV file."""
    shown = shown_range(request)
    shown.refuse_invalid()
    has_range = request.GET.get("first") or request.GET.get("last")
    wanted = shown.days if has_range else {"dataset_id": shown.dataset.pk}
    days = DailyMetric.objects.filter(**wanted).order_by("day")
    rows = ([*(getattr(day, name) for name in DAILY_COLUMNS), *(day.kpi(key) for key in DAILY_KPIS)] for day in days)
    return csv_file("daily_metrics.csv", (*DAILY_COLUMNS, *DAILY_KPIS), rows)


@require_safe
@allow(Action.READ)
def users(request: HttpRequest) -> HttpResponse:
    """Show the segments and the users in them."""
    form = SegmentFilterForm(request.GET)
    shown = shown_dataset(request)
    valid = form.is_valid() and shown.is_valid
    found = _users(form, shown) if valid else UserStat.objects.none()
    known = UserStat.objects.filter(dataset_id=shown.dataset.pk)
    segments = known.values("segment").annotate(units=Count("visitor"), spend=Sum("spend")).order_by("-spend")
    context = {
        **frame(request, "users"),
        "shown": shown,
        "form": form,
        "is_filtered": not valid or any(form.cleaned_data.values()),
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
        "segments": [{**row, "label": UserStat.Segment(row["segment"]).label} for row in segments],
        "total": sum(row["units"] for row in segments),
        "as_of": known.aggregate(as_of=Max("as_of"))["as_of"],
    }
    return render(request, "analytics/data/users.html", context, status=200 if valid else 422)


@require_safe
@allow(Action.READ)
def users_csv(request: HttpRequest) -> HttpResponse:
    """Hand out the users that fit the filter as a CSV file."""
    form = SegmentFilterForm(request.GET)
    shown = shown_dataset(request)
    shown.refuse_invalid()
    if not form.is_valid():
        raise Invalid(_("The filter is not right."), fields={n: [str(e) for e in es] for n, es in form.errors.items()})
    return csv_file(
        "user_stats.csv", USER_COLUMNS, _users(form, shown).values_list(*USER_COLUMNS).iterator(chunk_size=2000)
    )


@require_safe
@allow(Action.READ)
def builds(request: HttpRequest) -> HttpResponse:
    """Show what was built when, and the form that builds."""
    return _builds_page(request, BuildForm())


@require_safe
@allow(Action.READ)
def builds_live(request: HttpRequest) -> HttpResponse:
    """Answer with the log as it stands."""
    return render(request, "analytics/data/log.html", {"can_build": can(request.user, Action.BUILD), **_log()})


@require_POST
@allow(Action.BUILD)
def build(request: HttpRequest) -> HttpResponse:
    """Hand a build to a worker."""
    form = BuildForm(request.POST)
    if form.is_valid():
        try:
            chosen = form.cleaned_data
            run = request_build(
                first=chosen["day"],
                last=chosen["last"],
                dataset=chosen["dataset"],
                engine=chosen["engine"] or MartRun.Engine.POSTGRES,
                actor=person(request),
            )
        except Invalid as error:
            for name, sentences in (error.fields or {"engine": [error.message]}).items():
                form.add_error(name, sentences)
        else:
            build_marts.delay_on_commit(run.pk)
            messages.success(request, _("The build is queued. This page shows how far it is; you may leave it."))
            return redirect("data:builds")
    return _builds_page(request, form, status=422)


@require_POST
@allow(Action.BUILD)
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a stopped build go on where it stopped."""
    run = MartRun.objects.filter(pk=pk).first()
    if run is None:
        raise NotFound(_("There is no such build."))
    resume_build(run, actor=person(request))
    build_marts.delay_on_commit(run.pk)
    messages.success(request, _("The build goes on where it stopped."))
    return redirect("data:builds")


@require_safe
@allow(Action.READ)
def dictionary(request: HttpRequest) -> HttpResponse:
    """Show what each table holds, the SQL that makes it, and the checks that guard it."""
    models = sql_models()
    made = {model.name for model in models}
    return render(
        request,
        "analytics/data/dictionary.html",
        {
            **frame(request, "dictionary"),
            "models": [(model, guards().get(model.name, ())) for model in models],
            "tables": [(box.name, guards().get(box.name, ())) for box in _graph().nodes if box.name not in made],
            "checks": _checks_by_stage(),
            "loads": load_models(),
            "kpis": KPIS.values(),
        },
    )


@require_safe
@allow(Action.READ)
def lineage_graph(request: HttpRequest) -> HttpResponse:
    """Draw which table is made of which, and how many checks read each."""
    context = {**frame(request, "lineage"), "graph": _graph(), "checks": _checks_by_stage()}
    return render(request, "analytics/data/lineage.html", context)


def frame(request: HttpRequest, open_tab: str) -> dict[str, Any]:
    """Return what every page of the Data Lab has: its tabs, and whether the person may build."""
    tabs = (
        ("daily", _("Daily metrics"), reverse("data:daily")),
        ("users", _("Users"), reverse("data:users")),
        ("funnel", _("Funnel"), reverse("data:funnel")),
        ("cohorts", _("Cohorts"), reverse("data:cohorts")),
        ("crm", _("CRM targets"), reverse("data:crm")),
        ("builds", _("Builds"), reverse("data:builds")),
        ("quality", _("Data quality"), reverse("data:quality")),
        ("reports", _("Reports"), reverse("data:reports")),
        ("lineage", _("Lineage"), reverse("data:lineage")),
        ("datasets", _("Datasets"), reverse("data:datasets")),
        ("dictionary", _("Dictionary"), reverse("data:dictionary")),
    )
    return {
        "tabs": [{"label": label, "url": url, "is_open": name == open_tab} for name, label, url in tabs],
        "can_build": can(request.user, Action.BUILD),
    }


def _graph() -> Graph:
    names = {table: [check.label for check in found] for table, found in guards().items()}
    return lineage(sql_models(), load_models(), names)


def _checks_by_stage() -> list[tuple[str | Promise, list[Check]]]:
    return [(label, [check for check in checks() if check.stage == stage]) for stage, label in STAGE_LABELS.items()]


def _builds_page(request: HttpRequest, form: BuildForm, *, status: int = 200) -> HttpResponse:
    context = {**frame(request, "builds"), "form": form, **_log()}
    return render(request, "analytics/data/builds.html", context, status=status)


def _log() -> dict[str, Any]:
    runs = list(MartRun.objects.select_related("requested_by", "dataset").prefetch_related("stages")[:LOG_SIZE])
    waiting = [run for run in runs if run.status in {MartRun.Status.QUEUED, MartRun.Status.RUNNING}]
    return {"runs": runs, "waiting": [(run, progress_of(run)) for run in waiting]}


def _users(form: SegmentFilterForm, shown: Shown) -> QuerySet[UserStat]:
    found = UserStat.objects.filter(dataset_id=shown.dataset.pk)
    if form.cleaned_data["segment"]:
        found = found.filter(segment=form.cleaned_data["segment"])
    if form.cleaned_data["unit"]:
        found = found.filter(unit_id__startswith=form.cleaned_data["unit"])
    return found
