"""Datasets: logs that were imported, the files they came from, and the lines that were refused."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

RECEIVED_ID = 1


class Dataset(models.Model):
    """A body of events that marts are built from by itself. Grain: one row a dataset; key: key.

    The first one is always there: what this installation receives itself.
    """

    class Form(models.TextChoices):
        """In which form the events came; it decides which raw tables hold them."""

        RECEIVED = "received", _("Received events")
        RETAILROCKET = "retailrocket", "RetailRocket"
        CDNOW = "cdnow", "CDNOW"
        OPEN_BANDIT = "open_bandit", "Open Bandit"

    id = models.SmallAutoField(primary_key=True)
    key = models.SlugField(_("key"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=80)
    form = models.CharField(_("form"), max_length=20, choices=Form)
    currency = models.CharField(_("currency"), max_length=3, blank=True, help_text=_("ISO 4217; empty where unknown."))
    zone = models.CharField(
        _("time zone"), max_length=64, blank=True, help_text=_("Where its days begin; empty is the reporting zone.")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("dataset")
        verbose_name_plural = _("datasets")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(form__in=["received", "retailrocket", "cdnow", "open_bandit"]), name="dataset_form_known"
            ),
        ]

    def __str__(self) -> str:
        return str(self.get_form_display()) if self.form == self.Form.RECEIVED else self.name


class ImportFile(models.Model):
    """How far a file has been read: the checkpoint of its import. Grain: one row a file; key: (dataset, name).

    It changes in the transaction that brings the rows of a block, so that what it says is what is there.
    """

    class Status(models.TextChoices):
        """How the import of the file stands."""

        WAITING = "waiting", _("Waiting")
        RUNNING = "running", _("Running")
        STOPPED = "stopped", _("Stopped")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="files", verbose_name=_("dataset"))
    name = models.CharField(_("name"), max_length=255)
    bytes = models.BigIntegerField(_("bytes"), help_text=_("The size of the file as it is stored."))
    fingerprint = models.CharField(_("fingerprint"), max_length=64, help_text=_("By it a changed file is noticed."))
    position = models.BigIntegerField(_("position"), default=0, help_text=_("Bytes of the unpacked file committed."))
    bytes_read = models.BigIntegerField(_("bytes read"), default=0, help_text=_("Of the file as it is stored."))
    lines = models.BigIntegerField(_("lines"), default=0, help_text=_("Lines committed or refused, and the heading."))
    rejected = models.BigIntegerField(_("rejected lines"), default=0)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.WAITING)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    problem = models.TextField(_("problem"), blank=True)

    class Meta:
        verbose_name = _("imported file")
        verbose_name_plural = _("imported files")
        ordering: ClassVar = ["dataset", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["dataset", "name"], name="import_file_once"),
            models.CheckConstraint(
                condition=Q(status__in=["waiting", "running", "stopped", "done", "failed"]),
                name="import_file_status_known",
            ),
            models.CheckConstraint(
                condition=Q(position__gte=0, rejected__gte=0, rejected__lte=F("lines")), name="import_file_counts"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RejectedLine(models.Model):
    """A line that could not be taken. Grain: one row a line; key: (file, line)."""

    TEXT_LENGTH = 500

    class Reason(models.TextChoices):
        """Why the line was refused."""

        COLUMNS = "columns", _("Another number of columns")
        ENCODING = "encoding", _("Not UTF-8")
        NUMBER = "number", _("A number that is none, or out of range")
        EVENT = "event", _("An unknown event")
        TIME = "time", _("An impossible time")
        VALUE = "value", _("An unknown value")
        LENGTH = "length", _("Too long")

    id = models.BigAutoField(primary_key=True)
    dataset = models.ForeignKey(
        Dataset, on_delete=models.CASCADE, related_name="rejected_lines", verbose_name=_("dataset")
    )
    file = models.ForeignKey(
        ImportFile, on_delete=models.CASCADE, related_name="rejected_lines", verbose_name=_("file")
    )
    line = models.BigIntegerField(_("line"), help_text=_("From 1, the heading included."))
    text = models.CharField(_("text"), max_length=TEXT_LENGTH, blank=True, help_text=_("The beginning of the line."))
    reason = models.CharField(_("reason"), max_length=12, choices=Reason)

    class Meta:
        verbose_name = _("rejected line")
        verbose_name_plural = _("rejected lines")
        ordering: ClassVar = ["file", "line"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["file", "line"], name="rejected_line_once"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}:{self.line}"
