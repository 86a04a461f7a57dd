"""Telling people what happens to an experiment; it commits with the change that it tells of."""

from __future__ import annotations

from collections.abc import Iterable

from experiments.models import Experiment
from novarium.portal.models import Notification, User

LONGEST = 300


def tell(experiment: Experiment, text: str, *, url: str, kind: str, to: Iterable[User] = ()) -> None:
    """Tell the owner and ``to``, each once; ``kind`` names the sort of message, such as ``review`` or ``ramp``."""
    del kind
    people = {experiment.owner_id, *(person.pk for person in to)}
    Notification.objects.bulk_create(
        Notification(user_id=person, text=text[:LONGEST], url=url) for person in sorted(people)
    )
