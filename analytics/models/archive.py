"""The archive: every decided run for good, and what was learned from it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.utils.translation import gettext_lazy as _

from analytics.models.decision import Decision


class ArchiveEntry(models.Model):
    """A decided run: design, results and decision as they were. Grain: one row a run; rows never change.

    It refers to no experiment, so nothing that happens to one reaches it.
    """

    experiment_key = models.CharField(_("experiment"), max_length=60)
    run_number = models.PositiveIntegerField(_("run"))
    name = models.CharField(_("name"), max_length=120)
    team = models.ForeignKey(
        "portal.Team", on_delete=models.PROTECT, related_name="archive_entries", verbose_name=_("team")
    )
    feature = models.CharField(_("feature"), max_length=60)
    metric = models.CharField(_("OEC metric"), max_length=40)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Decision.Outcome)
    started_at = models.DateTimeField(_("started at"))
    stopped_at = models.DateTimeField(_("stopped at"))
    decided_at = models.DateTimeField(_("decided at"))
    decided_by = models.CharField(_("decided by"), max_length=150)
    design = models.JSONField(_("design"))
    result = models.JSONField(_("result"), null=True)
    decision = models.JSONField(_("decision"))
    document = models.TextField(_("searched text"))

    class Meta:
        verbose_name = _("archive entry")
        verbose_name_plural = _("archive")
        ordering: ClassVar = ["-decided_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["experiment_key", "run_number"], name="archive_run_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-decided_at", "-id"], name="archive_newest_first"),
            GinIndex(SearchVector("document", config="simple"), name="archive_full_text"),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.run_number}"


class LearningNote(models.Model):
    """What was learned, in its latest wording: the highest number counts. Rows are only ever added."""

    entry = models.ForeignKey(
        ArchiveEntry, on_delete=models.PROTECT, related_name="notes", verbose_name=_("archive entry")
    )
    number = models.PositiveIntegerField(_("number"))
    text = models.TextField(_("text"), max_length=5000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("author")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("learning note")
        verbose_name_plural = _("learning notes")
        ordering: ClassVar = ["entry", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["entry", "number"], name="learning_note_number_once"),
        ]

    def __str__(self) -> str:
        return f"{self.entry} · {self.number}"
