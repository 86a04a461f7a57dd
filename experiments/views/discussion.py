"""An experiment's discussion, and who watches it."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from experiments.access import get_comment, get_experiment
from experiments.collaboration import discussion, watching
from experiments.forms.discussion import CommentForm, EditForm
from experiments.forms.fields import refuse
from experiments.models import Comment, Experiment
from novarium.kernel.errors import Invalid
from novarium.portal.access import allow, can, person
from novarium.portal.roles import Action

PAGE_SIZE = 20
MAX_PEOPLE = 8


@require_safe
@allow(Action.READ)
def show(request: HttpRequest, key: str) -> HttpResponse:
    """Show the comments, newest first, and who watches."""
    return _page(request, get_experiment(person(request), key), CommentForm())


@require_POST
@allow(Action.DISCUSS)
def post(request: HttpRequest, key: str) -> HttpResponse:
    """Add a comment."""
    experiment = get_experiment(person(request), key, Action.DISCUSS)
    form = CommentForm(request.POST)
    if form.is_valid():
        try:
            discussion.post(experiment, author=person(request), **form.cleaned_data)
        except Invalid as error:
            refuse(form, error)
        else:
            return redirect("experiments:discussion", key)
    return _page(request, experiment, form, status=422)


@require_safe
@allow(Action.DISCUSS)
def edit(request: HttpRequest, key: str, comment: int) -> HttpResponse:
    """Show the discussion with one comment as a form."""
    found = get_comment(person(request), key, comment, Action.DISCUSS)
    if not discussion.may_edit(found, person(request), now=timezone.now()):
        return redirect(discussion.address(found))
    return _page(request, found.experiment, CommentForm(), edited=found, edit_form=EditForm(comment=found))


@require_POST
@allow(Action.DISCUSS)
def save(request: HttpRequest, key: str, comment: int) -> HttpResponse:
    """Change a comment."""
    found = get_comment(person(request), key, comment, Action.DISCUSS)
    form = EditForm(request.POST, comment=found)
    if form.is_valid():
        try:
            discussion.edit(found, actor=person(request), **form.cleaned_data)
        except Invalid as error:
            refuse(form, error)
        else:
            return redirect(discussion.address(found))
    return _page(request, found.experiment, CommentForm(), edited=found, edit_form=form, status=422)


@require_POST
@allow(Action.DISCUSS)
def delete(request: HttpRequest, key: str, comment: int) -> HttpResponse:
    """Delete a comment."""
    found = get_comment(person(request), key, comment, Action.DISCUSS)
    discussion.delete(found, actor=person(request))
    messages.success(request, _("The comment is deleted."))
    return redirect("experiments:discussion", key)


@require_safe
@allow(Action.READ)
def people(request: HttpRequest, key: str) -> HttpResponse:
    """Offer the people whose name begins with what was typed."""
    get_experiment(person(request), key)
    typed = request.GET.get("q", "").replace("\0", "")[:150]
    begins = Q(username__istartswith=typed) | Q(first_name__istartswith=typed) | Q(last_name__istartswith=typed)
    offered = watching.readers().filter(begins)[:MAX_PEOPLE]
    return render(request, "experiments/parts/people.html", {"people": offered})


@require_POST
@allow(Action.READ)
def watch(request: HttpRequest, key: str) -> HttpResponse:
    """Tell the person of what happens here."""
    watching.watch(get_experiment(person(request), key), person(request))
    return HttpResponseRedirect(_back(request, key))


@require_POST
@allow(Action.READ)
def unwatch(request: HttpRequest, key: str) -> HttpResponse:
    """Tell the person no more."""
    watching.unwatch(get_experiment(person(request), key), person(request))
    return HttpResponseRedirect(_back(request, key))


def _page(
    request: HttpRequest,
    experiment: Experiment,
    form: CommentForm,
    *,
    edited: Comment | None = None,
    edit_form: EditForm | None = None,
    status: int = 200,
) -> HttpResponse:
    comments = Comment.objects.filter(experiment=experiment).select_related("author")
    page = Paginator(comments, PAGE_SIZE).get_page(_page_number(request, experiment, edited))
    user, now = person(request), timezone.now()
    for comment in page.object_list:
        comment.experiment = experiment
    context = {
        "experiment": experiment,
        "form": form,
        "edit_form": edit_form,
        "edited": edited,
        "page": page,
        "rows": [
            (item, discussion.may_edit(item, user, now=now), discussion.may_delete(item, user, now=now))
            for item in page.object_list
        ],
        "names": [reader.username for reader in watching.readers()],
        "watchers": watching.watchers(experiment),
        "may_discuss": can(user, Action.DISCUSS, experiment.team_id),
    }
    return render(request, "experiments/discussion.html", context, status=status)


def _page_number(request: HttpRequest, experiment: Experiment, edited: Comment | None) -> int | str | None:
    """Return the page that was asked for: by number, or by a comment that stands on it."""
    wanted = str(edited.pk) if edited else request.GET.get("comment", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) < 18:
        comments = Comment.objects.filter(experiment=experiment)
        target = comments.filter(pk=int(wanted)).first()
        if target:
            is_newer = Q(created_at__gt=target.created_at) | Q(created_at=target.created_at, pk__gt=target.pk)
            return comments.filter(is_newer).count() // PAGE_SIZE + 1
    return request.GET.get("page")


def _back(request: HttpRequest, key: str) -> str:
    """Return the page on which the button was pressed."""
    address = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if safe else reverse("experiments:discussion", args=[key])
