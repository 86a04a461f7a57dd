"""Designs a team keeps to begin the next ones from."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class DesignTemplate(models.Model):
    """What a team starts new experiments from; ``experiments.designs.design_templates`` says what ``content`` holds."""

    team = models.ForeignKey(
        "portal.Team", on_delete=models.PROTECT, related_name="design_templates", verbose_name=_("team")
    )
    name = models.CharField(_("name"), max_length=80)
    description = models.CharField(_("description"), max_length=500, blank=True)
    content = models.JSONField(_("content"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("design template")
        verbose_name_plural = _("design templates")
        ordering: ClassVar = ["team", "name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["team", "name"], name="template_name_once_per_team")]

    def __str__(self) -> str:
        return self.name
