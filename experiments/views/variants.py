"""Step 2 of the builder: the arms and their live previews."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from experiments.access import get_experiment
from experiments.designs import drafting, steps
from experiments.features.preview_pages import preview
from experiments.forms.variants import VariantForm, VariantForms, reshaped
from experiments.models import Experiment
from novarium.kernel.errors import Invalid, NotFound
from novarium.portal.access import allow, person
from novarium.portal.roles import Action


@require_safe
@allow(Action.DESIGN)
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Show the arms with their previews."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    if experiment.status != Experiment.Status.DRAFT:
        return redirect("experiments:design", key)
    return _page(request, experiment, VariantForms.saved(experiment))


@require_POST
@allow(Action.DESIGN)
def save(request: HttpRequest, key: str) -> HttpResponse:
    """Save the arms and go on."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    arms = VariantForms.sent(experiment, request.POST)
    if not arms.is_valid():
        return _page(request, experiment, arms, status=422)
    try:
        drafting.set_variants(experiment, arms.inputs(), actor=person(request))
    except Invalid as error:
        arms.refuse(error)
        return _page(request, experiment, arms, status=422)
    return redirect(steps.target(experiment, wanted=request.POST.get("go", ""), current="variants"))


@require_POST
@allow(Action.DESIGN)
def reshape(request: HttpRequest, key: str) -> HttpResponse:
    """Show the arms as they were typed with one more or one less; nothing is saved yet."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    removed = request.POST.get("remove_arm", "")
    arms = reshaped(
        experiment,
        request.POST,
        add="add_arm" in request.POST,
        remove=int(removed) if removed.isascii() and removed.isdigit() and len(removed) < 4 else None,
    )
    return _page(request, experiment, arms)


@require_POST
@allow(Action.DESIGN)
def show_preview(request: HttpRequest, key: str, index: int) -> HttpResponse:
    """Answer with the preview of one arm as it is typed: a fragment."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    arms = VariantForms.sent(experiment, request.POST).forms
    if index >= len(arms):
        raise NotFound(_("There is no such variant."))
    context = _arm(experiment, index, arms[index])
    return render(request, "experiments/builder/preview.html", context, status=422 if context["faults"] else 200)


def _page(request: HttpRequest, experiment: Experiment, arms: VariantForms, *, status: int = 200) -> HttpResponse:
    context = {
        "experiment": experiment,
        "arms": [_arm(experiment, index, form) for index, form in enumerate(arms.forms)],
        "arms_problems": arms.problems,
        "total_weight": arms.total_weight(),
        "may_add": len(arms.forms) < drafting.MAX_VARIANTS,
        "may_remove": len(arms.forms) > 2,
        "steps": steps.stepper(experiment, current="variants", problems=drafting.problems_of(experiment)),
    }
    return render(request, "experiments/builder/variants.html", context, status=status)


def _arm(experiment: Experiment, index: int, form: VariantForm) -> dict[str, object]:
    """Return one arm's form with its preview, or with what keeps the preview from being shown."""
    value, faults = form.typed_value()
    shown = None
    if not faults:
        try:
            shown = preview(experiment.feature, value, title=str(form["name"].value() or ""))
        except Invalid as error:
            faults = [sentence for sentences in error.fields.values() for sentence in sentences]
    return {"experiment": experiment, "index": index, "form": form, "preview": shown, "faults": faults}
