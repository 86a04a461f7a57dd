"""What a run produces: exposures, events, and events that were refused.

Exposures and events have a further column ``tx``, the transaction that stored the row. Postgres fills it in, and only
SQL reads it (``analytics.live``), since Django has no type for it.
"""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Exposure(models.Model):
    """A unit saw the experiment's feature for the first time in a variant.

    A unit in two variants has two rows, which the results name as a fault; it never vanishes.
    """

    pk = models.CompositePrimaryKey("run_id", "unit_id", "variant_id")
    run = models.ForeignKey("experiments.Run", on_delete=models.PROTECT, related_name="exposures")
    unit_id = models.CharField(_("unit"), max_length=64)
    variant = models.ForeignKey("experiments.Variant", on_delete=models.PROTECT, related_name="exposures")
    exposed_at = models.DateTimeField(_("first exposed at"))
    received_at = models.DateTimeField(_("received at"), auto_now_add=True)

    class Meta:
        verbose_name = _("exposure")
        verbose_name_plural = _("exposures")

    def __str__(self) -> str:
        return f"{self.run_id} {self.unit_id} {self.variant_id}"


class Event(models.Model):
    """Something a unit did; range-partitioned by the day (UTC) of ``occurred_at``."""

    pk = models.CompositePrimaryKey("event_id", "occurred_at")
    event_id = models.UUIDField(_("event id"))
    occurred_at = models.DateTimeField(_("occurred at"))
    received_at = models.DateTimeField(_("received at"), auto_now_add=True)
    name = models.CharField(_("name"), max_length=40)
    unit_id = models.CharField(_("unit"), max_length=64)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, null=True)
    properties = models.JSONField(_("properties"), default=dict)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")

    def __str__(self) -> str:
        return f"{self.name} {self.unit_id} {self.occurred_at:%Y-%m-%d %H:%M:%S}"


class ReceivedEventId(models.Model):
    """The id of an event that a program sent, so that none is stored twice; see ``experiments.events.store``.

    The events' own key holds the time by which their table is partitioned, so it can tell only where the time follows
    from the id. The ids of all other events stand here.
    """

    event_id = models.UUIDField(_("event id"), primary_key=True)
    received_at = models.DateTimeField(_("received at"), db_default=Now())

    class Meta:
        verbose_name = _("received event id")
        verbose_name_plural = _("received event ids")

    def __str__(self) -> str:
        return str(self.event_id)


class RejectedEvent(models.Model):
    """A malformed event with the reason; it can be mended and replayed."""

    id = models.UUIDField(primary_key=True, db_default=RandomUUID())
    received_at = models.DateTimeField(_("received at"), auto_now_add=True, db_index=True)
    payload = models.JSONField(_("payload"))
    reason = models.CharField(_("reason"), max_length=60)
    detail = models.TextField(_("detail"))
    replayed_at = models.DateTimeField(_("replayed at"), null=True, blank=True)
    digest = models.UUIDField(
        _("digest"),
        null=True,
        editable=False,
        unique=True,
        help_text=_("Of the payload, so that a retry keeps it once."),
    )

    class Meta:
        verbose_name = _("rejected event")
        verbose_name_plural = _("rejected events")
        ordering: ClassVar = ["-received_at"]
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(reason=""), name="rejected_event_has_reason")]
        indexes: ClassVar = [models.Index(fields=["reason", "-received_at"], name="rejected_event_by_reason")]

    def __str__(self) -> str:
        return f"{self.reason} {self.received_at:%Y-%m-%d %H:%M:%S}"
