"""Tables whose key has several columns, as Django's admin can list them: it knows no such keys.

What stands here as the primary key is none, so nothing but lists may be made of these models.
"""

from __future__ import annotations

from datetime import date as date_type
from typing import ClassVar

from django.contrib import admin
from django.db import models
from django.utils.translation import gettext_lazy as _

from analytics.marts.zone import date_of
from analytics.models.mart import UserStat


class DailyMetricRow(models.Model):
    """A row of ``DailyMetric``."""

    dataset = models.ForeignKey("analytics.Dataset", on_delete=models.DO_NOTHING, verbose_name=_("dataset"))
    day = models.IntegerField(_("day"), primary_key=True)
    visitors = models.IntegerField(_("visitors"))
    sessions = models.IntegerField(_("sessions"))
    buyers = models.IntegerField(_("buyers"))
    orders = models.IntegerField(_("orders"))
    revenue_minor = models.BigIntegerField(_("revenue in hundredths"))
    refunded_minor = models.BigIntegerField(_("refunded in hundredths"))

    class Meta:
        managed = False
        db_table = "analytics_dailymetric"
        verbose_name = _("daily metrics")
        verbose_name_plural = _("daily metrics")
        ordering: ClassVar = ["dataset", "-day"]

    def __str__(self) -> str:
        return f"{self.date}"

    @property
    @admin.display(description=_("day"), ordering="day")
    def date(self) -> date_type:
        """The day in the dataset's zone."""
        return date_of(self.day)


class UserStatRow(models.Model):
    """A row of ``UserStat``."""

    dataset = models.ForeignKey("analytics.Dataset", on_delete=models.DO_NOTHING, verbose_name=_("dataset"))
    visitor = models.BigIntegerField(_("number"), primary_key=True)
    unit_id = models.CharField(_("unit"), max_length=100)
    first_seen = models.DateField(_("first seen"))
    last_seen = models.DateField(_("last seen"))
    orders = models.BigIntegerField(_("orders"))
    spend = models.DecimalField(_("spend"), max_digits=20, decimal_places=2)
    last_order = models.DateField(_("last order"), null=True)
    segment = models.CharField(_("segment"), max_length=10, choices=UserStat.Segment)

    class Meta:
        managed = False
        db_table = "analytics_userstat"
        verbose_name = _("user statistic")
        verbose_name_plural = _("user statistics")
        ordering: ClassVar = ["-spend", "unit_id"]

    def __str__(self) -> str:
        return self.unit_id
