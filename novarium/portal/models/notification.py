"""Messages to one person in the portal, and which of them also go by e-mail."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What a message is about; people choose by kind what they get by e-mail."""

    MENTION = "mention", _("Someone mentions you")
    REVIEW = "review", _("A review is asked for or given")
    GUARDRAIL = "guardrail", _("A guardrail is harmed")
    DECISION = "decision", _("A decision is made")
    LAUNCH = "launch", _("An experiment starts")
    RAMP = "ramp", _("Its coverage is raised or held, or it is paused")
    STOP = "stop", _("An experiment stops")
    SCHEDULE = "schedule", _("A scheduled start or end")
    COMMENT = "comment", _("Someone comments")
    QUALITY = "quality", _("A data quality check fails or passes again")
    OTHER = "other", _("Anything else")


# What goes by e-mail until a person chooses: what waits for them, and what cannot wait.
MAILED_AT_FIRST = (Kind.MENTION, Kind.REVIEW, Kind.GUARDRAIL, Kind.DECISION, Kind.QUALITY)


class Notification(models.Model):
    """One message, unread until the person opens it; a key is told to a person once."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications", verbose_name=_("user")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.OTHER)
    text = models.CharField(_("text"), max_length=300)
    url = models.CharField(_("address"), max_length=300, blank=True)
    key = models.CharField(_("key"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], condition=~Q(key=""), name="notification_key_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["user", "read_at"], name="notification_unread")]

    def __str__(self) -> str:
        return self.text


class MailChoice(models.Model):
    """The kinds of message a person wants by e-mail; without a row it is ``MAILED_AT_FIRST``."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="mail_choice",
        verbose_name=_("user"),
    )
    kinds = ArrayField(models.CharField(max_length=20, choices=Kind), verbose_name=_("kinds"), default=list)

    class Meta:
        verbose_name = _("e-mail choice")
        verbose_name_plural = _("e-mail choices")

    def __str__(self) -> str:
        return ", ".join(self.kinds)
