"""What has to leave the portal: one row for each e-mail and each message to a Slack channel."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from novarium.portal.models.notification import Kind


class Delivery(models.Model):
    """One message on its way out; ``novarium.portal.delivery`` claims it, sends it and says how it went.

    A pending row is free to be claimed from ``due_at`` on. A claim puts that time ahead, so what a dead worker claimed
    becomes free by itself.
    """

    class Channel(models.TextChoices):
        """By which way."""

        EMAIL = "email", _("E-mail")
        SLACK = "slack", _("Slack")

    class Status(models.TextChoices):
        """How far it is."""

        PENDING = "pending", _("Pending")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, verbose_name=_("user")
    )
    team = models.ForeignKey("portal.Team", null=True, blank=True, on_delete=models.CASCADE, verbose_name=_("team"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    text = models.CharField(_("text"), max_length=300)
    url = models.CharField(_("address"), max_length=300, blank=True)
    key = models.CharField(_("key"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created at"))
    due_at = models.DateTimeField(_("due at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering: ClassVar = ["-created_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["channel", "user", "team", "key"],
                condition=~Q(key=""),
                nulls_distinct=False,
                name="delivery_key_once",
            ),
            models.CheckConstraint(
                condition=Q(channel="email", user__isnull=False, team__isnull=True)
                | Q(channel="slack", user__isnull=True, team__isnull=False),
                name="delivery_goes_to_one",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "failed"], sent_at__isnull=True)
                | Q(status="sent", sent_at__isnull=False),
                name="delivery_sent_has_time",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["due_at"], condition=Q(status="pending"), name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.channel} · {self.text}"


class SlackPace(models.Model):
    """From when on a webhook may be called again; ``webhook`` is a digest, since the address is a secret."""

    webhook = models.CharField(_("webhook"), max_length=64, primary_key=True)
    free_at = models.DateTimeField(_("free at"))

    class Meta:
        verbose_name = _("Slack pace")
        verbose_name_plural = _("Slack paces")

    def __str__(self) -> str:
        return self.webhook[:8]
