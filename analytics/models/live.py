"""What the reader of new events and exposures keeps; see ``analytics.live``. Only the reader writes these tables.

Transactions are numbers of Postgres' own (xid8), which grow without end.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class LiveCheckpoint(models.Model):
    """How far the reader is. Grain: one row; whoever holds its lock reads on."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    read_to = models.BigIntegerField(_("read to"), help_text=_("Rows of all earlier transactions were read."))
    complete_at = models.DateTimeField(
        _("complete at"), help_text=_("All that was committed before this moment was read.")
    )
    watermark = models.DateTimeField(_("watermark"), help_text=_("Windows that end before this moment are closed."))
    events = models.BigIntegerField(_("events"), default=0, help_text=_("Read since the reader first started."))
    zone = models.CharField(_("zone"), max_length=60, help_text=_("Reporting zone by whose days the moments are cut."))

    class Meta:
        verbose_name = _("reader's checkpoint")
        verbose_name_plural = _("reader's checkpoint")
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="live_checkpoint_single")]

    def __str__(self) -> str:
        return f"{self.complete_at:%Y-%m-%d %H:%M:%S}"
