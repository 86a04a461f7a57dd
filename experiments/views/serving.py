"""What programs are served of a feature: registering one, its switch, its targeted values."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from experiments.access import get_feature
from experiments.features import revisions, targeting
from experiments.features.registration import register_feature
from experiments.forms.fields import refuse
from experiments.forms.registration import RegistrationForm
from experiments.forms.targets import SwitchForm, TargetForm, TargetsForm, shown_rows, typed_rows
from experiments.models import Feature
from novarium.kernel.errors import Conflict, Invalid
from novarium.portal.access import allow, person, require
from novarium.portal.roles import Action


@require_safe
@allow(Action.DESIGN)
def new(request: HttpRequest) -> HttpResponse:
    """Show the empty form of a feature of another product."""
    return render(request, "features/new.html", {"form": RegistrationForm(person=person(request))})


@require_POST
@allow(Action.DESIGN)
def create(request: HttpRequest) -> HttpResponse:
    """Register the feature with its first value."""
    form = RegistrationForm(request.POST, person=person(request))
    if not form.is_valid():
        return render(request, "features/new.html", {"form": form}, status=422)
    feature = form.feature()
    require(person(request), Action.DESIGN, feature.team_id)
    try:
        register_feature(feature, actor=person(request))
    except Invalid as error:
        refuse(form, error)
        return render(request, "features/new.html", {"form": form}, status=422)
    messages.success(request, _("Programs can ask for %(key)s now.") % {"key": feature.key})
    return redirect("features:detail", feature.key)


@require_POST
@allow(Action.ADOPT)
def switch(request: HttpRequest, key: str) -> HttpResponse:
    """Switch the feature on or off."""
    feature = get_feature(person(request), key, Action.ADOPT)
    form = SwitchForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Open the feature and try again."))
    clean = form.cleaned_data
    targeting.switch(
        feature, enabled=clean["enabled"], expected=clean["expected"], actor=person(request), note=clean["note"]
    )
    messages.success(request, _("Switched on.") if clean["enabled"] else _("Switched off."))
    return redirect("features:detail", key)


@require_safe
@allow(Action.ADOPT)
def targets(request: HttpRequest, key: str) -> HttpResponse:
    """Show the targeted values as forms."""
    feature = get_feature(person(request), key, Action.ADOPT)
    rows = shown_rows(feature, revisions.live(feature).value)
    form = TargetsForm(initial={"expected": feature.serving_number, "rows": len(rows)})
    return _targets_page(request, feature, form, rows)


@require_POST
@allow(Action.ADOPT)
def save_targets(request: HttpRequest, key: str) -> HttpResponse:
    """Set the targeted values."""
    feature = get_feature(person(request), key, Action.ADOPT)
    form = TargetsForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("Open the targeted values and try again."))
    clean = form.cleaned_data
    rows = typed_rows(feature, request.POST, clean["rows"])
    used = [row for row in rows if row.is_used()]
    if not all([row.is_valid() for row in used]):  # noqa: C419 - each row shows its own errors
        return _targets_page(request, feature, form, rows, status=422)
    try:
        targeting.set_targets(
            feature,
            [row.target() for row in used],
            expected=clean["expected"],
            actor=person(request),
            note=clean["reason"],
        )
    except Invalid as error:
        refuse(form, error)
        return _targets_page(request, feature, form, rows, status=422)
    except Conflict as error:
        form.add_error(None, error.message)
        return _targets_page(request, feature, form, rows, status=409)
    messages.success(request, _("The targeted values are served."))
    return redirect("features:detail", key)


def _targets_page(
    request: HttpRequest, feature: Feature, form: TargetsForm, rows: list[TargetForm], *, status: int = 200
) -> HttpResponse:
    return render(request, "features/targets.html", {"feature": feature, "form": form, "rows": rows}, status=status)
