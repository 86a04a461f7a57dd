"""Builds of the marts and their stages, and which days are built or have to be built again."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class MartRun(models.Model):
    """One build of a dataset's marts: of a range of days, or of all of them."""

    class Status(models.TextChoices):
        """How the build stands."""

        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        HELD = "held", _("Held")
        FAILED = "failed", _("Failed")

    class Engine(models.TextChoices):
        """Where the statements run."""

        POSTGRES = "postgres", "Postgres"
        DUCKDB = "duckdb", "DuckDB"
        SPARK = "spark", "Spark"

    dataset = models.ForeignKey(
        "analytics.Dataset", on_delete=models.CASCADE, related_name="mart_runs", verbose_name=_("dataset"), default=1
    )
    first_date = models.DateField(_("first day"), null=True, blank=True, help_text=_("Empty for a full build."))
    last_date = models.DateField(_("last day"), null=True, blank=True)
    engine = models.CharField(_("engine"), max_length=8, choices=Engine, default=Engine.POSTGRES)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested at"), auto_now_add=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    problem = models.TextField(_("problem"), blank=True)
    affected_weeks = models.JSONField(
        _("affected weeks"), default=list, help_text=_("Mondays, as day numbers, whose cohort cells change besides.")
    )
    held_days = models.JSONField(
        _("held days"),
        default=list,
        help_text=_("As day numbers: a gate kept the build from these only."),
    )

    class Meta:
        verbose_name = _("mart run")
        verbose_name_plural = _("mart runs")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "done", "held", "failed"]), name="mart_run_status_known"
            ),
            models.CheckConstraint(
                condition=Q(engine__in=["postgres", "duckdb", "spark"]), name="mart_run_engine_known"
            ),
            models.CheckConstraint(
                condition=Q(first_date__isnull=True, last_date__isnull=True) | Q(first_date__lte=models.F("last_date")),
                name="mart_run_days_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.first_date or 'full'} {self.status}"

    @property
    def target_date(self) -> date | None:
        """The day, where only one is built."""
        return self.first_date if self.first_date == self.last_date else None

    @property
    def seconds(self) -> float | None:
        """What the build took, once it is finished."""
        return (self.finished_at - self.started_at).total_seconds() if self.started_at and self.finished_at else None

    @property
    def rows(self) -> int:
        """Rows written to tables."""
        return sum(stage.rows for stage in self.stages.all())


class MartStage(models.Model):
    """One stage of a build: what it wrote is committed with it. Grain: one row a run and stage."""

    class Status(models.TextChoices):
        """How the stage stands."""

        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        HELD = "held", _("Held")
        FAILED = "failed", _("Failed")

    run = models.ForeignKey(MartRun, on_delete=models.CASCADE, related_name="stages", verbose_name=_("run"))
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("stage"), max_length=40)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    rows = models.BigIntegerField(_("rows written"), default=0)
    seconds = models.FloatField(_("seconds"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    steps = models.JSONField(_("steps"), default=list, help_text=_("Name, rows and seconds of each table."))
    problem = models.TextField(_("problem"), blank=True)

    class Meta:
        verbose_name = _("mart stage")
        verbose_name_plural = _("mart stages")
        ordering: ClassVar = ["run", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "name"], name="mart_stage_once"),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "running", "done", "held", "failed"]), name="mart_stage_status_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.name} {self.status}"


class BuiltDay(models.Model):
    """The state of received events when a day's facts were built last. Grain: one row a dataset and day."""

    dataset_id = models.SmallIntegerField(_("dataset"))
    day = models.IntegerField(_("day"))
    built_at = models.DateTimeField(_("built at"))
    events = models.BigIntegerField(_("events"), help_text=_("Events stored for the day, copies left out."))
    pk = models.CompositePrimaryKey("dataset_id", "day")

    class Meta:
        verbose_name = _("built day")
        verbose_name_plural = _("built days")
        ordering: ClassVar = ["dataset_id", "-day"]

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.day}"


class DirtyDay(models.Model):
    """A built day that events or exposures came for afterwards; gone when it is built again.

    Grain: one row a dataset and day.
    """

    dataset_id = models.SmallIntegerField(_("dataset"))
    day = models.IntegerField(_("day"))
    noted_at = models.DateTimeField(_("noted at"))
    events = models.BigIntegerField(_("late events"))
    exposures = models.BigIntegerField(_("late exposures"), default=0, db_default=0)
    pk = models.CompositePrimaryKey("dataset_id", "day")

    class Meta:
        verbose_name = _("dirty day")
        verbose_name_plural = _("dirty days")
        ordering: ClassVar = ["dataset_id", "day"]

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.day}"
