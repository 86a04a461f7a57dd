"""API tokens: hashed at rest by knox, with a name and scopes."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _
from knox.models import AbstractAuthToken


class ApiToken(AbstractAuthToken):
    """A program's key to the API in the name of a person; only its hash is stored."""

    class Scope(models.TextChoices):
        """What a token may be used for, within what its person may do."""

        READ = "read", _("Read results")
        MANAGE = "manage", _("Manage experiments")
        INGEST = "ingest", _("Send events")
        EVALUATE = "evaluate", _("Evaluate features")

    name = models.CharField(_("name"), max_length=80)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), verbose_name=_("scopes"), default=list)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")
        ordering: ClassVar = ["-created"]

    def __str__(self) -> str:
        return f"{self.name} · {self.user}"

    @property
    def scope_labels(self) -> str:
        """The scopes in the reader's words."""
        return ", ".join(str(self.Scope(scope).label) for scope in self.scopes)
