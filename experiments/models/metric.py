"""Metrics: defined once, computed per unit from events, compared between variants."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Metric(models.Model):
    """What is measured per unit.

    Each side (numerator, denominator) reduces a unit's events of one name, after its first exposure, to a number:
    ``exists`` (0 or 1), ``count``, or ``sum`` of the event's amount. A proportion is an ``exists`` numerator, a mean a
    ``count`` or ``sum`` numerator, both per exposed unit; a ratio divides total numerator by total denominator.
    """

    class Type(models.TextChoices):
        """How variants are compared."""

        PROPORTION = "proportion", _("Proportion")
        MEAN = "mean", _("Mean")
        RATIO = "ratio", _("Ratio")

    class Aggregation(models.TextChoices):
        """How a unit's events become one number."""

        EXISTS = "exists", _("At least one")
        COUNT = "count", _("Count")
        SUM = "sum", _("Sum of amounts")

    class Unit(models.TextChoices):
        """How values are written."""

        PERCENT = "percent", _("Per cent")
        WON = "won", _("Korean won")
        NUMBER = "number", _("Number")

    class Direction(models.TextChoices):
        """Which way is better."""

        INCREASE = "increase", _("Higher is better")
        DECREASE = "decrease", _("Lower is better")

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    description = models.TextField(_("description"), blank=True)
    type = models.CharField(_("type"), max_length=12, choices=Type)
    numerator_event = models.CharField(_("numerator event"), max_length=40)
    numerator_aggregation = models.CharField(_("numerator aggregation"), max_length=8, choices=Aggregation)
    denominator_event = models.CharField(_("denominator event"), max_length=40, blank=True)
    denominator_aggregation = models.CharField(
        _("denominator aggregation"), max_length=8, choices=Aggregation, blank=True
    )
    direction = models.CharField(_("direction"), max_length=10, choices=Direction, default=Direction.INCREASE)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit)
    team = models.ForeignKey("portal.Team", on_delete=models.PROTECT, verbose_name=_("team"), related_name="metrics")
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("metric")
        verbose_name_plural = _("metrics")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(
                    Q(type="ratio") & ~Q(denominator_event="") & ~Q(denominator_aggregation="")
                    | ~Q(type="ratio") & Q(denominator_event="", denominator_aggregation="")
                ),
                name="metric_denominator_of_ratio_only",
            ),
            models.CheckConstraint(
                condition=~Q(type="proportion") | Q(numerator_aggregation="exists"),
                name="metric_proportion_counts_units",
            ),
            models.CheckConstraint(
                condition=~Q(type="mean") | ~Q(numerator_aggregation="exists"), name="metric_mean_counts_or_sums"
            ),
        ]

    def __str__(self) -> str:
        return self.name
