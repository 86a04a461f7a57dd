"""Who is told of what happens to an experiment.

The owner watches from the start; who comments or reviews watches from then on, and everybody may watch or stop to.
Whoever stopped is not made to watch again by what they do. Watchers are told of every kind, in the portal; each person
chooses which kinds also come by e-mail, and the team's Slack channel gets what is not meant for one person.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from experiments.models import Experiment, Watch
from novarium.portal import notify
from novarium.portal.models import Membership, User


def tell(
    experiment: Experiment,
    text: notify.Text,
    *,
    url: str,
    kind: str,
    to: Iterable[User] = (),
    actor: User | None = None,
    key: str = "",
) -> None:
    """Tell the experiment's watchers, ``to`` and the team's Slack channel, each once, when the transaction commits.

    Args:
        experiment: What it is about.
        text: One sentence; lazy text is written in the language of whoever gets it.
        url: A path of the portal.
        kind: One of ``novarium.portal.models.Kind``: comment, mention, review, launch, ramp, schedule, stop, decision,
            guardrail.
        to: People who are told even if they do not watch, or stopped to.
        actor: Whoever did it, and so needs not be told.
        key: Told once under this key, for callers that may run twice.
    """
    people = {user.pk: user for user in (*watchers(experiment), *to)}
    if actor:
        people.pop(actor.pk, None)
    with transaction.atomic():
        notify.notify(people.values(), text=text, url=url, kind=kind, key=key)
        notify.announce(experiment.team, text=text, url=url, kind=kind, key=key)


def watchers(experiment: Experiment) -> QuerySet[User]:
    """Return who watches, by name: people who stopped, were switched off or may read nothing any more are left out."""
    own = Watch.objects.filter(experiment=experiment, user=OuterRef("pk"))
    watches = Q(Exists(own.filter(muted=False))) | (Q(pk=experiment.owner_id) & ~Q(Exists(own)))
    return readers().filter(watches)


def readers() -> QuerySet[User]:
    """Return everybody who may read experiments, by name."""
    members = Exists(Membership.objects.filter(user=OuterRef("pk")))
    reads = Q(members) | Q(is_staff=True, is_superuser=True)
    return User.objects.filter(reads, is_active=True).order_by("first_name", "last_name", "username")


def is_watching(experiment: Experiment, user: User) -> bool:
    """Whether the person is told of what happens to the experiment."""
    own = Watch.objects.filter(experiment=experiment, user=user).first()
    return not own.muted if own else experiment.owner_id == user.pk


def watch(experiment: Experiment, user: User) -> None:
    """Tell the person from now on, since they ask for it."""
    Watch.objects.update_or_create(experiment=experiment, user=user, defaults={"muted": False})


def unwatch(experiment: Experiment, user: User) -> None:
    """Tell the person no more, whatever they do here."""
    Watch.objects.update_or_create(experiment=experiment, user=user, defaults={"muted": True})


def take_interest(experiment: Experiment, user: User) -> None:
    """Let somebody who takes part (comments, reviews) watch, unless they said that they do not want to."""
    Watch.objects.get_or_create(experiment=experiment, user=user)
