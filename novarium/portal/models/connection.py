"""Connections: the keys by which a product evaluates features and sends events."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

MOST_PER_MINUTE = 1_000_000


class Connection(models.Model):
    """A product's key to the API, owned by a team; only the key's hash is stored.

    A client key is shipped in web pages and apps, where anybody can read it, so it may only evaluate and send events.
    """

    class Kind(models.TextChoices):
        """Where the key is kept."""

        CLIENT = "client", _("Client key")
        SERVER = "server", _("Server key")

    class Scope(models.TextChoices):
        """What the key may be used for."""

        EVALUATE = "evaluate", _("Evaluate features")
        INGEST = "ingest", _("Send events")
        READ = "read", _("Read results")
        MANAGE = "manage", _("Manage experiments")

    team = models.ForeignKey(
        "portal.Team", on_delete=models.PROTECT, related_name="connections", verbose_name=_("team")
    )
    name = models.CharField(_("name"), max_length=80)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    key_prefix = models.CharField(_("key begins with"), max_length=20)
    key_digest = models.CharField(_("digest"), max_length=128, unique=True)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), verbose_name=_("scopes"))
    origins = ArrayField(models.CharField(max_length=260), verbose_name=_("web origins"), default=list, blank=True)
    per_minute = models.PositiveIntegerField(_("calls a minute"), default=6000)
    logs_exposures = models.BooleanField(_("stores exposures"), default=True)
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="connections", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(kind__in=["client", "server"]), name="connection_kind_known"),
            models.CheckConstraint(
                condition=~Q(scopes=[]) & Q(scopes__contained_by=["evaluate", "ingest", "read", "manage"]),
                name="connection_scopes_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="server") | Q(scopes__contained_by=["evaluate", "ingest"]),
                name="connection_client_reads_nothing",
            ),
            models.CheckConstraint(condition=Q(kind="client") | Q(origins=[]), name="connection_server_has_no_origins"),
            models.CheckConstraint(
                condition=Q(per_minute__gte=1, per_minute__lte=MOST_PER_MINUTE), name="connection_rate_in_range"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="connection_ends_after_it_began",
            ),
            models.UniqueConstraint(
                fields=["team", "name"], condition=Q(revoked_at__isnull=True), name="connection_name_once_a_team"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def scope_labels(self) -> str:
        """The scopes in the reader's words."""
        return ", ".join(str(self.Scope(scope).label) for scope in self.scopes)

    @property
    def state(self) -> str:
        """``active``, ``expired`` or ``revoked``."""
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at and self.expires_at <= timezone.now() else "active"
