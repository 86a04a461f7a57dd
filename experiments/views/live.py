"""What may change while an experiment runs: the ramp's next step, larger shares, the scheduled end."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from experiments.access import get_experiment
from experiments.allocation import phases, rollout
from experiments.forms.fields import refuse
from experiments.forms.moves import AdvanceForm, EndForm, SharesForm
from experiments.running import ramp, scheduling
from experiments.views.detail import design_page
from novarium.kernel.errors import Invalid
from novarium.portal import numbers
from novarium.portal.access import allow, person
from novarium.portal.roles import Action


@require_POST
@allow(Action.RUN)
def advance(request: HttpRequest, key: str) -> HttpResponse:
    """Take the next step of the ramp; over a failed check only with a written reason."""
    experiment = get_experiment(person(request), key, Action.RUN)
    form = AdvanceForm(request.POST)
    if form.is_valid():
        clean = form.cleaned_data
        try:
            phase = ramp.advance(experiment, actor=person(request), reason=clean["reason"], expected=clean["phase"])
        except Invalid as error:
            refuse(form, error)
        else:
            messages.success(request, _("Now %(share)s of the units take part.") % {"share": _share(phase.coverage)})
            return redirect("experiments:design", key)
    return design_page(request, experiment, advance_form=form, status=422)


@require_POST
@allow(Action.RUN)
def change_shares(request: HttpRequest, key: str) -> HttpResponse:
    """Raise the coverage, and weights with it, where nobody changes sides."""
    experiment = get_experiment(person(request), key, Action.RUN)
    last = phases.last_of(experiment)
    form = SharesForm(request.POST, phase=last, arms=list(experiment.variants.order_by("position")))
    if form.is_valid():
        clean = form.cleaned_data
        try:
            phase = rollout.raise_shares(
                experiment,
                weights=form.weights(),
                coverage=clean["coverage"],
                actor=person(request),
                note=clean["note"],
                expected=clean["phase"],
            )
        except Invalid as error:
            refuse(form, error)
        else:
            messages.success(request, _("Now %(share)s of the units take part.") % {"share": _share(phase.coverage)})
            return redirect("experiments:design", key)
    return design_page(request, experiment, shares_form=form, status=422)


@require_POST
@allow(Action.RUN)
def change_end(request: HttpRequest, key: str) -> HttpResponse:
    """Move the scheduled end, or take it away."""
    experiment = get_experiment(person(request), key, Action.RUN)
    form = EndForm(request.POST)
    if form.is_valid():
        try:
            scheduling.change_end(experiment, ends_at=form.cleaned_data["ends_at"], actor=person(request))
        except Invalid as error:
            refuse(form, error)
        else:
            messages.success(request, _("The scheduled end is changed."))
            return redirect("experiments:design", key)
    return design_page(request, experiment, end_form=form, status=422)


def _share(coverage: float) -> str:
    return numbers.percent(coverage, digits=2 if coverage < 0.01 else 0)
