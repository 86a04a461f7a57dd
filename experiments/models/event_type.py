"""The event catalogue: what products may send, in versions that are never changed."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class EventType(models.Model):
    """A kind of event that products send; what it carries stands in its versions, the highest of which counts."""

    name = models.CharField(_("name"), max_length=40, unique=True)
    description = models.TextField(_("description"), blank=True)
    team = models.ForeignKey(
        "portal.Team", on_delete=models.PROTECT, verbose_name=_("team"), related_name="event_types"
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="event_types",
        verbose_name=_("owner"),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("event type")
        verbose_name_plural = _("event types")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(name__regex=r"^[a-z][a-z0-9_]*$"), name="event_type_name_is_plain"),
            models.CheckConstraint(condition=~Q(name="exposure"), name="event_type_is_no_exposure"),
        ]

    def __str__(self) -> str:
        return self.name


class EventTypeVersion(models.Model):
    """What an event carries from now on; rows are only ever added."""

    event_type = models.ForeignKey(
        EventType, on_delete=models.PROTECT, related_name="versions", verbose_name=_("event type")
    )
    number = models.PositiveIntegerField(_("number"))
    carries_amount = models.BooleanField(_("carries an amount"), default=False)
    properties = models.JSONField(
        _("properties"), default=list, help_text=_("Each with name, type, required and description.")
    )
    breaks = models.BooleanField(
        _("breaking change"), default=False, help_text=_("Refuses events that the version before took.")
    )
    note = models.TextField(_("note"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("event type version")
        verbose_name_plural = _("event type versions")
        ordering: ClassVar = ["event_type", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["event_type", "number"], name="event_type_version_number_once"),
            models.CheckConstraint(condition=Q(breaks=False) | ~Q(note=""), name="event_type_break_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} · {self.number}"
