"""Decisions on runs, and what they brought into production."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Decision(models.Model):
    """What a lead decided on a run, and why. Grain: one row a run; rows never change."""

    class Outcome(models.TextChoices):
        """What became of the treatment."""

        ADOPTED = "adopted", _("Adopted")
        REJECTED = "rejected", _("Rejected")

    run = models.OneToOneField("experiments.Run", on_delete=models.PROTECT, related_name="+", verbose_name=_("run"))
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome)
    variant = models.CharField(_("adopted variant"), max_length=40, blank=True)
    note = models.TextField(_("note"))
    breaches = models.JSONField(
        _("objections"), default=list, help_text=_("What spoke against adopting, as codes; see analytics.objections.")
    )
    override_reason = models.TextField(_("reason for overriding"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="decisions",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), auto_now_add=True)

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering: ClassVar = ["-decided_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(outcome="adopted") & ~Q(variant="") | Q(outcome="rejected", variant=""),
                name="decision_names_the_adopted_variant",
            ),
            models.CheckConstraint(condition=~Q(note=""), name="decision_has_a_note"),
            models.CheckConstraint(
                condition=Q(outcome="rejected") | Q(breaches=[]) | ~Q(override_reason=""),
                name="decision_override_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run} · {self.get_outcome_display()}"


class Adoption(models.Model):
    """The revision of a feature that a decision made live. Grain: one row a decision; rows never change."""

    decision = models.OneToOneField(
        Decision, on_delete=models.PROTECT, related_name="adoption", verbose_name=_("decision")
    )
    feature = models.CharField(_("feature"), max_length=60)
    revision = models.PositiveIntegerField(_("revision"))
    replaced_revision = models.PositiveIntegerField(_("replaced revision"))
    adopted_at = models.DateTimeField(_("adopted at"), auto_now_add=True)

    class Meta:
        verbose_name = _("adoption")
        verbose_name_plural = _("adoptions")
        ordering: ClassVar = ["-adopted_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["feature", "revision"], name="adoption_revision_once"),
            models.CheckConstraint(condition=Q(revision__gt=F("replaced_revision")), name="adoption_goes_forward"),
        ]

    def __str__(self) -> str:
        return f"{self.feature} · {self.revision}"
