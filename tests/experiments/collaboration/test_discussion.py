"""Comments and watching: what is kept, who may, and who is told."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from experiments.collaboration import discussion, watching
from experiments.models import Comment, Watch
from novarium.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from novarium.portal.models import AuditEntry, Delivery, Notification

pytestmark = pytest.mark.django_db


def say(experiment, author, text="Why seven days?", submission=None, **more):
    return discussion.post(experiment, author=author, text=text, submission=submission or uuid4(), **more)


def told(kind=None):
    rows = Notification.objects.filter(**({"kind": kind} if kind else {}))
    return sorted(rows.values_list("user__username", "kind"))


def test_the_owner_is_told_of_a_comment_and_its_author_is_not(draft, analyst, viewer):
    comment = say(draft, viewer)
    assert told() == [("analyst", "comment")]
    note = Notification.objects.get()
    assert note.url == f"/experiments/hero-discount/discussion/?comment={comment.pk}#comment-{comment.pk}"
    assert "Why seven days?" in note.text


def test_who_commented_watches_from_then_on(draft, analyst, viewer, lead):
    say(draft, viewer)
    say(draft, lead, "Because of the weekend.")
    assert told() == [("analyst", "comment"), ("analyst", "comment"), ("viewer", "comment")]


def test_who_stopped_watching_is_not_made_to_by_commenting(draft, analyst, viewer):
    watching.unwatch(draft, viewer)
    say(draft, viewer)
    say(draft, analyst)
    assert told() == [("analyst", "comment")]
    assert not watching.is_watching(draft, viewer)
    watching.watch(draft, viewer)
    assert watching.is_watching(draft, viewer)


def test_the_owner_can_stop_watching(draft, analyst, viewer):
    assert watching.is_watching(draft, analyst)
    watching.unwatch(draft, analyst)
    say(draft, viewer)
    assert told() == []


def test_a_watcher_who_may_read_nothing_any_more_is_not_told(draft, analyst, viewer, lead):
    watching.watch(draft, viewer)
    viewer.memberships.all().delete()
    say(draft, lead)
    assert told() == [("analyst", "comment")]


def test_a_mentioned_watcher_is_told_once_as_mentioned(draft, analyst, viewer, other_lead):
    say(draft, viewer, "@analyst and @other_lead님, please look. @nobody @stranger @viewer")
    assert told() == [("analyst", "mention"), ("other_lead", "mention")]


def test_an_edit_tells_only_whom_it_newly_mentions(draft, analyst, viewer, lead):
    comment = say(draft, viewer, "@lead look")
    Notification.objects.all().delete()
    watching.unwatch(draft, analyst)
    notes = Notification.objects
    comment = say(draft, viewer, "@lead look")
    discussion.edit(comment, actor=viewer, text="@lead and @analyst look", version=1)
    assert sorted(notes.values_list("user__username", "kind")) == [("analyst", "mention"), ("lead", "mention")]


def test_a_form_sent_twice_is_one_comment_and_one_message(draft, viewer):
    submission = uuid4()
    first, second = (say(draft, viewer, submission=submission) for _time in range(2))
    assert first == second
    assert Comment.objects.count() == 1
    assert len(told()) == 1


def test_a_comment_that_is_rolled_back_was_never_told(draft, viewer):
    with transaction.atomic():
        say(draft, viewer)
        transaction.set_rollback(True)
    assert told() == []
    assert not Watch.objects.exists()


@pytest.mark.parametrize("text", ["", " \n\t ", "x" * 4001])
def test_an_empty_or_endless_comment_is_refused(draft, viewer, text):
    with pytest.raises(Invalid) as refused:
        say(draft, viewer, text)
    assert "text" in refused.value.fields
    assert not Comment.objects.exists()


def test_edits_and_deletions_keep_the_earlier_words_in_the_audit_log(draft, viewer):
    comment = say(draft, viewer, "First")
    discussion.edit(comment, actor=viewer, text="Second", version=1)
    comment.refresh_from_db()
    assert (comment.text, comment.version) == ("Second", 2)
    assert comment.edited_at is not None
    discussion.delete(comment, actor=viewer)
    words = {
        entry.action: (entry.before and entry.before["text"], entry.after and entry.after["text"])
        for entry in AuditEntry.objects.filter(action__startswith="experiment.comment")
    }
    assert words == {
        "experiment.comment": (None, "First"),
        "experiment.comment_edit": ("First", "Second"),
        "experiment.comment_delete": ("Second", None),
    }


def test_two_edits_from_the_same_words_do_not_overwrite_each_other(draft, viewer):
    comment = say(draft, viewer, "First")
    discussion.edit(comment, actor=viewer, text="Second", version=1)
    with pytest.raises(Conflict):
        discussion.edit(comment, actor=viewer, text="Third", version=1)
    assert Comment.objects.get().text == "Second"


def test_an_author_changes_a_comment_on_the_first_day_only(draft, viewer, lead):
    comment = say(draft, viewer)
    later = timezone.now() + timedelta(hours=25)
    with pytest.raises(Forbidden):
        discussion.edit(comment, actor=viewer, text="Other", version=1, now=later)
    with pytest.raises(Forbidden):
        discussion.delete(comment, actor=viewer, now=later)
    discussion.delete(comment, actor=lead, now=later)
    with pytest.raises(NotFound):
        discussion.delete(comment, actor=lead, now=later)


@pytest.mark.parametrize("person", ["analyst", "lead", "other_lead", "stranger"])
def test_nobody_edits_what_somebody_else_said(request, draft, viewer, person):
    comment = say(draft, viewer)
    with pytest.raises(Forbidden):
        discussion.edit(comment, actor=request.getfixturevalue(person), text="Forged", version=1)


@pytest.mark.parametrize("person", ["analyst", "other_lead"])
def test_only_the_author_and_leads_of_the_team_delete(request, draft, viewer, person):
    comment = say(draft, viewer)
    with pytest.raises(Forbidden):
        discussion.delete(comment, actor=request.getfixturevalue(person))
    assert Comment.objects.exists()


def test_tell_reaches_watchers_those_named_and_the_channel_once_each(draft, analyst, viewer, lead, settings):
    settings.SLACK_WEBHOOKS = {"novaeats": "https://hooks.example/secret"}
    for _time in range(2):
        watching.tell(draft, "Guardrail harmed", url="/x/", kind="guardrail", to=[lead, analyst], key="harm-1")
    assert told() == [("analyst", "guardrail"), ("lead", "guardrail")]
    assert Delivery.objects.filter(channel="slack").count() == 1


def test_whoever_did_it_is_not_told(draft, analyst, lead):
    watching.watch(draft, lead)
    watching.tell(draft, "Launched", url="/x/", kind="launch", actor=analyst)
    assert told() == [("lead", "launch")]
