"""What is said once, however often it is found: to the owner, the watchers and the team's leads."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.urls import reverse

from experiments.access import leads_of
from experiments.models import Announcement, Experiment
from experiments.watching import tell

Kind = Announcement.Kind


def say_once(experiment: Experiment, text: str, *, kind: str, occasion: str, now: datetime) -> bool:
    """Tell it unless it was told on the same occasion already; return whether this call told it."""
    with transaction.atomic():
        said, is_new = Announcement.objects.get_or_create(
            experiment=experiment, kind=kind, occasion=occasion, defaults={"text": text, "at": now}
        )
        if is_new:
            url = reverse("experiments:design", args=[experiment.key])
            tell(experiment, said.text, url=url, kind=kind, to=leads_of(experiment))
    return is_new


def said(experiment: Experiment, *, kind: str, occasion: str) -> Announcement | None:
    """Return what was said on this occasion."""
    return experiment.announcements.filter(kind=kind, occasion=occasion).first()
