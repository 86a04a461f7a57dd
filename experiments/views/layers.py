"""Layers and the global holdout: who holds which units, and what is free."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from experiments.access import get_layer
from experiments.allocation import holdout as holdouts
from experiments.allocation import layers
from experiments.forms.fields import refuse
from experiments.forms.layers import HoldoutForm, LayerForm
from experiments.models import Experiment, Layer
from novarium.kernel.errors import Invalid
from novarium.portal.access import allow, can, person, require
from novarium.portal.models import AuditEntry
from novarium.portal.roles import Action


@require_safe
@allow(Action.READ)
def index(request: HttpRequest) -> HttpResponse:
    """Show every layer with its slots."""
    found = [layers.occupancy(layer) for layer in Layer.objects.select_related("team")]
    context = {
        "rows": [(one, can(request.user, Action.DESIGN, one.layer.team_id)) for one in found],
        "may_design": can(request.user, Action.DESIGN),
        "holdout": holdouts.share(),
    }
    return render(request, "experiments/layers/list.html", context)


@require_safe
@allow(Action.DESIGN)
def new(request: HttpRequest) -> HttpResponse:
    """Show the empty form."""
    return _form(request, LayerForm(person=person(request)), None)


@require_POST
@allow(Action.DESIGN)
def create(request: HttpRequest) -> HttpResponse:
    """Create the layer."""
    form = LayerForm(request.POST, person=person(request))
    if form.is_valid():
        require(person(request), Action.DESIGN, form.cleaned_data["team"].pk)
        try:
            layer = layers.create(**form.cleaned_data, actor=person(request))
        except Invalid as error:
            refuse(form, error)
        else:
            messages.success(request, _("The layer “%(name)s” is empty and ready.") % {"name": layer.name})
            return redirect("experiments:layers")
    return _form(request, form, None, status=422)


@require_safe
@allow(Action.DESIGN)
def edit(request: HttpRequest, layer: str) -> HttpResponse:
    """Show a layer's words."""
    found = get_layer(person(request), layer, Action.DESIGN)
    return _form(request, LayerForm(person=person(request), layer=found), found)


@require_POST
@allow(Action.DESIGN)
def save(request: HttpRequest, layer: str) -> HttpResponse:
    """Save a layer's words."""
    found = get_layer(person(request), layer, Action.DESIGN)
    form = LayerForm(request.POST, person=person(request), layer=found)
    if not form.is_valid():
        return _form(request, form, found, status=422)
    layers.change(found, **form.cleaned_data, actor=person(request))
    return redirect("experiments:layers")


@require_safe
@allow(Action.READ)
def holdout(request: HttpRequest) -> HttpResponse:
    """Show the share, what it costs, and how it changed."""
    share = holdouts.share()
    return _holdout(request, HoldoutForm(initial={"share": share, "seen": share}))


@require_POST
@allow(Action.ADMINISTER)
def save_holdout(request: HttpRequest) -> HttpResponse:
    """Change the share."""
    form = HoldoutForm(request.POST)
    if form.is_valid():
        clean = form.cleaned_data
        try:
            holdouts.set_share(clean["share"], actor=person(request), expected=clean["seen"], note=clean["note"])
        except Invalid as error:
            refuse(form, error)
        else:
            messages.success(request, _("The holdout is changed."))
            return redirect("experiments:holdout")
    return _holdout(request, form, status=422)


def _holdout(request: HttpRequest, form: HoldoutForm, *, status: int = 200) -> HttpResponse:
    live = Experiment.objects.filter(status__in=layers.LIVE, keeps_holdout=True)
    context = {
        "form": form,
        "share": holdouts.share(),
        "costs": live.order_by("name"),
        "may_change": can(request.user, Action.ADMINISTER),
        "entries": AuditEntry.objects.filter(object_type="holdout").select_related("actor")[:20],
    }
    return render(request, "experiments/layers/holdout.html", context, status=status)


def _form(request: HttpRequest, form: LayerForm, layer: Layer | None, *, status: int = 200) -> HttpResponse:
    return render(request, "experiments/layers/form.html", {"form": form, "layer": layer}, status=status)
