"""CRM targets of any dataset and range, and the rules that make them, which leads edit."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analytics.crm_rules import save_rule
from analytics.forms import CrmRuleForm
from analytics.marts.zone import date_of, day_number
from analytics.models import CrmRule, CrmTarget, NameKey
from analytics.views.csv_files import csv_file
from analytics.views.data import frame
from analytics.views.shown_range import Shown, shown_range
from experiments.public import experiments_asking_for
from novarium.kernel.errors import Invalid, NotFound
from novarium.portal.access import allow, can, person
from novarium.portal.roles import Action

PAGE_SIZE = 50
COLUMNS = ("date", "rule", "rank", "unit", "page_views", "carts", "orders")


@require_safe
@allow(Action.READ)
def targets(request: HttpRequest) -> HttpResponse:
    """Show how many met each rule on each day, and who on one of them."""
    shown = shown_range(request)
    rules = list(CrmRule.objects.all())
    counts = _counts(shown)
    chosen = _chosen(request, shown, rules)
    found = CrmTarget.objects.filter(**chosen).order_by("rank") if chosen else CrmTarget.objects.none()
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    days = sorted({day for day, _rule in counts}, reverse=True)
    context = {
        **frame(request, "crm"),
        "shown": shown,
        "rules": [(rule, experiments_asking_for(rule.key)) for rule in rules],
        "days": [(date_of(day), [(rule, counts.get((day, rule.pk), 0)) for rule in rules]) for day in days],
        "page": page,
        "targets": _named(list(page.object_list), shown),
        "rule": next((rule for rule in rules if chosen and rule.pk == chosen["rule_id"]), None),
        "day": date_of(chosen["day"]) if chosen else None,
        "may_edit": can(request.user, Action.APPROVE),
    }
    return render(request, "analytics/data/crm.html", context, status=shown.status)


@require_safe
@allow(Action.READ)
def targets_csv(request: HttpRequest) -> HttpResponse:
    """Hand out the targets of the range, or of a rule and day, as a CSV file."""
    shown = shown_range(request)
    shown.refuse_invalid()
    rules = dict(CrmRule.objects.values_list("pk", "key"))
    chosen = _chosen(request, shown, list(CrmRule.objects.all())) if "rule" in request.GET else None
    found = CrmTarget.objects.filter(**(chosen or shown.days)).order_by("day", "rule_id", "rank")
    names = dict(
        NameKey.objects.filter(
            dataset_id=shown.dataset.pk, kind="visitor", number__in=found.order_by().values("visitor")
        ).values_list("number", "name")
    )
    rows = (
        [
            date_of(row.day), rules.get(row.rule_id, row.rule_id), row.rank, names.get(row.visitor, row.visitor),
            row.page_views, row.carts, row.orders,
        ]
        for row in found.iterator(chunk_size=2000)
    )  # fmt: skip
    return csv_file("crm_targets.csv", COLUMNS, rows)


@require_safe
@allow(Action.APPROVE)
def new_rule(request: HttpRequest) -> HttpResponse:
    """Show the empty form of a rule."""
    return _form(request, CrmRuleForm(), None)


@require_safe
@allow(Action.APPROVE)
def edit_rule(request: HttpRequest, key: str) -> HttpResponse:
    """Show a rule's limits."""
    rule = _rule(key)
    return _form(request, CrmRuleForm(instance=rule), rule)


@require_POST
@allow(Action.APPROVE)
def create_rule(request: HttpRequest) -> HttpResponse:
    """Make a rule."""
    return _save(request, CrmRuleForm(request.POST), None)


@require_POST
@allow(Action.APPROVE)
def change_rule(request: HttpRequest, key: str) -> HttpResponse:
    """Change a rule, or take it out of use."""
    rule = _rule(key)
    return _save(request, CrmRuleForm(request.POST, instance=rule), rule)


def _save(request: HttpRequest, form: CrmRuleForm, rule: CrmRule | None) -> HttpResponse:
    if form.is_valid():
        values = form.cleaned_data
        target = CrmRule.objects.get(pk=rule.pk) if rule else CrmRule(key=values["key"])
        try:
            save_rule(target, values=values, actor=person(request))
        except Invalid as error:
            for name, sentences in error.fields.items():
                form.add_error(name if name in form.fields else None, sentences)
        else:
            messages.success(request, _("The rule is saved. Its limits count from the next build on."))
            return redirect("data:crm")
    return _form(request, form, rule, status=422)


def _form(request: HttpRequest, form: CrmRuleForm, rule: CrmRule | None, *, status: int = 200) -> HttpResponse:
    asking = experiments_asking_for(rule.key) if rule else []
    context = {**frame(request, "crm"), "form": form, "rule": rule, "asking": asking}
    return render(request, "analytics/data/crm_rule.html", context, status=status)


def _rule(key: str) -> CrmRule:
    rule = CrmRule.objects.filter(key=key).first()
    if rule is None:
        raise NotFound(_("There is no such rule."))
    return rule


def _counts(shown: Shown) -> dict[tuple[int, int], int]:
    found = CrmTarget.objects.filter(**shown.days).order_by().values("day", "rule_id")
    return {(row["day"], row["rule_id"]): row["targets"] for row in found.annotate(targets=Count("visitor"))}


def _chosen(request: HttpRequest, shown: Shown, rules: list[CrmRule]) -> dict[str, Any] | None:
    """Return the filter of the rule and day that the query names; without any, of the first rule on the last day."""
    if shown.last is None or not shown.is_valid or not rules:
        return None
    wanted = request.GET.get("rule", "")
    rule = next((rule for rule in rules if rule.key == wanted), rules[0])
    day = shown.form.day_of(request.GET.get("day", ""))
    return {"dataset_id": shown.dataset.pk, "rule_id": rule.pk, "day": day_number(day) if day else shown.last}


def _named(rows: list[CrmTarget], shown: Shown) -> list[tuple[CrmTarget, str]]:
    wanted = [row.visitor for row in rows]
    known = NameKey.objects.filter(dataset_id=shown.dataset.pk, kind="visitor", number__in=wanted)
    names = dict(known.values_list("number", "name"))
    return [(row, names.get(row.visitor, str(row.visitor))) for row in rows]
