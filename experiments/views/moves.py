"""What can be done with an experiment: launch, pause, resume, stop, reset, clone, delete."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from experiments.access import get_experiment
from experiments.designs import authoring, deletion
from experiments.forms.moves import NoteForm, team_for_clone
from experiments.running import lifecycle
from novarium.kernel.errors import Invalid
from novarium.portal.access import allow, person
from novarium.portal.roles import Action


@require_POST
@allow(Action.RUN)
def launch(request: HttpRequest, key: str) -> HttpResponse:
    """Freeze the design and start; a design that is not complete goes back to the review."""
    experiment = get_experiment(person(request), key, Action.RUN)
    try:
        run = lifecycle.launch(experiment, actor=person(request))
    except Invalid as error:
        messages.error(request, error.message)
        return redirect("experiments:review", key)
    messages.success(request, _("Run %(number)d has started. The design is frozen.") % {"number": run.number})
    return redirect("experiments:design", key)


@require_POST
@allow(Action.RUN)
def stop(request: HttpRequest, key: str) -> HttpResponse:
    """Stop the running experiment."""
    experiment = get_experiment(person(request), key, Action.RUN)
    lifecycle.stop(experiment, actor=person(request), note=NoteForm.read(request.POST))
    messages.success(request, _("The experiment has stopped. Everybody sees the feature's live value again."))
    return redirect("experiments:design", key)


@require_POST
@allow(Action.RUN)
def pause(request: HttpRequest, key: str) -> HttpResponse:
    """Show everybody the live value for a while."""
    experiment = get_experiment(person(request), key, Action.RUN)
    lifecycle.pause(experiment, actor=person(request), note=NoteForm.read(request.POST))
    messages.success(request, _("It is paused: everybody sees the feature's live value until you resume it."))
    return redirect("experiments:design", key)


@require_POST
@allow(Action.RUN)
def resume(request: HttpRequest, key: str) -> HttpResponse:
    """Serve the variants again."""
    experiment = get_experiment(person(request), key, Action.RUN)
    lifecycle.resume(experiment, actor=person(request), note=NoteForm.read(request.POST))
    messages.success(request, _("It goes on: everybody has the variant they had before."))
    return redirect("experiments:design", key)


@require_POST
@allow(Action.RUN)
def reset(request: HttpRequest, key: str) -> HttpResponse:
    """Make a draft of it again, for the next run."""
    experiment = get_experiment(person(request), key, Action.RUN)
    lifecycle.reset(experiment, actor=person(request), note=NoteForm.read(request.POST))
    messages.success(request, _("The design can be changed again. Earlier runs are kept."))
    return redirect("experiments:review", key)


@require_POST
@allow(Action.DESIGN)
def clone(request: HttpRequest, key: str) -> HttpResponse:
    """Make a new draft with the same design."""
    experiment = get_experiment(person(request), key)
    copy = authoring.clone(experiment, team=team_for_clone(person(request), experiment), owner=person(request))
    messages.success(request, _("This is the copy. It has its own key and its own assignment."))
    return redirect("experiments:hypothesis", copy.key)


@require_POST
@allow(Action.DESIGN)
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Delete a draft that never ran."""
    experiment = get_experiment(person(request), key, Action.DESIGN)
    deletion.delete(experiment, actor=person(request))
    messages.success(request, _("The draft “%(name)s” is deleted.") % {"name": experiment.name})
    return redirect("experiments:list")
