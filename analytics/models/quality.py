"""What the quality gates found: runs of checks, their results, the days that fail, and failures that were accepted."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class GateRun(models.Model):
    """Checks of a dataset's days, run together: those of a build's stage, or those that somebody asked for."""

    class Status(models.TextChoices):
        """How the run stands."""

        QUEUED = "queued", _("Queued")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    dataset = models.ForeignKey(
        "analytics.Dataset", on_delete=models.CASCADE, related_name="gate_runs", verbose_name=_("dataset")
    )
    stage = models.CharField(_("stage"), max_length=20, blank=True, help_text=_("Empty where one check was asked for."))
    check_name = models.CharField(_("check"), max_length=60, blank=True, help_text=_("Empty for all of the stage."))
    first_day = models.IntegerField(_("first day"))
    last_day = models.IntegerField(_("last day"))
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.QUEUED)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested at"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    problem = models.TextField(_("problem"), blank=True)

    class Meta:
        verbose_name = _("gate run")
        verbose_name_plural = _("gate runs")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "running", "done", "failed"]), name="gate_run_status_known"
            ),
            models.CheckConstraint(condition=~Q(stage="", check_name=""), name="gate_run_has_checks"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset_id} {self.stage or self.check_name} {self.status}"


class CheckResult(models.Model):
    """What one check found. Grain: one row a run and check."""

    MOST_SAMPLES = 50

    run = models.ForeignKey(GateRun, on_delete=models.CASCADE, related_name="results", verbose_name=_("run"))
    dataset_id = models.SmallIntegerField(_("dataset"))
    check_name = models.CharField(_("check"), max_length=60)
    severity = models.CharField(_("severity"), max_length=5)
    first_day = models.IntegerField(_("first day"))
    last_day = models.IntegerField(_("last day"))
    rows = models.BigIntegerField(_("offending rows"))
    days = models.JSONField(_("failing days"), default=dict, help_text=_("Offending rows by day."))
    samples = models.JSONField(_("samples"), default=list, encoder=DjangoJSONEncoder)
    seconds = models.FloatField(_("seconds"))
    at = models.DateTimeField(_("at"), auto_now_add=True)

    class Meta:
        verbose_name = _("check result")
        verbose_name_plural = _("check results")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "check_name"], name="check_result_once"),
            models.CheckConstraint(condition=Q(rows__gte=0), name="check_result_rows"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["dataset_id", "check_name", "-id"], name="check_result_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.check_name} {self.rows}"


class CheckFailure(models.Model):
    """What fails now: gone when the day passes. Grain: one row a dataset, check, day, event and experiment's run."""

    dataset_id = models.SmallIntegerField(_("dataset"))
    check_name = models.CharField(_("check"), max_length=60)
    day = models.IntegerField(_("day"), null=True, help_text=_("Empty where it is the whole dataset."))
    event = models.CharField(_("event"), max_length=60, blank=True, help_text=_("Empty for every event."))
    run_id = models.BigIntegerField(_("run"), null=True, help_text=_("Empty for every experiment."))
    severity = models.CharField(_("severity"), max_length=5)
    rows = models.BigIntegerField(_("offending rows"))
    is_accepted = models.BooleanField(_("accepted"), default=False)
    result = models.ForeignKey(CheckResult, on_delete=models.CASCADE, related_name="failures", verbose_name=_("result"))

    class Meta:
        verbose_name = _("failing check")
        verbose_name_plural = _("failing checks")
        ordering: ClassVar = ["dataset_id", "-day", "check_name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dataset_id", "check_name", "day", "event", "run_id"],
                name="check_failure_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.check_name} {self.day} {self.rows}"


class AcceptedFailure(models.Model):
    """A failure that an admin accepted with a reason: with so many rows it stops nothing; with more it does again.

    Grain: one row a dataset, check and day.
    """

    dataset_id = models.SmallIntegerField(_("dataset"))
    check_name = models.CharField(_("check"), max_length=60)
    day = models.IntegerField(_("day"), null=True)
    rows = models.BigIntegerField(_("accepted rows"))
    reason = models.TextField(_("reason"))
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, verbose_name=_("accepted by"))
    accepted_at = models.DateTimeField(_("accepted at"), auto_now=True)

    class Meta:
        verbose_name = _("accepted failure")
        verbose_name_plural = _("accepted failures")
        ordering: ClassVar = ["-accepted_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["dataset_id", "check_name", "day"], name="accepted_failure_once", nulls_distinct=False
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="accepted_failure_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.check_name} {self.day}"
