"""Step 5 of the builder: everything on one page, the checklist, the review, and the launch."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from experiments.access import get_experiment
from experiments.allocation import holdout
from experiments.designs import checklist, design_diff, reviewing, seen_previews, steps
from experiments.designs.arms import fetch_arms, guardrails_of
from experiments.designs.comparison import compared
from experiments.designs.drafting import problems_of
from experiments.features.preview_pages import preview
from experiments.forms.fields import refuse
from experiments.forms.moves import NoteForm, ReviewForm
from experiments.models import Experiment, Review
from novarium.kernel.errors import Conflict, Invalid, NotFound
from novarium.portal.access import allow, can, person
from novarium.portal.models import User
from novarium.portal.roles import Action


@require_safe
@allow(Action.DESIGN)
def show(request: HttpRequest, key: str) -> HttpResponse:
    """Show the whole design with its checklist and its review."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    if experiment.status != Experiment.Status.DRAFT:
        return redirect("experiments:design", key)
    return _page(request, experiment, ReviewForm())


@require_POST
@allow(Action.DESIGN)
def request_review(request: HttpRequest, key: str) -> HttpResponse:
    """Ask the leads to look at the design."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    try:
        reviewing.request(experiment, actor=person(request), note=NoteForm.read(request.POST))
    except Invalid as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("The leads of the team are asked. Any change of the design asks again."))
    return redirect("experiments:review", key)


@require_POST
@allow(Action.DESIGN)
def withdraw(request: HttpRequest, key: str) -> HttpResponse:
    """Take the request for a review back."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    reviewing.withdraw(_waiting(experiment), actor=person(request), note=NoteForm.read(request.POST))
    messages.success(request, _("The review is withdrawn, and the leads are told."))
    return redirect("experiments:review", key)


@require_POST
@allow(Action.APPROVE)
def decide(request: HttpRequest, key: str) -> HttpResponse:
    """Approve the design, or ask for changes."""
    experiment = get_experiment(person(request), key, Action.APPROVE)
    latest = _waiting(experiment)
    form = ReviewForm(request.POST)
    if form.is_valid():
        try:
            reviewing.decide(latest, reviewer=person(request), **form.cleaned_data)
        except Invalid as error:
            refuse(form, error)
        else:
            messages.success(request, _("Your review is stored, and the author is told."))
            return redirect("experiments:review", key)
    return _page(request, experiment, form, status=422)


@require_POST
@allow(Action.READ)
def open_preview(request: HttpRequest, key: str, index: int) -> HttpResponse:
    """Go to a variant's preview and note that it was opened."""
    experiment = get_experiment(person(request), key)
    variant = experiment.variants.filter(position=index).first()
    shown = preview(experiment.feature, variant.value, title=variant.name) if variant else None
    if variant is None or shown is None or not shown.url:
        raise NotFound(_("There is no such preview."))
    seen_previews.mark(experiment, variant, person=person(request))
    return HttpResponseRedirect(shown.url)


def _waiting(experiment: Experiment) -> Review:
    """Return the review that waits for a reviewer."""
    latest = reviewing.standing(experiment)
    if latest is None or not latest.is_open:
        raise Conflict(_("No review is waiting."))
    return latest


def _page(request: HttpRequest, experiment: Experiment, form: ReviewForm, *, status: int = 200) -> HttpResponse:
    fetch_arms(experiment)
    problems = problems_of(experiment)
    items = checklist.checklist_of(experiment)
    context = {
        "experiment": experiment,
        "guardrails": guardrails_of(experiment),
        "comparison": compared(experiment),
        "problems": steps.problems_with_steps(experiment, problems),
        "items": items,
        "blocking": checklist.blocking(items),
        "unseen": {variant.position for variant in seen_previews.unseen(experiment)},
        "holdout": holdout.share() if experiment.keeps_holdout else 0,
        "may_run": can(request.user, Action.RUN, experiment.team_id),
        "steps": steps.stepper(experiment, current="review", problems=problems),
        **_review(experiment, person(request), is_complete=not problems),
        "review_form": form,
    }
    return render(request, "experiments/builder/review.html", context, status=status)


def _review(experiment: Experiment, user: User, *, is_complete: bool) -> dict[str, Any]:
    """Return the latest review, what changed since, and what this person may do."""
    latest = reviewing.standing(experiment)
    now = reviewing.reviewed_design(experiment) if is_complete else None
    differences = design_diff.differences(latest.design, now) if latest and now else []
    earlier = _earlier(experiment, latest)
    return {
        "review": latest,
        "differences": differences,
        "since_last": design_diff.differences(earlier.design, latest.design) if earlier and latest else [],
        "may_request": is_complete and (latest is None or not latest.is_open or bool(differences)),
        "may_withdraw": latest is not None and latest.is_open and reviewing.may_withdraw(user, experiment, latest),
        "may_decide": latest is not None
        and latest.is_open
        and not differences
        and can(user, Action.APPROVE, experiment.team_id)
        and reviewing.is_independent(user, experiment, latest),
    }


def _earlier(experiment: Experiment, latest: Review | None) -> Review | None:
    """Return the review before the open one that somebody decided."""
    if latest is None or not latest.is_open:
        return None
    decided = experiment.reviews.filter(reviewer__isnull=False, run_number=experiment.run_number, pk__lt=latest.pk)
    return decided.order_by("-id").first()
