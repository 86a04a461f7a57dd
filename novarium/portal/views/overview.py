"""The first page after login."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from novarium.portal import panels
from novarium.portal.access import allow, person
from novarium.portal.roles import Action


@require_safe
@allow(Action.READ)
def page(request: HttpRequest) -> HttpResponse:
    """Show what the apps registered: what runs and what waits for the reader."""
    shown = panels.shown_to(person(request))
    context = {
        "wide": [(panel.template, context) for panel, context in shown if panel.wide],
        "narrow": [(panel.template, context) for panel, context in shown if not panel.wide],
    }
    return render(request, "portal/overview.html", context)
