"""What the reader of new events and exposures keeps; see ``analytics.live``. Only the reader writes these tables.

Transactions are numbers of Postgres' own (xid8), which grow without end.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from analytics.models.exact import ExactField


class LiveCheckpoint(models.Model):
    """How far the reader is. Grain: one row; whoever holds its lock reads on."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    visible = models.TextField(
        _("visible transactions"), help_text=_("Postgres' snapshot (pg_snapshot): what is visible in it was read.")
    )
    step = models.BigIntegerField(_("step"), help_text=_("Grows by one with each step."))
    complete_at = models.DateTimeField(
        _("complete at"), help_text=_("All that was committed before this moment was read.")
    )
    watermark = models.DateTimeField(_("watermark"), help_text=_("Windows that end by this moment are closed."))
    windows_from = models.DateTimeField(_("windows from"), help_text=_("Earlier windows are not kept."))
    events = models.BigIntegerField(_("events"), default=0, help_text=_("Read since the reader first started."))
    zone = models.CharField(_("zone"), max_length=60, help_text=_("Reporting zone by whose days the moments are cut."))

    class Meta:
        verbose_name = _("reader's checkpoint")
        verbose_name_plural = _("reader's checkpoint")
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="live_checkpoint_single")]

    def __str__(self) -> str:
        return f"{self.complete_at:%Y-%m-%d %H:%M:%S}"


class LiveRun(models.Model):
    """A running or paused run that is followed. Grain: one row a run; key: run_id.

    ``changes`` grows with each step that changed any of the run's numbers: it is the step.
    """

    run_id = models.BigIntegerField(_("run"), primary_key=True)
    phases = models.PositiveIntegerField(_("phases"), help_text=_("So many phases are in the numbers."))
    grain = models.CharField(
        _("grain"), max_length=6, default="second", help_text=_("Length of the buckets of first exposures.")
    )
    exposures = models.BigIntegerField(_("exposures"), default=0, help_text=_("One a unit and variant."))
    multiple = models.BigIntegerField(_("units in several variants"), default=0)
    first_at = models.DateTimeField(_("first exposure"), null=True)
    last_at = models.DateTimeField(_("last exposure"), null=True)
    changes = models.BigIntegerField(_("changes"), default=0)

    class Meta:
        verbose_name = _("followed run")
        verbose_name_plural = _("followed runs")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(grain__in=["second", "minute", "hour", "day"]), name="live_run_grain")
        ]

    def __str__(self) -> str:
        return f"{self.run_id}"


class LiveUnit(models.Model):
    """A unit of a followed run; without a variant where it saw several. Grain: one row a unit and run."""

    pk = models.CompositePrimaryKey("unit_id", "run_id")
    unit_id = models.CharField(_("unit"), max_length=64)
    run_id = models.BigIntegerField(_("run"))
    variant_id = models.BigIntegerField(_("variant"), null=True)
    region = models.PositiveSmallIntegerField(_("region"), help_text=_("See analytics.results.phases."))
    exposed_at = models.DateTimeField(_("first exposed at"))
    as_of = models.BigIntegerField(_("as of"), help_text=_("End of the step that saw its exposures change last."))

    class Meta:
        verbose_name = _("followed unit")
        verbose_name_plural = _("followed units")
        indexes: ClassVar = [models.Index(fields=["run_id", "exposed_at"], name="live_unit_by_run")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.unit_id}"


class LiveArm(models.Model):
    """Units by where they belong. Grain: one row a run, variant, region and bucket of first exposure."""

    pk = models.CompositePrimaryKey("run_id", "variant_id", "region", "bucket")
    run_id = models.BigIntegerField(_("run"))
    variant_id = models.BigIntegerField(_("variant"))
    region = models.PositiveSmallIntegerField(_("region"))
    bucket = models.DateTimeField(_("bucket"))
    units = models.BigIntegerField(_("units"))

    class Meta:
        verbose_name = _("followed units by place")
        verbose_name_plural = _("followed units by place")

    def __str__(self) -> str:
        return f"{self.run_id} {self.variant_id} {self.bucket:%Y-%m-%d %H:%M:%S}"


class LiveWindow(models.Model):
    """What happened in a minute, by when it happened. Grain: one row a run, variant, feature and minute.

    Run and variant are 0 for everybody, the feature is empty for all of them. Of a run count its units' events from
    their first exposure on, outside pauses. ``late`` events came after the window was closed.
    """

    pk = models.CompositePrimaryKey("starts_at", "run_id", "variant_id", "feature")
    starts_at = models.DateTimeField(_("starts at"))
    run_id = models.BigIntegerField(_("run"))
    variant_id = models.BigIntegerField(_("variant"))
    feature = models.CharField(_("feature"), max_length=60)
    impressions = models.BigIntegerField(_("impressions"))
    clicks = models.BigIntegerField(_("clicks"))
    orders = models.BigIntegerField(_("orders"))
    revenue = models.DecimalField(_("revenue"), max_digits=20, decimal_places=2)
    late = models.BigIntegerField(_("late events"))

    class Meta:
        verbose_name = _("window")
        verbose_name_plural = _("windows")

    def __str__(self) -> str:
        return f"{self.starts_at:%Y-%m-%d %H:%M} {self.run_id} {self.variant_id} {self.feature}"


class LiveTotal(models.Model):
    """What a unit did that counts. Grain: one row a run, unit and source of events; see ``analytics.results.sides``."""

    pk = models.CompositePrimaryKey("run_id", "unit_id", "source")
    run_id = models.BigIntegerField(_("run"))
    unit_id = models.CharField(_("unit"), max_length=64)
    source = models.PositiveSmallIntegerField(_("source"))
    events = models.BigIntegerField(_("events"))
    amount = ExactField(_("amount"))
    delay = models.DurationField(_("delay"), null=True, help_text=_("From the first exposure to the first event."))

    class Meta:
        verbose_name = _("followed total")
        verbose_name_plural = _("followed totals")

    def __str__(self) -> str:
        return f"{self.run_id} {self.unit_id} {self.source}"


class LiveSum(models.Model):
    """Sums over units. Grain: one row a run, metric, variant, region and bucket of first exposure.

    ``x`` and ``y`` are a metric's numerator and denominator, ``u`` and ``v`` the same before the exposure.
    """

    pk = models.CompositePrimaryKey("run_id", "metric", "variant_id", "region", "bucket")
    run_id = models.BigIntegerField(_("run"))
    metric = models.PositiveSmallIntegerField(_("metric"), help_text=_("Its place among the design's metrics, from 1."))
    variant_id = models.BigIntegerField(_("variant"))
    region = models.PositiveSmallIntegerField(_("region"))
    bucket = models.DateTimeField(_("bucket"))
    x = ExactField("x")
    y = ExactField("y")
    xx = ExactField("xx")
    yy = ExactField("yy")
    xy = ExactField("xy")
    u = ExactField("u")
    v = ExactField("v")
    uu = ExactField("uu")
    vv = ExactField("vv")
    uv = ExactField("uv")
    xu = ExactField("xu")
    xv = ExactField("xv")
    yu = ExactField("yu")
    yv = ExactField("yv")

    class Meta:
        verbose_name = _("followed sums")
        verbose_name_plural = _("followed sums")

    def __str__(self) -> str:
        return f"{self.run_id} {self.metric} {self.variant_id} {self.bucket:%Y-%m-%d %H:%M:%S}"
