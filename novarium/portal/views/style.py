"""The living style page: every component with the markup that makes it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from novarium.portal import style
from novarium.portal.access import allow
from novarium.portal.roles import Action


@require_safe
@allow(Action.ADMINISTER)
def page(request: HttpRequest) -> HttpResponse:
    """Show the components to those who build pages."""
    return render(request, "portal/style.html", style.examples())
