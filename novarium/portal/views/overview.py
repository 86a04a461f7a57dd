"""The first page after login."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from novarium.portal.access import allow
from novarium.portal.roles import Action


@require_safe
@allow(Action.READ)
def page(request: HttpRequest) -> HttpResponse:
    """Show what runs and what waits for the reader."""
    return render(request, "portal/overview.html")
