"""Features: the list, the live value with its history, changing it and rolling back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from experiments.access import get_feature
from experiments.designs.comparison import rows
from experiments.features import feature_pages, revisions
from experiments.features.preview_pages import preview
from experiments.forms.features import LiveValueForm, RollbackForm
from experiments.forms.fields import refuse
from experiments.models import Experiment, Feature, FeatureRevision
from novarium.kernel.errors import Conflict, Invalid, NotFound
from novarium.portal.access import allow, can, person
from novarium.portal.roles import Action


@require_safe
@allow(Action.READ)
def index(request: HttpRequest) -> HttpResponse:
    """List the features by page."""
    context = {"groups": feature_pages.overview(), "may_design": can(request.user, Action.DESIGN)}
    return render(request, "features/list.html", context)


@require_safe
@allow(Action.READ)
def detail(request: HttpRequest, key: str) -> HttpResponse:
    """Show the live value on its page, the declared parameters and the history."""
    feature = get_feature(person(request), key)
    history = feature_pages.revisions(feature)
    live = history[0].revision
    context = {
        "feature": feature,
        "live": live,
        "values": feature_pages.values(feature, live),
        "preview": preview(feature, live.value, title=_("the live value")),
        "history": history,
        "targets": feature_pages.targets(feature),
        "experiments": Experiment.objects.filter(feature=feature).select_related("owner").order_by("-created_at")[:20],
        "may_design": can(request.user, Action.DESIGN, feature.team_id),
        "may_adopt": can(request.user, Action.ADOPT, feature.team_id),
        "may_rollback": can(request.user, Action.ROLLBACK, feature.team_id),
    }
    return render(request, "features/detail.html", context)


@require_safe
@allow(Action.ADOPT)
def edit(request: HttpRequest, key: str) -> HttpResponse:
    """Show the live value as a form."""
    feature = get_feature(person(request), key, Action.ADOPT)
    live = revisions.live(feature)
    form = LiveValueForm(declared=feature.parameters, value=live.value, initial={"expected": live.number})
    return _edit_page(request, feature, form)


@require_POST
@allow(Action.ADOPT)
def save(request: HttpRequest, key: str) -> HttpResponse:
    """Make the typed value live."""
    feature = get_feature(person(request), key, Action.ADOPT)
    form = LiveValueForm(request.POST, declared=feature.parameters)
    if not form.is_valid():
        return _edit_page(request, feature, form, status=422)
    try:
        revision = revisions.revise(
            feature,
            form.value(),
            expected=form.cleaned_data["expected"],
            origin=revisions.Origin.EDIT,
            actor=person(request),
            note=form.cleaned_data["note"],
        )
    except Invalid as error:
        refuse(form, Invalid(error.message, fields={f"p_{name}": texts for name, texts in error.fields.items()}))
        return _edit_page(request, feature, form, status=422)
    except Conflict as error:
        return _conflict(request, feature, form.value(), error)
    messages.success(request, _("Revision %(number)d is live.") % {"number": revision.number})
    return redirect("features:detail", key)


@require_POST
@allow(Action.ADOPT)
def show_preview(request: HttpRequest, key: str) -> HttpResponse:
    """Answer with the preview of the typed value: a fragment."""
    feature = get_feature(person(request), key, Action.ADOPT)
    context = _preview_context(feature, LiveValueForm(request.POST, declared=feature.parameters))
    return render(request, "experiments/builder/preview.html", context, status=422 if context["faults"] else 200)


@require_safe
@allow(Action.ROLLBACK)
def confirm_rollback(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Show what an earlier revision would bring back, and ask why."""
    feature = get_feature(person(request), key, Action.ROLLBACK)
    live = revisions.live(feature)
    return _rollback_page(request, feature, number, RollbackForm(initial={"to": number, "expected": live.number}))


@require_POST
@allow(Action.ROLLBACK)
def rollback(request: HttpRequest, key: str, number: int) -> HttpResponse:
    """Re-instate an earlier revision."""
    feature = get_feature(person(request), key, Action.ROLLBACK)
    form = RollbackForm({**request.POST.dict(), "to": number})
    if not form.is_valid():
        return _rollback_page(request, feature, number, form, status=422)
    clean = form.cleaned_data
    try:
        revision = revisions.rollback(
            feature, to=number, expected=clean["expected"], actor=person(request), note=clean["note"]
        )
    except Invalid as error:
        refuse(form, error)
        return _rollback_page(request, feature, number, form, status=422)
    except Conflict as error:
        return _conflict(request, feature, _earlier(feature, number).value, error)
    text = _("The value of revision %(earlier)d is live again, as revision %(number)d.")
    messages.success(request, text % {"earlier": number, "number": revision.number})
    return redirect("features:detail", key)


def _earlier(feature: Feature, number: int) -> FeatureRevision:
    found = FeatureRevision.objects.filter(feature=feature, number=number).first()
    if found is None:
        raise NotFound(_("There is no revision %(number)d.") % {"number": number})
    return found


def _rollback_page(
    request: HttpRequest, feature: Feature, number: int, form: RollbackForm, *, status: int = 200
) -> HttpResponse:
    earlier, live = _earlier(feature, number), revisions.live(feature)
    context = {
        "feature": feature,
        "earlier": earlier,
        "live": live,
        "rows": rows(feature, [live.value, earlier.value]),
        "preview": preview(feature, earlier.value, title=_("revision %(number)d") % {"number": number}),
        "form": form,
    }
    return render(request, "features/rollback.html", context, status=status)


def _edit_page(request: HttpRequest, feature: Feature, form: LiveValueForm, *, status: int = 200) -> HttpResponse:
    running = Experiment.objects.filter(feature=feature, status=Experiment.Status.RUNNING).first()
    context = {"feature": feature, "form": form, "running": running, **_preview_context(feature, form)}
    return render(request, "features/edit.html", context, status=status)


def _preview_context(feature: Feature, form: LiveValueForm) -> dict[str, Any]:
    value, faults = form.typed_value()
    shown = None
    if not faults:
        try:
            shown = preview(feature, value, title=_("the new value"))
        except Invalid as error:
            faults = [sentence for sentences in error.fields.values() for sentence in sentences]
    return {"preview": shown, "faults": faults, "index": 0}


def _conflict(request: HttpRequest, feature: Feature, wanted: dict[str, Any], error: Conflict) -> HttpResponse:
    """Show what went live in the meantime beside what the person wanted."""
    live = revisions.live(feature)
    context = {
        "feature": feature,
        "live": live,
        "message": error.message,
        "rows": rows(feature, [live.value, wanted]),
    }
    return render(request, "features/conflict.html", context, status=409)
