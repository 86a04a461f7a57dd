"""Rejected events: found, mended, replayed."""

from __future__ import annotations

import json
import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from experiments.access import get_rejected_event
from experiments.events import rejected_events
from experiments.forms.events import RejectionFilter, ReplayForm
from experiments.forms.fields import refuse
from experiments.models import RejectedEvent
from experiments.views.events import daily_figure, tabs
from novarium.kernel.errors import Invalid
from novarium.portal.access import allow, can, person
from novarium.portal.read_only_admin import BoundedPaginator
from novarium.portal.roles import Action

PAGE_SIZE = 50


@require_safe
@allow(Action.READ)
def index(request: HttpRequest) -> HttpResponse:
    """List the rejected events that fit the filter."""
    reasons = rejected_events.counts_by_reason()
    chosen = RejectionFilter(request.GET, [line["reason"] for line in reasons])
    wanted = chosen.wanted()
    pages: Paginator[RejectedEvent] = BoundedPaginator(rejected_events.listed(wanted), PAGE_SIZE)
    days = rejected_events.counts_by_day()
    context = {
        "filter": chosen,
        "wanted": wanted,
        "page": pages.get_page(request.GET.get("page")),
        "reasons": reasons,
        "days": days,
        "figure": daily_figure(days),
        "tabs": tabs("events:rejected"),
        "may_replay": can(request.user, Action.RUN),
    }
    return render(request, "events/rejected.html", context)


@require_safe
@allow(Action.READ)
def detail(request: HttpRequest, rejected_id: uuid.UUID) -> HttpResponse:
    """Show the payload with its reason, to be mended."""
    rejected = get_rejected_event(person(request), rejected_id)
    text = json.dumps(rejected.payload, ensure_ascii=False, indent=2)
    return _page(request, rejected, ReplayForm(initial={"payload": text}))


@require_POST
@allow(Action.RUN)
def replay(request: HttpRequest, rejected_id: uuid.UUID) -> HttpResponse:
    """Send the payload through the intake again."""
    rejected = get_rejected_event(person(request), rejected_id, Action.RUN)
    form = ReplayForm(request.POST)
    if not form.is_valid():
        return _page(request, rejected, form, status=422)
    try:
        outcome = rejected_events.replay(rejected.pk, form.cleaned_data["payload"], actor=person(request))
    except Invalid as error:
        refuse(form, error)
        return _page(request, rejected, form, status=422)
    words = _("The event is stored.") if outcome == "stored" else _("The event had come before; nothing was added.")
    messages.success(request, words)
    return redirect("events:rejected")


@require_POST
@allow(Action.RUN)
def replay_all(request: HttpRequest) -> HttpResponse:
    """Send all waiting events of a reason through the intake again."""
    reason = request.POST.get("reason", "")[:60].replace("\0", "")
    done = rejected_events.replay_all(reason, actor=person(request))
    messages.success(
        request,
        _("%(stored)d stored, %(duplicate)d had come before, %(refused)d are still refused.")
        % {"stored": done.stored, "duplicate": done.duplicate, "refused": done.still_refused},
    )
    return redirect(f"{reverse('events:rejected')}?{urlencode({'reason': reason})}")


def _page(request: HttpRequest, rejected: RejectedEvent, form: ReplayForm, *, status: int = 200) -> HttpResponse:
    context = {"rejected": rejected, "form": form, "may_replay": can(request.user, Action.RUN)}
    return render(request, "events/rejected_one.html", context, status=status)
