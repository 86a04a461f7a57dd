"""Launches and stops at their scheduled time; harmless to repeat, and safe with several workers at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from experiments.collaboration import announcements
from experiments.designs.authoring import change_columns
from experiments.models import Experiment
from experiments.running import lifecycle
from novarium.kernel.errors import Conflict, DomainError, Invalid
from novarium.portal.models import User

Status = Experiment.Status
GRACE = timedelta(hours=1)  # for so long a launch that was refused is tried again: an approval may come a little late


def launch_due(*, now: datetime) -> list[str]:
    """Launch the drafts whose start has come, under all rules of a launch; return the keys of those launched."""
    due = Experiment.objects.filter(status=Status.DRAFT, starts_at__lte=now, starts_at__gt=now - GRACE)
    return [key for pk, key in due.order_by("starts_at", "pk").values_list("pk", "key") if _launch(pk, now=now)]


def stop_due(*, now: datetime) -> list[str]:
    """Stop the live experiments whose end has come; return their keys."""
    due = Experiment.objects.filter(status__in=[Status.RUNNING, Status.PAUSED], ends_at__lte=now)
    return [key for pk, key in due.order_by("ends_at", "pk").values_list("pk", "key") if _stop(pk, now=now)]


def change_end(experiment: Experiment, *, ends_at: datetime | None, actor: User, now: datetime | None = None) -> None:
    """Change the scheduled end of a live experiment, which spoils nothing; None leaves it open.

    Raises:
        Invalid: the moment has passed.
        Conflict: it is not live.
    """
    with transaction.atomic():
        locked = Experiment.objects.select_for_update().get(pk=experiment.pk)
        if locked.status not in {Status.RUNNING, Status.PAUSED}:
            raise Conflict(_("Only a running or paused experiment has an end to move."))
        moment = now or timezone.now()
        earliest = max(moment, locked.starts_at) if locked.starts_at else moment
        if ends_at is not None and ends_at <= earliest:
            passed = _("This moment has passed.")
            raise Invalid(passed, fields={"ends_at": [passed]})
        change_columns(locked, {"ends_at": ends_at}, action="experiment.schedule", actor=actor)


def missed_start(experiment: Experiment, *, now: datetime) -> bool:
    """Whether a draft's scheduled start has passed without a launch."""
    start = experiment.starts_at
    return experiment.status == Status.DRAFT and start is not None and start <= now - GRACE


def _launch(pk: int, *, now: datetime) -> bool:
    """Launch one draft; another worker that holds it, or was first, leaves nothing to do."""
    with transaction.atomic():
        held = Experiment.objects.select_for_update(skip_locked=True)
        experiment = held.filter(pk=pk, status=Status.DRAFT, starts_at__lte=now).first()
        if experiment is None:
            return False
        try:
            lifecycle.launch(experiment, actor=None, now=now)
        except DomainError as error:
            _refused(experiment, error, now=now)
            return False
    return True


def _refused(experiment: Experiment, error: DomainError, *, now: datetime) -> None:
    sentences = [error.message]
    if isinstance(error, Invalid):
        sentences += [sentence for found in error.fields.values() for sentence in found if sentence != error.message]
    said = gettext_lazy("“{name}” could not start as scheduled. {reason}")
    announcements.say_once(
        experiment,
        format_lazy(said, name=experiment.name, reason=" ".join(sentences)),
        kind=announcements.Kind.LAUNCH_REFUSED,
        occasion=f"{experiment.run_number}:{experiment.starts_at:%Y-%m-%dT%H:%M}",
        now=now,
    )


def _stop(pk: int, *, now: datetime) -> bool:
    with transaction.atomic():
        held = Experiment.objects.select_for_update(skip_locked=True)
        experiment = held.filter(pk=pk, status__in=[Status.RUNNING, Status.PAUSED], ends_at__lte=now).first()
        if experiment is None:
            return False
        lifecycle.stop(experiment, actor=None, note=_("The scheduled end has come."), now=now)
    return True
