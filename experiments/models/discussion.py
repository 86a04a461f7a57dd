"""What people say about an experiment, and who is told of what happens to it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

MAX_COMMENT = 4000


class Comment(models.Model):
    """One remark, as plain text; the audit log keeps what it said before it was edited or deleted."""

    experiment = models.ForeignKey(
        "experiments.Experiment", on_delete=models.CASCADE, related_name="comments", verbose_name=_("experiment")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments", verbose_name=_("author")
    )
    text = models.TextField(_("text"), max_length=MAX_COMMENT)
    submission = models.UUIDField(_("submission"), help_text=_("Of the form, so that a form sent twice counts once."))
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created at"))
    edited_at = models.DateTimeField(_("edited at"), null=True, blank=True)

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["author", "submission"], name="comment_submission_once"),
            models.CheckConstraint(condition=~Q(text=""), name="comment_says_something"),
            models.CheckConstraint(
                condition=Q(version=1, edited_at__isnull=True)
                | Q(version__gt=1, edited_at__isnull=False, edited_at__gte=F("created_at")),
                name="comment_edited_has_time",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["experiment", "-created_at"], name="comment_by_experiment")]

    def __str__(self) -> str:
        return self.text[:80]


class Watch(models.Model):
    """Whether a person is told of what happens to an experiment; the owner is, even without a row."""

    experiment = models.ForeignKey(
        "experiments.Experiment", on_delete=models.CASCADE, related_name="watches", verbose_name=_("experiment")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watches", verbose_name=_("user")
    )
    muted = models.BooleanField(
        _("muted"), default=False, help_text=_("The person does not want to be told, whatever else would make them.")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("watch")
        verbose_name_plural = _("watches")
        ordering: ClassVar = ["experiment", "user"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["experiment", "user"], name="watch_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.experiment}"
