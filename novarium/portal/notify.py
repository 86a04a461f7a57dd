"""Telling people and teams: rows in the caller's transaction, delivery after its commit.

``notify`` tells people in the portal and, as each has chosen, by e-mail; ``announce`` tells a team's Slack channel.
A message with a key is told once, however often it is asked for: unique constraints see to that.
A text may be lazy (``gettext_lazy``, ``format_lazy``); it is then written in the language of whoever gets it.
"""

from __future__ import annotations

from collections.abc import Iterable

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.functional import Promise

from novarium.portal.models import MAILED_AT_FIRST, Delivery, Kind, MailChoice, Notification, Team, User

Text = str | Promise
LONGEST = 300


def notify(users: Iterable[User], *, text: Text, url: str, kind: str, key: str = "") -> None:
    """Tell each of the people once, in the portal and, where they want this kind so, by e-mail.

    Args:
        users: Who is told; switched-off accounts are left out.
        text: One sentence; what is longer than 300 characters is cut.
        url: A path of the portal.
        kind: One of ``Kind``.
        key: What is told again under the same key is not told again; empty: always told.
    """
    people = _not_yet_told(users, key)
    if not people:
        return
    with transaction.atomic():
        tell_in_portal(people, text=text, url=url, kind=kind, key=key)
        if settings.SENDS_EMAIL:
            _queue(_to_person(user, text, url, kind, key) for user in _wanting_mail(people, kind))


def announce(team: Team, *, text: Text, url: str, kind: str, key: str = "") -> None:
    """Tell a team's Slack channel, where the team has a webhook and the kind is one for Slack."""
    if team.key not in settings.SLACK_WEBHOOKS or kind not in settings.SLACK_KINDS:
        return
    with transaction.atomic():
        words = _written(text, settings.LANGUAGE_CODE)
        _queue([_delivery(Delivery.Channel.SLACK, words, url, kind, key, team=team)])


def tell_in_portal(users: Iterable[User], *, text: Text, url: str, kind: str, key: str = "") -> None:
    """Tell people in the portal only."""
    rows = [
        Notification(user=user, text=_written(text, user.language), url=url, kind=Kind(kind), key=key) for user in users
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


def mailed_kinds(user: User) -> list[str]:
    """Return the kinds that the person gets by e-mail."""
    chosen = MailChoice.objects.filter(user=user).values_list("kinds", flat=True).first()
    return list(MAILED_AT_FIRST if chosen is None else chosen)


def _not_yet_told(users: Iterable[User], key: str) -> list[User]:
    people = {user.pk: user for user in users if user.is_active}
    told = Notification.objects.filter(user__in=people, key=key).values_list("user_id", flat=True) if key else ()
    return [user for pk, user in people.items() if pk not in set(told)]


def _wanting_mail(people: list[User], kind: str) -> list[User]:
    chosen = dict(MailChoice.objects.filter(user__in=people).values_list("user_id", "kinds"))
    return [user for user in people if user.email and kind in chosen.get(user.pk, MAILED_AT_FIRST)]


def _to_person(user: User, text: Text, url: str, kind: str, key: str) -> Delivery:
    return _delivery(Delivery.Channel.EMAIL, _written(text, user.language), url, kind, key, user=user)


def _delivery(
    channel: str, text: str, url: str, kind: str, key: str, *, user: User | None = None, team: Team | None = None
) -> Delivery:
    now = timezone.now()
    return Delivery(
        channel=channel,
        user=user,
        team=team,
        kind=Kind(kind),
        text=text,
        url=url,
        key=key,
        created_at=now,
        due_at=now,
    )


def _queue(deliveries: Iterable[Delivery]) -> None:
    """Store what is to be delivered and wake a worker after the commit; a broker that is away delays it only."""
    rows = Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
    for row in rows:
        name, about = ("portal.send_email", row.pk) if row.user_id else ("portal.post_to_slack", row.team_id)
        transaction.on_commit(lambda name=name, about=about: wake(name, about), robust=True)  # type: ignore[misc]


def wake(task: str, about: object) -> None:
    """Queue a task by its name, without waiting for a broker that does not answer."""
    current_app.send_task(task, args=(str(about),), ignore_result=True, retry=False)


def _written(text: Text, language: str) -> str:
    with translation.override(language):
        words = str(text)
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…"
