"""Step 3 of the builder: audience, layer, coverage, ramp and schedule."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from experiments.access import get_experiment
from experiments.allocation import holdout, layers, traffic
from experiments.designs import steps
from experiments.designs.drafting import problems_of
from experiments.forms.fields import refuse
from experiments.forms.traffic import BaseSteps, TrafficForm, step_rows
from experiments.models import Experiment, Layer
from novarium.kernel.errors import Invalid
from novarium.portal.access import allow, person
from novarium.portal.roles import Action


@require_safe
@allow(Action.DESIGN)
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Show which units take part, and when; ``?ramp=usual`` fills in the usual ramp."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    if experiment.status != Experiment.Status.DRAFT:
        return redirect("experiments:design", key)
    wanted = traffic.traffic_of(experiment)
    if request.GET.get("ramp") == "usual":
        wanted = traffic.with_preset(wanted)
    return _page(request, experiment, TrafficForm(experiment=experiment), step_rows(ramp=wanted.ramp))


@require_POST
@allow(Action.DESIGN)
def save(request: HttpRequest, key: str) -> HttpResponse:
    """Save and go on."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    form, rows = TrafficForm(request.POST, experiment=experiment), step_rows(request.POST)
    if not all([form.is_valid(), rows.is_valid()]):
        return _page(request, experiment, form, rows, status=422)
    try:
        shared = traffic.set_traffic(experiment, form.traffic(rows.steps()), actor=person(request))
    except Invalid as error:
        refuse(form, error)
        return _page(request, experiment, form, rows, status=422)
    for slot in shared:
        sentence = _("The draft “%(name)s” means to take units of this slot, too. Only one of both can be launched.")
        messages.warning(request, sentence % {"name": slot.experiment.name})
    return redirect(steps.target(experiment, wanted=request.POST.get("go", ""), current="traffic"))


@require_POST
@allow(Action.DESIGN)
def draw_seed(request: HttpRequest, key: str) -> HttpResponse:
    """Give the draft another split."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    traffic.draw_seed(experiment, actor=person(request))
    messages.success(request, _("Another seed is drawn, and its balance tested."))
    return redirect("experiments:review", key)


def _page(
    request: HttpRequest, experiment: Experiment, form: TrafficForm, rows: BaseSteps, *, status: int = 200
) -> HttpResponse:
    context = {
        "experiment": experiment,
        "form": form,
        "rows": rows,
        "layers": [layers.occupancy(layer, leaving_out=experiment) for layer in Layer.objects.all()],
        "holdout": holdout.share(),
        "zone": settings.TIME_ZONE,
        "steps": steps.stepper(experiment, current="traffic", problems=problems_of(experiment)),
    }
    return render(request, "experiments/builder/traffic.html", context, status=status)
