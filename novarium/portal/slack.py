"""A team's Slack channel: one message a second for each webhook, and not before Slack says that it may be called again.

The address of a webhook is a secret: it stands in the environment only, and in no row, message or log.
"""

from __future__ import annotations

import hashlib
import math
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from novarium.portal import delivery
from novarium.portal.delivery import NotDeliveredError
from novarium.portal.models import Delivery, SlackPace

BETWEEN_MESSAGES = timedelta(seconds=1)
LONGEST_WAIT = timedelta(hours=1)
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
FINAL = frozenset({400, 403, 404, 410})  # a payload, a channel or a webhook that Slack will never take


def post_next(team_id: int, *, now: datetime | None = None) -> float | None:
    """Post the team's oldest due message if its webhook is free.

    Returns:
        After how many seconds to call again; None when nothing is due.
    """
    at = now or timezone.now()
    waiting = delivery.due(now=at).filter(channel=Delivery.Channel.SLACK, team_id=team_id)
    oldest = waiting.first()
    if oldest is None:
        return None
    webhook = _webhook(oldest)
    free_at = _take_turn(_digest(webhook), now=at)
    if free_at is None:
        delivery.deliver(oldest.pk, send, now=at)
        free_at = at + BETWEEN_MESSAGES
    return max(0.0, (free_at - at).total_seconds()) if waiting.exists() else None


def send(message: Delivery) -> None:
    """Post one message.

    Raises:
        NotDeliveredError: Slack did not take it, or wants us to wait.
    """
    webhook = _webhook(message)
    if not webhook:
        raise NotDeliveredError("The team has no webhook any more.", is_final=True)
    try:
        answer = httpx.post(webhook, json=payload(message), timeout=TIMEOUT)
    except httpx.HTTPError as error:
        raise NotDeliveredError(f"{type(error).__name__} at {urlsplit(webhook).hostname}") from error
    if answer.status_code == 429:
        wait = _retry_after(answer)
        SlackPace.objects.filter(webhook=_digest(webhook)).update(free_at=timezone.now() + wait)
        raise NotDeliveredError("Slack answered 429.", wait=wait)
    if not answer.is_success:
        sentence = f"Slack answered {answer.status_code}: {answer.text[:100]}"
        raise NotDeliveredError(sentence, is_final=answer.status_code in FINAL)


def payload(message: Delivery) -> dict[str, object]:
    """Return the message with a link; ``text`` is what notifications and screen readers show."""
    url = f"{settings.PORTAL_URL}{message.url}"
    with translation.override(settings.LANGUAGE_CODE):
        link = f"<{url}|{_('Open')}>"
    section = {"type": "section", "text": {"type": "mrkdwn", "text": f"{_escaped(message.text)} {link}"}}
    return {"text": f"{_escaped(message.text)} {url}", "blocks": [section]}


def _webhook(message: Delivery) -> str:
    """Return the address for the message's team; empty when it has none."""
    webhooks: dict[str, str] = settings.SLACK_WEBHOOKS
    return webhooks.get(message.team.key, "") if message.team else ""


def _take_turn(webhook: str, *, now: datetime) -> datetime | None:
    """Take the webhook's next second; return None where it is ours, else from when on it is free."""
    SlackPace.objects.get_or_create(webhook=webhook, defaults={"free_at": now})
    mine = SlackPace.objects.filter(webhook=webhook, free_at__lte=now).update(free_at=now + BETWEEN_MESSAGES)
    return None if mine else SlackPace.objects.get(webhook=webhook).free_at


def _retry_after(answer: httpx.Response) -> timedelta:
    """Return how long Slack wants us to wait, in seconds as it documents; a value out of range counts as the limit."""
    try:
        seconds = float(answer.headers.get("Retry-After", "1"))
    except ValueError:
        seconds = 60.0
    if not math.isfinite(seconds):
        seconds = 60.0
    return min(max(timedelta(seconds=min(seconds, 86_400)), BETWEEN_MESSAGES), LONGEST_WAIT)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _digest(webhook: str) -> str:
    return hashlib.sha256(webhook.encode()).hexdigest()
