"""The simulator's own page: the mix and its truth, past runs, the background traffic."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from novarium.portal.access import allow, can, person
from novarium.portal.roles import Action
from simulation import overview
from simulation.forms import MixForm, TrafficForm
from simulation.labels import PERSONAS
from simulation.models import SwarmRun
from simulation.swarm import traffic

RUNS_SHOWN = 20


@require_safe
@allow(Action.READ)
def page(request: HttpRequest) -> HttpResponse:
    """Show what people would do in the present shop, who was sent, and the background traffic."""
    return _page(request, mix_form=_mix_form(request), traffic_form=_traffic_form())


@require_safe
@allow(Action.READ)
def truth(request: HttpRequest) -> HttpResponse:
    """Show the expected metrics of the present shop for a mix."""
    form = _mix_form(request)
    status = 200 if form.is_valid() else 422
    return render(request, "simulation/truth.html", _truth(form), status=status)


@require_POST
@allow(Action.RUN)
def save_traffic(request: HttpRequest) -> HttpResponse:
    """Turn the background traffic on or off, or change its rate or mix."""
    form = TrafficForm(request.POST)
    if not form.is_valid():
        return _page(request, mix_form=_mix_form(request), traffic_form=form, status=422)
    traffic.change(
        enabled=form.cleaned_data["enabled"],
        visitors_per_minute=form.cleaned_data["visitors_per_minute"],
        mix=form.mix,
        actor=person(request),
    )
    messages.success(request, _("The background traffic is changed."))
    return redirect("simulator:page")


def _page(request: HttpRequest, *, mix_form: MixForm, traffic_form: TrafficForm, status: int = 200) -> HttpResponse:
    runs = SwarmRun.objects.exclude(experiment_key="").select_related("requested_by")[:RUNS_SHOWN]
    context: dict[str, Any] = {
        **_truth(mix_form),
        "traffic_form": traffic_form,
        "may_run": can(person(request), Action.RUN),
        "runs": [overview.progress(run) for run in runs],
    }
    return render(request, "simulation/page.html", context, status=status)


def _truth(form: MixForm) -> dict[str, Any]:
    return {"mix_form": form, "values": overview.true_values(form.mix) if form.is_valid() else []}


def _mix_form(request: HttpRequest) -> MixForm:
    """Return the mix of the address, or the background traffic's where it names none."""
    if any(key in request.GET for key in PERSONAS):
        return MixForm(request.GET)
    return MixForm({key: traffic.setting().mix.get(key, 0) for key in PERSONAS})


def _traffic_form() -> TrafficForm:
    row = traffic.setting()
    return TrafficForm(mix=row.mix, initial={"enabled": row.enabled, "visitors_per_minute": row.visitors_per_minute})
