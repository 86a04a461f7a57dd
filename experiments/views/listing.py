"""The list of experiments."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from experiments.designs.listing import listed
from experiments.forms.listing import ExperimentFilter
from experiments.models import Experiment
from novarium.portal.access import allow, can
from novarium.portal.roles import Action

PAGE_SIZE = 50


@require_safe
@allow(Action.READ)
def index(request: HttpRequest) -> HttpResponse:
    """List the experiments that fit the filter."""
    chosen = ExperimentFilter(request.GET)
    wanted = chosen.wanted()
    page = Paginator(listed(wanted), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "filter": chosen,
        "page": page,
        "sort": wanted.sort,
        "is_filtered": chosen.is_filtered(),
        "is_empty": not page.object_list and not Experiment.objects.exists(),
        "may_design": can(request.user, Action.DESIGN),
    }
    return render(request, "experiments/list.html", context)
