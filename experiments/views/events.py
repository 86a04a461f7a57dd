"""The event catalogue: the list, one event with its versions, and declaring and changing by form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from experiments.access import get_event_type
from experiments.events import event_counts, event_types
from experiments.events.uses import uses_of
from experiments.forms.events import TYPE_LABELS, EventTypeForm, VersionForm
from experiments.forms.fields import refuse
from experiments.models import EventType, RejectedEvent
from novarium.kernel.errors import Invalid
from novarium.portal.access import allow, can, person, require
from novarium.portal.roles import Action


@require_safe
@allow(Action.READ)
def index(request: HttpRequest) -> HttpResponse:
    """List the events with how often each came."""
    counts = event_counts.counts_by_day()
    found = EventType.objects.select_related("team", "owner").prefetch_related("versions")
    lines = [
        {
            "event": event,
            "version": max(event.versions.all(), key=lambda version: version.number),
            "count": sum(counts.get(event.name, {}).values()),
            "metrics": uses_of(event.name).metrics,
        }
        for event in found
    ]
    context = {"lines": lines, "tabs": tabs("events:list"), "may_design": can(request.user, Action.DESIGN)}
    return render(request, "events/list.html", context)


@require_safe
@allow(Action.READ)
def detail(request: HttpRequest, name: str) -> HttpResponse:
    """Show what the event carries, how often it came, who reads it, and its versions."""
    event = get_event_type(person(request), name)
    uses = uses_of(name)
    versions = list(event.versions.select_related("created_by"))
    counts = event_counts.counts_by_day().get(name, {})
    days = [(day, counts.get(day, 0)) for day in event_counts.days()]
    context = {
        "event": event,
        "version": versions[0],
        "properties": [
            {
                **item,
                "type_label": TYPE_LABELS[item["type"]],
                "metrics": sorted(uses.of_properties.get(item["name"], ())),
            }
            for item in versions[0].properties
        ],
        "history": [_history_item(version) for version in versions],
        "uses": uses,
        "count": sum(counts.values()),
        "days": days,
        "figure": daily_figure(days),
        "example": example(event.name, versions[0].carries_amount, versions[0].properties),
        "may_design": can(request.user, Action.DESIGN, event.team_id),
    }
    return render(request, "events/detail.html", context)


@require_safe
@allow(Action.DESIGN)
def new(request: HttpRequest) -> HttpResponse:
    """Show the empty form."""
    return render(request, "events/form.html", {"form": EventTypeForm(person=person(request))})


@require_POST
@allow(Action.DESIGN)
def create(request: HttpRequest) -> HttpResponse:
    """Declare the event."""
    form = EventTypeForm(request.POST, person=person(request))
    if not form.is_valid():
        return render(request, "events/form.html", {"form": form}, status=422)
    clean = form.cleaned_data
    require(person(request), Action.DESIGN, clean["team"].pk)
    try:
        event = event_types.create(
            name=clean["name"],
            description=clean["description"],
            given=form.given(),
            team=clean["team"],
            actor=person(request),
        )
    except Invalid as error:
        refuse(form, error)
        return render(request, "events/form.html", {"form": form}, status=422)
    messages.success(request, _("The event is declared; programs can send it at once."))
    return redirect("events:detail", event.name)


@require_safe
@allow(Action.DESIGN)
def version(request: HttpRequest, name: str) -> HttpResponse:
    """Show the form of the next version."""
    event = get_event_type(person(request), name, Action.DESIGN)
    return _version_page(request, event, VersionForm(version=event_types.newest(event)))


@require_POST
@allow(Action.DESIGN)
def add_version(request: HttpRequest, name: str) -> HttpResponse:
    """Add the next version."""
    event = get_event_type(person(request), name, Action.DESIGN)
    form = VersionForm(request.POST, version=event_types.newest(event))
    if not form.is_valid():
        return _version_page(request, event, form, status=422)
    try:
        event_types.add_version(event, form.given(), expected=form.cleaned_data["expected"], actor=person(request))
    except Invalid as error:
        refuse(form, error)
        return _version_page(request, event, form, status=422)
    messages.success(request, _("The version counts from now on."))
    return redirect("events:detail", name)


def tabs(open_name: str) -> list[dict[str, Any]]:
    """Return the parts of the event pages as tabs."""
    waiting = RejectedEvent.objects.filter(replayed_at=None).order_by()[:1000].count()
    return [
        {"label": _("Catalogue"), "url": reverse("events:list"), "is_open": open_name == "events:list"},
        {
            "label": _("Rejected events"),
            "url": reverse("events:rejected"),
            "is_open": open_name == "events:rejected",
            "count": waiting,
        },
    ]


def daily_figure(days: list[tuple[Any, int]]) -> dict[str, Any]:
    """Return counts by day as bars."""
    trace = {"type": "bar", "x": [day.isoformat() for day, _n in days], "y": [n for _day, n in days]}
    return {"data": [trace], "layout": {"xaxis": {"type": "date"}, "yaxis": {"rangemode": "tozero"}}}


def example(name: str, amount: bool, properties: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: FBT001 - a column
    """Return an event as a program would send it."""
    values = {"text": "…", "integer": 1, "number": 0.5, "boolean": True, "time": "2026-05-01T09:30:00Z"}
    return {
        "event_id": "01890a5d-ac96-774b-bcce-b302099a8057",
        "name": name,
        "unit_id": "user-17",
        "occurred_at": "2026-05-01T09:30:00Z",
        **({"amount": 18900} if amount else {}),
        "properties": {item["name"]: values[item["type"]] for item in properties if item["required"]},
    }


def _history_item(version: Any) -> dict[str, Any]:
    label = _("Version %(number)d, a breaking change") if version.breaks else _("Version %(number)d")
    return {
        "title": label % {"number": version.number},
        "at": version.created_at,
        "text": version.note,
        "by": version.created_by,
        "tone": "warn" if version.breaks else "neutral",
    }


def _version_page(request: HttpRequest, event: EventType, form: VersionForm, *, status: int = 200) -> HttpResponse:
    return render(request, "events/form.html", {"form": form, "event": event}, status=status)
