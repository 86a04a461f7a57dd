"""What is said once, however often it is found: to the owner, the watchers and the team's leads."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from experiments.access import leads_of
from experiments.collaboration.watching import tell
from experiments.models import Announcement, Experiment
from novarium.portal.models import Kind as Sort
from novarium.portal.notify import Text

Kind = Announcement.Kind
_SORTS = {Kind.RAMP_HELD: Sort.RAMP, Kind.LAUNCH_REFUSED: Sort.SCHEDULE}


def say_once(experiment: Experiment, text: Text, *, kind: Kind, occasion: str, now: datetime) -> bool:
    """Tell it unless it was told on the same occasion already; return whether this call told it."""
    with transaction.atomic():
        _said, is_new = Announcement.objects.get_or_create(
            experiment=experiment, kind=kind, occasion=occasion, defaults={"text": str(text), "at": now}
        )
        if is_new:
            url = reverse("experiments:design", args=[experiment.key])
            tell(experiment, text, url=url, kind=_SORTS[kind], to=leads_of(experiment))
    return is_new


def said(experiment: Experiment, *, kind: str, occasion: str) -> Announcement | None:
    """Return what was said on this occasion."""
    return experiment.announcements.filter(kind=kind, occasion=occasion).first()
