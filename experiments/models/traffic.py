"""Who may take part in what: layers of mutually exclusive experiments, and the global holdout."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Layer(models.Model):
    """Experiments of one layer share its units: each has a slot of the layer, and no unit is in two slots."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    description = models.TextField(_("description"), blank=True)
    team = models.ForeignKey("portal.Team", on_delete=models.PROTECT, related_name="layers", verbose_name=_("team"))
    seed = models.CharField(_("seed"), max_length=60, unique=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("layer")
        verbose_name_plural = _("layers")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Holdout(models.Model):
    """The one global holdout: a share of all units that takes part in no experiment that leaves it out."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seed = models.CharField(_("seed"), max_length=60)
    share = models.FloatField(_("share"), default=0.0, help_text=_("Share of all units, from 0 to 0.5."))
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        verbose_name = _("global holdout")
        verbose_name_plural = _("global holdout")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="holdout_single"),
            models.CheckConstraint(condition=Q(share__gte=0, share__lte=0.5), name="holdout_share_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.share:.2%}"
