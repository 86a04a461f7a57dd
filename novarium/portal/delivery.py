"""Taking messages out of the portal: claimed by one worker, sent, and marked with how it went.

A claim is a compare-and-set on ``due_at``, which it puts ``LEASE`` ahead: two workers send once, and what a worker that
died had claimed is claimed again afterwards. Sending and marking cannot be one step, so a worker that dies between
the two makes the message come twice; it never gets lost.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from novarium.portal import notify
from novarium.portal.models import Delivery, Kind, User

LEASE = timedelta(minutes=2)  # longer than any time-out of sending
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)
MAX_ATTEMPTS = 8
GIVE_UP_AFTER = timedelta(days=1)
LONGEST_ERROR = 300

Status = Delivery.Status


class NotDeliveredError(Exception):
    """The other side did not take the message.

    Attributes:
        wait: How long it asks us to wait; such a refusal is no failed attempt.
        is_final: Whether another attempt would end the same way.
    """

    def __init__(self, message: str, *, wait: timedelta | None = None, is_final: bool = False) -> None:
        super().__init__(message)
        self.wait = wait
        self.is_final = is_final


def deliver(delivery_id: object, send: Callable[[Delivery], None], *, now: datetime | None = None) -> bool:
    """Claim one message and send it; return whether it was sent now.

    Args:
        delivery_id: Which; one that is not due, or that somebody else has claimed, is left alone.
        send: Takes it out; raises NotDeliveredError.
        now: The present, for tests.
    """
    at = now or timezone.now()
    claimed = claim(delivery_id, now=at)
    if claimed is None:
        return False
    try:
        send(claimed)
    except NotDeliveredError as error:
        _put_back(claimed, error, now=at)
        return False
    Delivery.objects.filter(pk=claimed.pk).exclude(status=Status.SENT).update(
        status=Status.SENT, sent_at=timezone.now(), last_error=""
    )
    return True


def claim(delivery_id: object, *, now: datetime) -> Delivery | None:
    """Return the message where it is due and this call was the first to take it."""
    found = due(now=now).filter(pk=delivery_id).first()
    if found is None:
        return None
    free = Delivery.objects.filter(pk=found.pk, status=Status.PENDING, due_at=found.due_at)
    taken = free.update(due_at=now + LEASE, attempts=F("attempts") + 1)
    found.due_at, found.attempts = now + LEASE, found.attempts + 1
    return found if taken else None


def due(*, now: datetime) -> Any:
    """Return what may be claimed, oldest first."""
    pending = Delivery.objects.filter(status=Status.PENDING, due_at__lte=now)
    return pending.select_related("user", "team").order_by("created_at", "pk")


def try_again(deliveries: Any, *, now: datetime) -> int:
    """Make failed messages due at once, with all attempts before them; return how many."""
    return int(
        deliveries.filter(status=Status.FAILED).update(
            status=Status.PENDING, attempts=0, due_at=now, created_at=now, last_error=""
        )
    )


def _put_back(claimed: Delivery, error: NotDeliveredError, *, now: datetime) -> None:
    """Write down what went wrong, and when to try again; only while the claim is still ours."""
    is_over = error.is_final or now - claimed.created_at > GIVE_UP_AFTER
    attempts = claimed.attempts - (1 if error.wait is not None else 0)
    failed = is_over or attempts >= MAX_ATTEMPTS
    wait = error.wait if error.wait is not None else min(FIRST_WAIT * 2 ** (attempts - 1), LONGEST_WAIT)
    written = Delivery.objects.filter(pk=claimed.pk, status=Status.PENDING, due_at=claimed.due_at).update(
        status=Status.FAILED if failed else Status.PENDING,
        attempts=attempts,
        due_at=now + wait,
        last_error=str(error)[:LONGEST_ERROR],
    )
    if written and failed:
        _alarm(claimed, now=now)


def _alarm(failed: Delivery, *, now: datetime) -> None:
    """Tell the administrators, once a day for each way, in the portal only: the other ways may be what fails."""
    admins = User.objects.filter(is_active=True, is_staff=True, is_superuser=True)
    words = format_lazy(
        _("A message by {channel} could not be delivered. See the deliveries in the administration."),
        channel=failed.get_channel_display(),
    )
    day = timezone.localdate(now).isoformat()
    key = f"delivery-failed:{failed.channel}:{failed.team_id or ''}:{day}"
    notify.tell_in_portal(
        admins, text=words, url="/admin/portal/delivery/?status__exact=failed", kind=Kind.OTHER, key=key
    )
