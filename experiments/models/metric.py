"""Metrics: defined once, computed per unit from events, compared between variants."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Metric(models.Model):
    """What is measured per unit.

    Each side (numerator, denominator) reduces a unit's events of one name that fit its filters, from the first
    exposure on, to a number: 0 or 1 (``exists``: at least one event, ``once``: exactly one, ``repeat``: at least
    two), their ``count``, the ``sum`` of their amount or of another number, or the ``hours`` from the first exposure
    to the first of them. What the types make of it:

    - proportion: share of the exposed units whose numerator is 1;
    - mean: the numerator per exposed unit;
    - ratio: total numerator over total denominator;
    - quantile: of the numerators of all exposed units; of hours, among the units that have the event;
    - retention: share of the units with an event from day a to day b after their exposure, among the units for which
      day b is over;
    - funnel: share of the units that reached the numerator among those that reached the denominator.
    """

    class Type(models.TextChoices):
        """How variants are compared."""

        PROPORTION = "proportion", _("Proportion")
        MEAN = "mean", _("Mean")
        RATIO = "ratio", _("Ratio")
        QUANTILE = "quantile", _("Quantile")
        RETENTION = "retention", _("Retention")
        FUNNEL = "funnel", _("Funnel step")

    class Aggregation(models.TextChoices):
        """How a unit's events become one number."""

        EXISTS = "exists", _("At least one")
        ONCE = "once", _("Exactly one")
        REPEAT = "repeat", _("At least two")
        COUNT = "count", _("Count")
        SUM = "sum", _("Sum of amounts")
        HOURS = "hours", _("Hours to the first")

    class Unit(models.TextChoices):
        """How values are written."""

        PERCENT = "percent", _("Per cent")
        WON = "won", _("Korean won")
        HOURS = "hours", _("Hours")
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
    numerator_property = models.CharField(
        _("numerator's number"), max_length=40, blank=True, help_text=_("Property that is summed; empty: the amount.")
    )
    numerator_filters = models.JSONField(
        _("numerator filters"), default=list, blank=True, help_text=_("Property, operator and value; all must hold.")
    )
    denominator_event = models.CharField(_("denominator event"), max_length=40, blank=True)
    denominator_aggregation = models.CharField(
        _("denominator aggregation"), max_length=8, choices=Aggregation, blank=True
    )
    denominator_property = models.CharField(_("denominator's number"), max_length=40, blank=True)
    denominator_filters = models.JSONField(_("denominator filters"), default=list, blank=True)
    window_hours = models.FloatField(
        _("window in hours"), null=True, blank=True, help_text=_("After the first exposure; empty: until the stop.")
    )
    cap_value = models.FloatField(_("cap"), null=True, blank=True, help_text=_("A unit counts as this at most."))
    cap_percentile = models.FloatField(
        _("cap at a percentile"),
        null=True,
        blank=True,
        help_text=_("Share in 0..1 of the units above zero, all variants together."),
    )
    lookback_days = models.PositiveSmallIntegerField(
        _("CUPED look-back in days"), default=0, help_text=_("Before the first exposure; 0 for none.")
    )
    quantile = models.FloatField(_("quantile"), null=True, blank=True, help_text=_("0.5 is the median."))
    from_day = models.PositiveSmallIntegerField(_("from day"), null=True, blank=True)
    to_day = models.PositiveSmallIntegerField(_("to day"), null=True, blank=True)
    direction = models.CharField(_("direction"), max_length=10, choices=Direction, default=Direction.INCREASE)
    unit = models.CharField(_("unit"), max_length=10, choices=Unit)
    team = models.ForeignKey("portal.Team", on_delete=models.PROTECT, verbose_name=_("team"), related_name="metrics")
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="metrics",
        verbose_name=_("owner"),
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("metric")
        verbose_name_plural = _("metrics")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(
                    Q(type__in=["ratio", "funnel"]) & ~Q(denominator_event="") & ~Q(denominator_aggregation="")
                    | ~Q(type__in=["ratio", "funnel"])
                    & Q(
                        denominator_event="",
                        denominator_aggregation="",
                        denominator_property="",
                        denominator_filters=[],
                    )
                ),
                name="metric_denominator_where_divided",
            ),
            models.CheckConstraint(
                condition=(
                    Q(type="proportion", numerator_aggregation__in=["exists", "once", "repeat"])
                    | Q(type="mean", numerator_aggregation__in=["count", "sum"])
                    | Q(type="ratio")
                    | Q(type="quantile", numerator_aggregation__in=["count", "sum", "hours"])
                    | Q(type="retention", numerator_aggregation="exists")
                    | Q(
                        type="funnel",
                        numerator_aggregation__in=["exists", "once", "repeat"],
                        denominator_aggregation__in=["exists", "once", "repeat"],
                    )
                ),
                name="metric_aggregation_fits_type",
            ),
            models.CheckConstraint(
                condition=Q(type="quantile", quantile__isnull=False, quantile__gt=0, quantile__lt=1)
                | ~Q(type="quantile") & Q(quantile__isnull=True),
                name="metric_quantile_has_probability",
            ),
            models.CheckConstraint(
                condition=Q(
                    type="retention",
                    from_day__isnull=False,
                    to_day__isnull=False,
                    from_day__gte=1,
                    to_day__gte=F("from_day"),
                    window_hours__isnull=True,
                )
                | ~Q(type="retention") & Q(from_day__isnull=True, to_day__isnull=True),
                name="metric_retention_has_days",
            ),
            models.CheckConstraint(
                condition=Q(window_hours__isnull=True) | Q(window_hours__gt=0), name="metric_window_above_zero"
            ),
            models.CheckConstraint(
                condition=Q(cap_value__isnull=True, cap_percentile__isnull=True)
                | Q(type__in=["mean", "ratio"], cap_value__gt=0, cap_percentile__isnull=True)
                | Q(type__in=["mean", "ratio"], cap_value__isnull=True, cap_percentile__gt=0, cap_percentile__lt=1),
                name="metric_cap_one_way",
            ),
            models.CheckConstraint(
                condition=Q(lookback_days=0)
                | Q(lookback_days__lte=90) & ~Q(type="quantile") & ~Q(numerator_aggregation="hours"),
                name="metric_lookback_where_it_helps",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MetricVersion(models.Model):
    """A metric's definition as it stood from a moment on; the highest number is the present one. Rows never change."""

    metric = models.ForeignKey(Metric, on_delete=models.CASCADE, related_name="versions", verbose_name=_("metric"))
    number = models.PositiveIntegerField(_("number"))
    definition = models.JSONField(_("definition"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("author")
    )
    note = models.TextField(_("note"), blank=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("metric version")
        verbose_name_plural = _("metric versions")
        ordering: ClassVar = ["metric", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["metric", "number"], name="metric_version_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} · {self.number}"
