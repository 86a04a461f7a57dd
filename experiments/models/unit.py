"""What is known of the units: the attributes that audiences are made of."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _


class Unit(models.Model):
    """A unit with the attributes last known of it; only its newest state is kept."""

    unit_id = models.CharField(_("unit"), max_length=64, primary_key=True)
    attributes = models.JSONField(_("attributes"), default=dict)
    first_seen_at = models.DateTimeField(_("first seen at"))
    updated_at = models.DateTimeField(_("updated at"))

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering: ClassVar = ["unit_id"]

    def __str__(self) -> str:
        return self.unit_id
