"""Comments on an experiment: written, edited, deleted, and who is told.

Everybody with a role in the experiment's team may comment, viewers too: who may only look can still ask and object. An
author may edit or delete a comment for a day; a lead of the team may delete any at any time. The audit log keeps the
words of what is edited or deleted.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator, format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.collaboration import watching
from experiments.collaboration.plain_text import mentions
from experiments.models import Comment, Experiment
from experiments.models.discussion import MAX_COMMENT
from novarium.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from novarium.portal import audit, notify
from novarium.portal.access import can
from novarium.portal.models import Kind, User
from novarium.portal.roles import Action

CHANGEABLE_FOR = timedelta(hours=24)
MAX_MENTIONS = 20
EXCERPT = 120


def post(experiment: Experiment, *, author: User, text: str, submission: UUID, now: datetime | None = None) -> Comment:
    """Add a comment, let its author watch, and tell the watchers and whom it mentions.

    Args:
        experiment: What it is about.
        author: Who says it.
        text: Plain text; ``@name`` mentions somebody.
        submission: Of the form; the same again adds nothing and returns the first comment.
        now: The present, for tests.

    Raises:
        Invalid: the text is empty or too long, or mentions too many people.
    """
    words, people = _read(text)
    with transaction.atomic():
        comment, is_new = Comment.objects.get_or_create(
            author=author,
            submission=submission,
            defaults={"experiment": experiment, "text": words, "created_at": now or timezone.now()},
        )
        if is_new:
            _record(comment, "experiment.comment", actor=author, after=words)
            _tell(comment, people, actor=author)
            watching.take_interest(experiment, author)
    return comment


def edit(comment: Comment, *, actor: User, text: str, version: int, now: datetime | None = None) -> None:
    """Change one's own comment and tell whom it mentions now and did not before.

    Raises:
        Invalid: as for ``post``.
        Forbidden: it is somebody else's, or older than a day.
        Conflict: it was changed or deleted since the form was shown.
    """
    at = now or timezone.now()
    if not may_edit(comment, actor, now=at):
        raise Forbidden(_("Only its author can edit a comment, and only on the first day."))
    words, people = _read(text)
    if words == comment.text and version == comment.version:
        return
    with transaction.atomic():
        before = Comment.objects.select_for_update().filter(pk=comment.pk, version=version).first()
        if before is None:
            raise Conflict(_("This comment has changed since you opened it. Look at it again."))
        Comment.objects.filter(pk=comment.pk).update(text=words, version=version + 1, edited_at=at)
        _record(comment, "experiment.comment_edit", actor=actor, before=before.text, after=words)
        _tell_mentioned(comment, people, actor=actor)


def delete(comment: Comment, *, actor: User, now: datetime | None = None) -> None:
    """Delete a comment; its words stay in the audit log.

    Raises:
        Forbidden: it is somebody else's or older than a day, and the person is no lead.
        NotFound: somebody else was first.
    """
    if not may_delete(comment, actor, now=now or timezone.now()):
        raise Forbidden(_("Only its author can delete a comment, on the first day, or a lead of the team."))
    with transaction.atomic():
        locked = Comment.objects.select_for_update().filter(pk=comment.pk).first()
        if locked is None:
            raise NotFound(_("This comment is deleted already."))
        _record(comment, "experiment.comment_delete", actor=actor, before=locked.text)
        locked.delete()


def may_edit(comment: Comment, user: User, *, now: datetime) -> bool:
    """Whether the person may edit it now."""
    is_member = can(user, Action.DISCUSS, comment.experiment.team_id)
    return is_member and comment.author_id == user.pk and now - comment.created_at < CHANGEABLE_FOR


def may_delete(comment: Comment, user: User, *, now: datetime) -> bool:
    """Whether the person may delete it now."""
    return may_edit(comment, user, now=now) or can(user, Action.APPROVE, comment.experiment.team_id)


def address(comment: Comment) -> str:
    """Return where the comment is shown, on whichever page of the discussion that is."""
    return (
        f"{reverse('experiments:discussion', args=[comment.experiment.key])}?comment={comment.pk}#comment-{comment.pk}"
    )


def _read(text: str) -> tuple[str, list[User]]:
    """Return the text as it is stored, and whom it mentions."""
    words = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    sentence = ""
    people: list[User] = []
    if not words:
        sentence = _("Write something first.")
    elif len(words) > MAX_COMMENT:
        sentence = _("At most %(most)d characters; these are %(count)d.") % {"most": MAX_COMMENT, "count": len(words)}
    elif "@" in words:
        readers = {user.username: user for user in watching.readers()}
        people = [readers[name] for name in mentions(words, names=readers)]
    if len(people) > MAX_MENTIONS:
        sentence = _("Mention at most %(most)d people.") % {"most": MAX_MENTIONS}
    if sentence:
        raise Invalid(sentence, fields={"text": [sentence]})
    return words, people


def _tell(comment: Comment, people: list[User], *, actor: User) -> None:
    """Tell those mentioned that they are, and the other watchers that there is a comment: nobody twice."""
    _tell_mentioned(comment, people, actor=actor)
    words = format_lazy(
        gettext_lazy("{person} on “{experiment}”: {words}"),
        person=str(actor),
        experiment=comment.experiment.name,
        words=_excerpt(comment.text),
    )
    watching.tell(
        comment.experiment, words, url=address(comment), kind=Kind.COMMENT, actor=actor, key=f"comment:{comment.pk}"
    )


def _tell_mentioned(comment: Comment, people: list[User], *, actor: User) -> None:
    words = format_lazy(
        gettext_lazy("{person} mentions you on “{experiment}”: {words}"),
        person=str(actor),
        experiment=comment.experiment.name,
        words=_excerpt(comment.text),
    )
    others = [user for user in people if user.pk != actor.pk]
    notify.notify(others, text=words, url=address(comment), kind=Kind.MENTION, key=f"comment:{comment.pk}")


def _excerpt(text: str) -> str:
    return Truncator(" ".join(text.split())).chars(EXCERPT)


def _record(comment: Comment, action: str, *, actor: User, before: str | None = None, after: str | None = None) -> None:
    audit.record(
        actor=actor,
        action=action,
        object_type="experiment",
        object_key=comment.experiment.key,
        team_id=comment.experiment.team_id,
        before=None if before is None else {"comment": comment.pk, "text": before},
        after=None if after is None else {"comment": comment.pk, "text": after},
    )
