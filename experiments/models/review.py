"""What happens to a design before its launch: reviews, previews that were opened, and what was said once."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Review(models.Model):
    """A request to look at a design, and what the reviewer said; ``design`` is the snapshot that was looked at."""

    class Verdict(models.TextChoices):
        """What came of it; empty while it is open."""

        OPEN = "", _("Waiting for a reviewer")
        APPROVED = "approved", _("Approved")
        CHANGES = "changes_requested", _("Changes asked for")
        SUPERSEDED = "superseded", _("Design changed before it was read")
        WITHDRAWN = "withdrawn", _("Withdrawn before it was read")

    experiment = models.ForeignKey(
        "experiments.Experiment", on_delete=models.CASCADE, related_name="reviews", verbose_name=_("experiment")
    )
    run_number = models.PositiveIntegerField(_("run number"))
    design = models.JSONField(_("design"))
    design_hash = models.CharField(_("hash of the design"), max_length=64)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("requested by")
    )
    requested_at = models.DateTimeField(_("requested at"))
    note = models.TextField(_("note"), blank=True)
    reviewer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("reviewer"),
    )
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict, blank=True, default=Verdict.OPEN)
    reason = models.TextField(_("reason"), blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["experiment"], condition=Q(verdict=""), name="review_one_open"),
            models.CheckConstraint(
                condition=Q(verdict__in=["", "approved", "changes_requested", "superseded", "withdrawn"]),
                name="review_verdict_known",
            ),
            models.CheckConstraint(
                condition=Q(verdict="", decided_at__isnull=True) | (~Q(verdict="") & Q(decided_at__isnull=False)),
                name="review_decided_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(verdict__in=["approved", "changes_requested"]) | Q(reviewer__isnull=False),
                name="review_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(reviewer__isnull=True) | ~Q(reviewer=F("requested_by")), name="review_by_another_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.experiment} · {self.get_verdict_display()}"

    @property
    def is_open(self) -> bool:
        """Whether nobody has decided yet."""
        return self.verdict == self.Verdict.OPEN


class SeenPreview(models.Model):
    """A person opened the preview of a variant; ``value_hash`` says of which feature and value."""

    experiment = models.ForeignKey(
        "experiments.Experiment", on_delete=models.CASCADE, related_name="seen_previews", verbose_name=_("experiment")
    )
    value_hash = models.CharField(_("hash of the value"), max_length=64)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("user")
    )
    seen_at = models.DateTimeField(_("seen at"), auto_now_add=True)

    class Meta:
        verbose_name = _("opened preview")
        verbose_name_plural = _("opened previews")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["experiment", "value_hash", "user"], name="seen_preview_once"),
        ]

    def __str__(self) -> str:
        return f"{self.experiment} · {self.user}"


class Announcement(models.Model):
    """Something that was said once: a ramp that is held, a scheduled launch that could not be made."""

    class Kind(models.TextChoices):
        """What it is about."""

        RAMP_HELD = "ramp_held", _("The ramp is held")
        LAUNCH_REFUSED = "launch_refused", _("The scheduled launch could not be made")

    experiment = models.ForeignKey(
        "experiments.Experiment", on_delete=models.CASCADE, related_name="announcements", verbose_name=_("experiment")
    )
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    occasion = models.CharField(_("occasion"), max_length=80)
    text = models.TextField(_("text"))
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("announcement")
        verbose_name_plural = _("announcements")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["experiment", "kind", "occasion"], name="announcement_once"),
            models.CheckConstraint(condition=Q(kind__in=["ramp_held", "launch_refused"]), name="announcement_known"),
        ]

    def __str__(self) -> str:
        return self.text
