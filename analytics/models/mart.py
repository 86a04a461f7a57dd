"""The marts that pages read, and the log of the runs that built them. The SQL stands in ``analytics/sql``."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class DailyMetric(models.Model):
    """How the shop did on a day of the reporting zone. Grain: one row a day; key: date. Money in won.

    Shares are computed from the counts when shown, so that days add up to weeks.
    """

    date = models.DateField(_("date"), primary_key=True)
    visitors = models.PositiveIntegerField(_("visitors"), help_text=_("Units with any event on the day."))
    sessions = models.PositiveIntegerField(_("sessions"), help_text=_("Visits separated by 30 minutes of silence."))
    page_views = models.PositiveIntegerField(_("page views"))
    clickers = models.PositiveIntegerField(_("visitors who clicked"))
    buyers = models.PositiveIntegerField(_("visitors who ordered"))
    orders = models.PositiveIntegerField(_("orders"))
    revenue = models.DecimalField(_("revenue"), max_digits=14, decimal_places=0)
    refunded = models.DecimalField(_("refunded"), max_digits=14, decimal_places=0)
    bounces = models.PositiveIntegerField(_("bounces"), help_text=_("Sessions with one page view and nothing else."))
    ctr = models.FloatField(_("CTR"), null=True, help_text=_("Visitors who clicked, of all visitors."))
    cvr = models.FloatField(_("CVR"), null=True, help_text=_("Visitors who ordered, of all visitors."))
    click_cvr = models.FloatField(
        _("orders per clicker"), null=True, help_text=_("Visitors who clicked and ordered, of those who clicked.")
    )
    aov = models.FloatField(_("AOV"), null=True, help_text=_("Revenue divided by orders."))
    arpu = models.FloatField(_("ARPU"), null=True, help_text=_("Revenue divided by visitors."))
    session_depth = models.FloatField(_("session depth"), null=True, help_text=_("Page views per session."))
    bounce_rate = models.FloatField(_("bounce rate"), null=True, help_text=_("Bounces, of all sessions."))

    class Meta:
        verbose_name = _("daily metric")
        verbose_name_plural = _("daily metrics")
        ordering: ClassVar = ["-date"]

    def __str__(self) -> str:
        return f"{self.date}"


class VisitorDay(models.Model):
    """What a unit did on a day of the reporting zone. Grain: one row a unit and day; key: (day, unit_id)."""

    pk = models.CompositePrimaryKey("day", "unit_id")
    day = models.DateField(_("day"))
    unit_id = models.CharField(_("unit"), max_length=64)
    page_views = models.PositiveIntegerField(_("page views"))
    clicks = models.PositiveIntegerField(_("clicks"))
    orders = models.PositiveIntegerField(_("orders"))
    revenue = models.DecimalField(_("revenue"), max_digits=14, decimal_places=0)
    refunded = models.DecimalField(_("refunded"), max_digits=14, decimal_places=0)

    class Meta:
        verbose_name = _("visitor day")
        verbose_name_plural = _("visitor days")

    def __str__(self) -> str:
        return f"{self.day} {self.unit_id}"


class UserStat(models.Model):
    """What a unit ordered so far. Grain: one row a unit; key: unit_id. Money in won."""

    class Segment(models.TextChoices):
        """Behaviour at a glance; see ``analytics/sql/marts/user_stats.sql`` for the limits."""

        CHAMPION = "champion", _("Champion")
        LOYAL = "loyal", _("Loyal")
        NEW = "new", _("New buyer")
        AT_RISK = "at_risk", _("At risk")
        LOST = "lost", _("Lost")
        BROWSER = "browser", _("Browser")

    unit_id = models.CharField(_("unit"), max_length=64, primary_key=True)
    first_seen = models.DateField(_("first seen"))
    last_seen = models.DateField(_("last seen"))
    orders = models.PositiveIntegerField(_("orders"))
    spend = models.DecimalField(_("spend"), max_digits=14, decimal_places=0)
    last_order = models.DateField(_("last order"), null=True)
    recency_days = models.PositiveIntegerField(_("days since the last order"), null=True)
    active_days = models.PositiveIntegerField(_("active days"))
    segment = models.CharField(_("segment"), max_length=10, choices=Segment)
    as_of = models.DateField(_("as of"))

    class Meta:
        verbose_name = _("user statistic")
        verbose_name_plural = _("user statistics")
        ordering: ClassVar = ["-spend", "unit_id"]
        indexes: ClassVar = [models.Index(fields=["segment", "-spend", "unit_id"], name="user_stat_by_segment")]

    def __str__(self) -> str:
        return self.unit_id


class MartRun(models.Model):
    """One build of the marts. Grain: one row a build and day (or the full build)."""

    class Status(models.TextChoices):
        """How the build went."""

        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    target_date = models.DateField(_("day"), null=True, blank=True, help_text=_("Empty for a full build."))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    steps = models.JSONField(_("steps"), default=list, help_text=_("Name, rows and seconds of each step."))
    problem = models.TextField(_("problem"), blank=True)

    class Meta:
        verbose_name = _("mart run")
        verbose_name_plural = _("mart runs")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "done", "failed"]), name="mart_run_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.target_date or 'full'} {self.status}"

    @property
    def seconds(self) -> float | None:
        """What the build took, once it is finished."""
        return (self.finished_at - self.started_at).total_seconds() if self.started_at and self.finished_at else None

    @property
    def rows(self) -> int:
        """Rows written to marts."""
        return sum(step["rows"] for step in self.steps if step["table"])
