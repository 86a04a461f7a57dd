"""The live monitor: the page, and its living part alone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from analytics.monitor.page import page_context
from novarium.portal.access import allow
from novarium.portal.roles import Action


@require_safe
@allow(Action.READ)
def page(request: HttpRequest) -> HttpResponse:
    """Show what happens now; it renews itself, and without JavaScript whenever it is loaded."""
    return render(request, "analytics/monitor/page.html", page_context(minutes=_minutes(request)))


@require_safe
@allow(Action.READ)
def live(request: HttpRequest) -> HttpResponse:
    """Answer with the living part of the page."""
    return render(request, "analytics/monitor/live.html", page_context(minutes=_minutes(request)))


def _minutes(request: HttpRequest) -> int:
    return 5 if request.GET.get("minutes") == "5" else 1
