"""Celery's entry points for messages that leave the portal; retries are rows that become due again, not Celery's."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from novarium.portal import delivery, mail, retention, slack
from novarium.portal.models import Delivery
from novarium.portal.notify import wake

PERIOD = 15.0  # seconds between two calls of deliver_due, as the schedule has it at first


@shared_task(name="portal.send_email", ignore_result=True)
def send_email(delivery_id: str) -> None:
    """Send one e-mail, unless somebody else has."""
    delivery.deliver(delivery_id, mail.send)


@shared_task(name="portal.post_to_slack", ignore_result=True)
def post_to_slack(team_id: str) -> None:
    """Post the team's next message, and come back for the one after it; ``deliver_due`` does after a long wait."""
    wait = slack.post_next(int(team_id))
    if wait is not None and wait < PERIOD:
        post_to_slack.apply_async((team_id,), countdown=wait)


@shared_task(name="portal.deliver_due", ignore_result=True)
def deliver_due() -> int:
    """Queue what is due: attempts to be repeated, and what was committed while the broker was away or a worker died."""
    due = delivery.due(now=timezone.now())
    teams = set(due.filter(channel=Delivery.Channel.SLACK).values_list("team_id", flat=True))
    for team_id in teams:
        wake("portal.post_to_slack", team_id)
    mails = list(due.filter(channel=Delivery.Channel.EMAIL).values_list("pk", flat=True)[:500])
    for pk in mails:
        wake("portal.send_email", pk)
    return len(teams) + len(mails)


@shared_task(name="portal.forget_messages", ignore_result=True)
def forget_messages() -> int:
    """Forget messages of long ago; runs every day."""
    return retention.forget_messages(now=timezone.now(), days=settings.KEEP_MESSAGES_DAYS)
