"""The choice of a city at the foot of each page."""

from __future__ import annotations

from dataclasses import replace

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from experiments.public import CITIES
from novarium.kernel.errors import Invalid
from storefront.views.language import page_that_asked
from storefront.visit import start


@login_not_required
@require_POST
def city(request: HttpRequest) -> HttpResponse:
    """Keep the city in the visitor's cookie and go back to the page that asked; nothing forgets it."""
    chosen = request.POST.get("city", "")
    if chosen not in CITIES:
        raise Invalid(_("There is no such city."))
    visit = start(request)
    visit.visitor = replace(visit.visitor, city=chosen)
    return visit.finish(redirect(page_that_asked(request)))
