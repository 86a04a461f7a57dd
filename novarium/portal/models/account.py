"""People, teams, and who is what in which team."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from novarium.portal.roles import Role


class User(AbstractUser):
    """A person who logs in to the portal."""

    class Theme(models.TextChoices):
        """How pages look."""

        AUTO = "auto", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    language = models.CharField(
        _("language"), max_length=5, choices=[("en", "English"), ("ko", "한국어")], default="en"
    )
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)
    through = ""  # name of the connection by which a program acts in place of the person; no column

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @cached_property
    def roles(self) -> dict[int, Role]:
        """Role by team id; read once a request."""
        return {team_id: Role(role) for team_id, role in self.memberships.values_list("team_id", "role")}

    @cached_property
    def is_platform_admin(self) -> bool:
        """Whether the person is an admin in every team."""
        return bool(self.is_active and self.is_staff and self.is_superuser)


class Team(models.Model):
    """A group of analysts that owns features, metrics and experiments."""

    key = models.SlugField(_("key"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=80)
    requires_review = models.BooleanField(
        _("requires review"),
        default=True,
        help_text=_("A lead other than the author approves a design before its launch."),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """What a person is in a team."""

    class TeamRole(models.TextChoices):
        """The roles a team can give; admin is given to the account itself."""

        VIEWER = Role.VIEWER.value, _("Viewer")
        ANALYST = Role.ANALYST.value, _("Analyst")
        LEAD = Role.LEAD.value, _("Lead")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("user"))
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships", verbose_name=_("team"))
    role = models.CharField(_("role"), max_length=10, choices=TeamRole)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "team"], name="membership_one_role_per_team"),
            models.CheckConstraint(
                condition=Q(role__in=[Role.VIEWER.value, Role.ANALYST.value, Role.LEAD.value]),
                name="membership_role_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.team} · {self.role}"
